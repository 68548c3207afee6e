import type { Recorder } from '../../recording/recorder.ts';
import { type MintFacts, mintContext } from '../context/mint-context.ts';
import { resolveCredentials } from '../credentials/resolve-credentials.ts';
import { eksEndpoint } from '../endpoint/eks-endpoint.ts';
import { exchangeWithRetry } from '../http/exchange.ts';
import { isJSONOfAWS, notOfAWS } from '../http/not-aws.ts';
import type { HTTPResponse } from '../http/transport.ts';
import { configuredEKS } from '../plan/region.ts';
import { readSettings } from '../plan/settings.ts';
import { signedHeaders } from '../sign/signed-headers.ts';
import { Undecidable } from '../undecidable.ts';
import { decidePlan } from './decide-plan.ts';
import { locateSTS } from './locate-sts.ts';

/** An answer of EKS in JSON, with what was asked. */
export interface EKSAnswer {
  readonly response: HTTPResponse;
  readonly url: string;
  readonly region: string;
  readonly profile: string | undefined;
}

/** The attempts of patient work, for which a throttled service is asked more often. */
const PATIENT_ATTEMPTS = 10;

/**
 * Sends a GET request to EKS, as the identity of the stanza's tokens, through the gate of that identity.
 * @param path with a query in the order of the alphabet, encoded
 * @throws EKSAuthError, Undecidable
 */
export async function askEKS(
  facts: MintFacts,
  path: string,
  { patient = false, noRegion }: { readonly patient?: boolean; readonly noRegion: (recorder: Recorder) => Error },
): Promise<EKSAnswer> {
  const mint = mintContext(facts);
  const { transport, signal, memory, urgency } = mint;
  const { tool, through } = mint.config.command;
  if (tool !== 'aws' || through) throw new Undecidable('the user is not of `aws eks get-token`');
  const { plan, files } = await decidePlan(mint);
  const region = 'name' in plan.region ? plan.region.name : undefined;
  if (region === undefined) throw noRegion(mint.recorder);
  const sts = await locateSTS(plan, mint);
  const { credentials } = await resolveCredentials({ ...mint, plan, files, sts });
  const ofProfile = { others: new Map(), ...(plan.profile !== undefined && { profile: plan.profile }) };
  const { recorder } = mint;
  const settings = readSettings({ ...plan, arguments: ofProfile, recorder, files });
  const customUrl = configuredEKS(settings);
  const { customUrl: _ofSTS, ...endpoint } = plan.endpointSettings;
  const url = `${eksEndpoint(region, { ...endpoint, ...(customUrl !== undefined && { customUrl }) })}${path}`;
  const headers = signedHeaders({ url, service: 'eks', region }, credentials, facts.host.now());
  const request = { method: 'GET', url, headers, ...plan.http, proxied: true, signal } as const;
  const attempts = Math.max(plan.retry.attempts, patient ? PATIENT_ATTEMPTS : 1);
  const way = { ...memory.gates.to('eks', url, credentials.accessKeyId), urgency };
  const response = await exchangeWithRetry(transport, request, { ...plan.retry, attempts }, way);
  if (!isJSONOfAWS(response)) throw notOfAWS(url, response);
  return { response, url, region, profile: plan.profile };
}
