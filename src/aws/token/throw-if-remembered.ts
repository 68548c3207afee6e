import { failureCode, readFailureMessage } from '../../cache/entry/failure.ts';
import type { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { own, sentence } from '../../text/sentence.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { clusterLabel, type SharedEntry } from './shared-entry.ts';

/**
 * Throws the failure of another process if the cache remembers it for the same identity and no source has changed
 * since.
 * @throws EKSAuthError of the same kind, with the cause and the remedy that were told there
 */
export async function throwIfRemembered(
  { config, host }: { readonly config: EKSAuthConfig; readonly host: Host },
  cache: TokenCache,
  { key, command }: SharedEntry,
): Promise<void> {
  const remembered = await cache.readFailure(key, { command, env: host.env });
  if (remembered === undefined) return;
  const { cause, remedy } = readFailureMessage(remembered.message);
  const before = `There was no token for ${clusterLabel(config)} a moment ago, and nothing has changed since`;
  const message = cause === '' ? `${before}.` : sentence`${own(before)}: ${new ForeignText(cause)}`;
  throw new EKSAuthError(failureCode(remembered.failure), message, { remedy });
}
