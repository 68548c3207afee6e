import { isTransparentCache, TOKEN_CACHE_SCRIPT } from '../../kubeconfig/read/other-caches.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';

/**
 * Seconds that a credential adds to each kubectl command, as measured on a machine with two cores. Constants, so that
 * contexts can be compared.
 */
const SECONDS = {
  hit: 0.003,
  encryptedHit: 0.05,
  miss: 0.25,
  aws: 0.7,
  'aws-iam-authenticator': 0.1,
  'aws-vault': 0.9,
  [TOKEN_CACHE_SCRIPT]: 0.06,
  otherCache: 0.02,
} as const;

/** The seconds that a credential adds to each kubectl command of this context now. Undefined if no command is run. */
export function costPerCommand(context: DescribedContext, hit: boolean): number | undefined {
  const { exec, state, wrapping, original, config } = context;
  // How long another plugin takes is not known.
  if (state === 'applied' && !config) return undefined;
  if (!exec || state === 'other' || state === 'other-command' || state === 'invalid') return undefined;
  if (state === 'applied' && hit && config?.encrypt !== undefined) return SECONDS.encryptedHit;
  return secondsOf(state === 'applied' ? 'plugin' : (wrapping?.tool ?? original?.command ?? ''), hit);
}

function secondsOf(command: string, hit: boolean): number | undefined {
  if (command === 'plugin') return hit ? SECONDS.hit : SECONDS.miss;
  const program = command.slice(command.lastIndexOf('/') + 1);
  if (program === TOKEN_CACHE_SCRIPT) return SECONDS[TOKEN_CACHE_SCRIPT];
  if (isTransparentCache(program)) return SECONDS.otherCache;
  if (program === 'aws' || program === 'aws-iam-authenticator' || program === 'aws-vault') return SECONDS[program];
  return undefined;
}
