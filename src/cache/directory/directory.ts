import { dirname, join, resolve } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';
import { setting } from '../../text/setting.ts';

/**
 * The directory of the shared entries: EKSPRESS_CACHE_DIR, else the folder of K8S_TOKEN_CACHE_FILE, else
 * `eks-tokens` in KUBECACHEDIR, which is kubectl's own variable, else `~/.kube/cache/eks-tokens`.
 */
export function cacheDirectory(env: Environment): string {
  const named = setting(env, 'CACHE_DIR');
  if (named !== undefined) return resolve(named);
  if (env.K8S_TOKEN_CACHE_FILE) return dirname(resolve(env.K8S_TOKEN_CACHE_FILE));
  if (env.KUBECACHEDIR) return resolve(env.KUBECACHEDIR, 'eks-tokens');
  return join(homeDirectory(env), '.kube', 'cache', 'eks-tokens');
}
