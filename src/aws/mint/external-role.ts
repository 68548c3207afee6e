import { type MintFacts, mintContext } from '../context/mint-context.ts';
import { roleOnTop } from '../credentials/assume-role.ts';
import { resolveCredentials } from '../credentials/resolve-credentials.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';
import { decidePlan } from './decide-plan.ts';
import { locateSTS } from './locate-sts.ts';

/**
 * The keys of a role that requires an external id, which `aws eks get-token` cannot send. They have the shape of the
 * AWS SDK.
 */
export async function externalRoleKeys(
  facts: MintFacts,
  roleArn: string,
  externalId: string,
): Promise<SigningKeys & { readonly expiration?: Date }> {
  const mint = mintContext(facts);
  const { plan, files } = await decidePlan(mint);
  const planned = { ...mint, plan, files, sts: await locateSTS(plan, mint) };
  const { credentials: keys } = await resolveCredentials(planned);
  const { expiresAt, ...assumed } = await roleOnTop(roleArn, keys, planned, externalId);
  return { ...assumed, ...(expiresAt && { expiration: expiresAt }) };
}
