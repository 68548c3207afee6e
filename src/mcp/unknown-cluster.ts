import type { Cluster } from '../cluster/clients/cluster.ts';
import type { EKSAuthError } from '../errors.ts';
import { suggestNames } from '../text/nearest-names.ts';
import { own, sentence } from '../text/sentence.ts';
import { isOfContext, type OperatorContext, onlyOfCluster } from './operator/operator-contexts.ts';
import { refusal } from './refusal.ts';

/**
 * The error for an id that is not registered. A context that has this name is more likely meant than a registered cluster
 * with a similar one, which may be another identity.
 */
export function unknownCluster(
  id: string,
  registered: readonly Cluster[],
  contexts: readonly OperatorContext[],
): EKSAuthError {
  const named = contexts.find(({ selected }) => selected.context.name === id);
  const meant = named ?? onlyOfCluster(contexts, id);
  if (meant === undefined) {
    const ids = registered.map((one) => one.id);
    return refusal(
      'INVALID_CONFIG',
      sentence`No cluster ${id} is registered.${suggestNames(id, ids)}`,
      own('Use an id from list_eks_clusters, or register the cluster with register_eks_cluster.'),
    );
  }
  const { name } = meant.selected.context;
  const same = registered.find((cluster) => isOfContext(cluster, meant));
  if (same) {
    return refusal(
      'INVALID_CONFIG',
      sentence`The context ${name} is registered as ${same.id}.`,
      sentence`Pass the cluster_id ${same.id}.`,
    );
  }
  return refusal(
    'INVALID_CONFIG',
    sentence`No cluster ${id} is registered, but the context ${name} is available.`,
    sentence`Call register_eks_cluster with the context ${name}, then use the cluster_id that it returns.`,
  );
}

/** The error for an id that cannot be unregistered. No other id is offered, so that no other cluster is unregistered. */
export function notRegistered(id: string): EKSAuthError {
  return refusal(
    'INVALID_CONFIG',
    sentence`No cluster ${id} is registered.`,
    own('Nothing has to be done. list_eks_clusters shows the registered clusters.'),
  );
}
