import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';

/** `arn:aws:eks:us-west-2:123456789012:cluster/prod`: region and name, as `aws eks update-kubeconfig` names entries. */
const CLUSTER_ARN = /^arn:aws[a-z-]*:eks:([a-z0-9-]+):\d{12}:cluster\/([0-9A-Za-z][\w-]*)$/;

/**
 * The ARN of the cluster where the kubeconfig names its entries by it, else the name of the context.
 * A name that speaks of another cluster than the one that tokens are made for is not believed.
 */
export function defaultClusterId({ context, cluster, user }: SelectedContext, config?: EKSAuthConfig): string {
  const arn = [cluster.name, user.name].find((name) => {
    const parts = CLUSTER_ARN.exec(name);
    if (!parts) return false;
    const [, region, clusterName] = parts;
    if (config?.clusterName !== undefined && config.clusterName !== clusterName) return false;
    return config?.region === undefined || config.region === region;
  });
  return arn ?? context.name;
}

/**
 * Ids of contexts that are registered together: those that would share one are called by their contexts, whose names
 * are not shared. Keyed by context.
 */
export function distinctIds(
  planned: readonly { readonly context: string; readonly id: string }[],
): ReadonlyMap<string, string> {
  const ids = new Map(planned.map(({ context, id }) => [context, id]));
  for (let clashed = true; clashed; ) {
    const uses = new Map<string, number>();
    for (const id of ids.values()) uses.set(id, (uses.get(id) ?? 0) + 1);
    clashed = false;
    for (const [context, id] of ids) {
      if (uses.get(id) === 1 || id === context) continue;
      ids.set(context, context);
      clashed = true;
    }
  }
  return ids;
}
