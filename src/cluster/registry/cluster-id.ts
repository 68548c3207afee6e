import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { EKSAuthError } from '../../errors.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { own, sentence } from '../../text/sentence.ts';

/** `arn:aws:eks:us-west-2:123456789012:cluster/prod`, the entry name that `aws eks update-kubeconfig` writes. */
const CLUSTER_ARN = /^arn:aws[a-z-]*:eks:([a-z0-9-]+):\d{12}:cluster\/([0-9A-Za-z][\w-]*)$/;

/**
 * The ARN of the cluster if an entry of the kubeconfig is named by it, else the name of the context.
 * An ARN of another cluster than the one in the config is ignored.
 * @param from - in a text from elsewhere, only an EKS user shows that an ARN is the cluster's own
 * @throws EKSAuthError INVALID_CONFIG for a text whose context is named by the ARN of another cluster
 */
export function defaultClusterId(
  { context, cluster, user, place }: SelectedContext,
  config: EKSAuthConfig | undefined,
  from: 'path' | 'string' = 'path',
): string {
  const isOwn = (name: string): boolean => {
    const [, region, clusterName] = CLUSTER_ARN.exec(name) ?? [];
    if (region === undefined || (config === undefined && from === 'string')) return false;
    if (config?.clusterName !== undefined && config.clusterName !== clusterName) return false;
    return config?.region === undefined || config.region === region;
  };
  const arn = [cluster.name, user.name].find(isOwn);
  if (arn !== undefined) return arn;
  if (from === 'string' && CLUSTER_ARN.test(context.name) && !isOwn(context.name)) {
    const message = sentence`context ${context.name} in ${own(place)} has the ARN of an EKS cluster as its name, and its user is not one of that cluster.`;
    throw new EKSAuthError('INVALID_CONFIG', message, {
      remedy: 'Rename the context, or register it alone with an { id } of your own.',
    });
  }
  return context.name;
}

/**
 * The ids of contexts that are registered together, by context name. Contexts with the same id get the context name,
 * which is unique, as their id.
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
