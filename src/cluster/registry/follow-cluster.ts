import { isDeepStrictEqual } from 'node:util';
import { roleOptionsOf } from '../../aws/stanza/assumed-role.ts';
import { isSameConfig } from '../../aws/stanza/eks-auth-config.ts';
import { readEKSUser } from '../../aws/stanza/eks-user.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';
import { type SelectedContext, selectContext, withoutSource } from '../../kubeconfig/read/select-context.ts';
import { shown } from '../../text/nearest-names.ts';
import type { Cluster } from '../clients/cluster.ts';
import type { Follower } from '../follow/followed-kubeconfig.ts';
import { type ClusterPlan, changeCluster, type SharedParts, withoutStanza } from './assemble-cluster.ts';
import { defaultClusterId } from './cluster-id.ts';

/**
 * Makes a cluster follow its kubeconfig. The context stays the one of the registration, even if the file's
 * current-context changes. Each change is checked by the trust options of the registration.
 * @param plan checks a context
 */
export function clusterFollower(
  cluster: Cluster,
  shared: SharedParts,
  plan: (selected: SelectedContext) => Promise<ClusterPlan>,
): Follower {
  const { events, tokenOptions } = shared;
  const { logger } = tokenOptions;
  return {
    async adopt(kubeconfig: Kubeconfig) {
      const selected = withoutSource(selectContext(kubeconfig, cluster.context));
      if (isUnchanged(cluster, selected)) return;
      const changed = await plan(selected);
      const before = defaultClusterId(cluster.core.selected, cluster.eksAuth);
      const now = defaultClusterId(changed.selected, changed.config);
      // An id that is an ARN must not refer to another cluster from now on.
      if (before !== now && cluster.id === before && before !== cluster.context) throw otherCluster(cluster, now);
      changeCluster(cluster, changed, shared);
      logger.info('the kubeconfig has changed', { cluster: cluster.id });
      events.emit('changed', { cluster });
    },
    refused(error) {
      logger.warn('the kubeconfig cannot be followed', { cluster: cluster.id, code: error.code, error: error.message });
      events.emit('changeRefused', { cluster, error });
    },
  };
}

function isUnchanged(cluster: Cluster, selected: SelectedContext): boolean {
  const { eksAuth } = cluster;
  // These options stand in no kubeconfig; the arguments of other tools do.
  const config = readEKSUser(selected, eksAuth?.command.tool === 'aws' ? roleOptionsOf(eksAuth) : {});
  if ((config === undefined) !== (eksAuth === undefined)) return false;
  if (config !== undefined && eksAuth !== undefined && !isSameConfig(config, eksAuth)) return false;
  const { cluster: server, user, context } = withoutStanza({ selected, config });
  const now = cluster.core.selected;
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return isDeepStrictEqual(plain([server, user, context]), plain([now.cluster, now.user, now.context]));
}

function otherCluster({ id, context }: Cluster, now: string): EKSAuthError {
  const message = `The context ${shown(context)} now names ${shown(now)}; it was registered as ${shown(id)} and is not changed.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, {
    remedy:
      'Unregister the cluster and register it again, or register it with your own { id }, which follows its context.',
  });
}
