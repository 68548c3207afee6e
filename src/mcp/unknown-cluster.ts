import type { Cluster } from '../cluster/clients/cluster.ts';
import type { EKSAuthError } from '../errors.ts';
import { nearNames, suggestNames } from '../text/nearest-names.ts';
import { joined, own, sentence } from '../text/sentence.ts';
import { isOfContext, type OperatorContext, onlyOfCluster } from './operator/operator-contexts.ts';
import { refusal } from './refusal.ts';

/**
 * The error for an id that is not registered. A context that has this name is more likely meant than a registered cluster
 * with a similar one, which may be another identity.
 */
export function unknownCluster(
  id: string,
  registered: readonly Cluster[],
  ofOperator: readonly OperatorContext[],
): EKSAuthError {
  const contexts = ofOperator.filter(({ isRefused }) => !isRefused);
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

/** How many ids a message lists. */
const MOST_LISTED = 10;

/** The error for an id that cannot be unregistered. The other ids are listed, but none is offered: it may be another cluster. */
export function notRegistered(id: string, ids: readonly string[]): EKSAuthError {
  if (ids.length === 0) {
    return refusal(
      'INVALID_CONFIG',
      sentence`No cluster ${id} is registered, and no other.`,
      own('Nothing has to be done.'),
    );
  }
  const near = nearNames(id, ids);
  const listed = [...near, ...ids.filter((one) => !near.includes(one))].slice(0, MOST_LISTED);
  const names = joined(
    listed.map((one) => sentence`${one}`),
    ', ',
  );
  const more = ids.length > listed.length ? sentence` and ${ids.length - listed.length} more` : own('');
  return refusal(
    'INVALID_CONFIG',
    sentence`No cluster ${id} is registered. Registered: ${names}${more}.`,
    own('Ask the user whether one of these is meant. If not, nothing has to be done.'),
  );
}
