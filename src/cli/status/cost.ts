import type { DescribedContext } from '../contexts/describe-context.ts';

/**
 * Seconds that a credential costs each kubectl command, as measured on a machine with two cores: the same for a
 * context each time, so that contexts can be compared.
 */
const SECONDS = {
  hit: 0.003,
  miss: 0.25,
  aws: 0.7,
  'aws-iam-authenticator': 0.1,
  'aws-vault': 0.9,
  'eks-token-cache.sh': 0.06,
  otherCache: 0.02,
} as const;

/** What getting the credential costs each kubectl command of this context now; undefined where nothing is run. */
export function costPerCommand(context: DescribedContext, hit: boolean): number | undefined {
  const { exec, state, wrapping, original, config } = context;
  // How long another plugin takes, nobody knows.
  if (state === 'applied' && !config) return undefined;
  if (!exec || state === 'other' || state === 'invalid') return undefined;
  return secondsOf(state === 'applied' ? 'plugin' : (wrapping?.tool ?? original?.command ?? ''), hit);
}

function secondsOf(command: string, hit: boolean): number | undefined {
  if (command === 'plugin') return hit ? SECONDS.hit : SECONDS.miss;
  const program = command.slice(command.lastIndexOf('/') + 1);
  if (program === 'eks-token-cache.sh') return SECONDS['eks-token-cache.sh'];
  if (/^(k8s-token-cache|kcc-cache|kubecredcache)$/.test(program)) return SECONDS.otherCache;
  if (program === 'aws' || program === 'aws-iam-authenticator' || program === 'aws-vault') return SECONDS[program];
  return undefined;
}
