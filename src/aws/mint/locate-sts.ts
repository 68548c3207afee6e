import type { MintContext } from '../context/mint-context.ts';
import { instanceRegion } from '../credentials/instance-metadata.ts';
import { type STSEndpoint, stsEndpoint } from '../endpoint/sts-endpoint.ts';
import { noRegion } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { checkRegion } from '../plan/region.ts';

/** The STS endpoint of a plan. Where nothing names a region, v2 uses the region of the EC2 instance. */
export async function locateSTS(plan: Plan, mint: MintContext): Promise<STSEndpoint> {
  if (plan.endpoint) return plan.endpoint;
  if (plan.region.from !== 'instance-metadata') throw noRegion(mint.recorder);
  mint.recorder.bindToHost();
  const region = await instanceRegion(plan.region.service, mint);
  if (region === undefined && plan.endpointSettings.customUrl !== undefined) throw noRegion(mint.recorder);
  if (region !== undefined) checkRegion(region, 'the instance metadata service');
  return stsEndpoint(region, plan.endpointSettings);
}
