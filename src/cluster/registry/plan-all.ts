import { EKSAuthError } from '../../errors.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';
import { contextNames, type SelectedContext, selectContext } from '../../kubeconfig/read/select-context.ts';
import type { Cluster } from '../clients/cluster.ts';
import type { ClusterPlan } from './assemble-cluster.ts';
import { distinctIds } from './cluster-id.ts';
import type { RegisterAllResult } from './register-options.ts';

/** A cluster that was registered, and the one that it replaced. */
interface Added {
  readonly cluster: Cluster;
  readonly replaced: Cluster | undefined;
}

/**
 * Plans every context of a kubeconfig and registers what can be registered. Contexts with the same ARN get their context
 * names as ids.
 */
export async function registerEach(
  kubeconfig: Kubeconfig,
  plan: (selected: SelectedContext) => Promise<ClusterPlan>,
  add: (plan: ClusterPlan) => Added,
): Promise<RegisterAllResult> {
  const added: Added[] = [];
  const plans: { context: string; plan: ClusterPlan }[] = [];
  const failed: { context: string; error: EKSAuthError }[] = [];
  const attempt = async (context: string, action: () => Promise<void> | void): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof EKSAuthError)) throw error;
      failed.push({ context, error });
    }
  };
  for (const context of contextNames(kubeconfig)) {
    await attempt(context, async () => {
      plans.push({ context, plan: await plan(selectContext(kubeconfig, context)) });
    });
  }
  const ids = distinctIds(plans.map(({ context, plan: { id } }) => ({ context, id })));
  for (const { context, plan: planned } of plans) {
    await attempt(context, () => {
      added.push(add({ ...planned, id: ids.get(context) ?? context }));
    });
  }
  await Promise.all(added.map(({ replaced }) => replaced?.core.close()));
  return { registered: added.map(({ cluster }) => cluster), failed };
}
