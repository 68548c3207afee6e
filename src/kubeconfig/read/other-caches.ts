/** Caches that run the command in their arguments unchanged. */
const TRANSPARENT_CACHES: ReadonlySet<string> = new Set(['k8s-token-cache', 'kcc-cache', 'kubecredcache']);

/** A cache whose arguments are `<cluster> <region> [profile]`. It drops all other words of the original command. */
export const TOKEN_CACHE_SCRIPT = 'eks-token-cache.sh';

/** Whether a program is a cache that runs the command in its arguments unchanged. */
export function isTransparentCache(program: string): boolean {
  return TRANSPARENT_CACHES.has(program);
}

/**
 * The AWS command that `<cluster> <region> [profile]` stands for.
 * @returns undefined without a cluster and a region
 */
export function commandOfNames([cluster, region, profile]: readonly string[]):
  | { readonly command: 'aws'; readonly args: readonly string[] }
  | undefined {
  if (!cluster || !region) return undefined;
  const named = profile === undefined || profile === '' || profile === 'default' ? [] : ['--profile', profile];
  return { command: 'aws', args: ['eks', 'get-token', '--cluster-name', cluster, '--region', region, ...named] };
}
