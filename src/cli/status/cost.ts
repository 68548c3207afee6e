import type { DescribedContext } from '../contexts/describe-context.ts';

/**
 * Seconds that a credential costs each kubectl command, measured on a machine with two cores and Node starting in
 * {@link REFERENCE_START_SECONDS}: they are estimates, scaled by how quickly this process has started.
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
const REFERENCE_START_SECONDS = 0.04;

/** What getting the credential costs each kubectl command of this context now; undefined where nothing is run. */
export function costPerCommand(context: DescribedContext, hit: boolean): number | undefined {
  const { exec, state, wrapping, original, config } = context;
  // How long another plugin takes, nobody knows.
  if (state === 'applied' && !config) return undefined;
  if (!exec || state === 'other' || state === 'invalid') return undefined;
  const seconds = secondsOf(state === 'applied' ? 'plugin' : (wrapping?.tool ?? original?.command ?? ''), hit);
  if (seconds === undefined) return undefined;
  return Math.round(seconds * pace() * 1000) / 1000;
}

function secondsOf(command: string, hit: boolean): number | undefined {
  if (command === 'plugin') return hit ? SECONDS.hit : SECONDS.miss;
  const program = command.slice(command.lastIndexOf('/') + 1);
  if (program === 'eks-token-cache.sh') return SECONDS['eks-token-cache.sh'];
  if (/^(k8s-token-cache|kcc-cache|kubecredcache)$/.test(program)) return SECONDS.otherCache;
  if (program === 'aws' || program === 'aws-iam-authenticator' || program === 'aws-vault') return SECONDS[program];
  return undefined;
}

/** This machine against the one of the measurements, within reason. */
function pace(): number {
  const { bootstrapComplete, nodeStart } = performance.nodeTiming;
  const seconds = (bootstrapComplete - nodeStart) / 1000;
  return Math.min(2, Math.max(0.5, seconds / REFERENCE_START_SECONDS));
}
