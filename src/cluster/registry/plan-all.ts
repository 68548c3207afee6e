import { EKSAuthError } from '../../errors.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';
import { contextNames, type SelectedContext, selectContext } from '../../kubeconfig/read/select-context.ts';
import type { ClusterPlan } from './assemble-cluster.ts';
import { distinctIds } from './cluster-id.ts';

/** A context that cannot be registered, and the reason. */
interface Failed {
  readonly context: string;
  readonly error: EKSAuthError;
}

/**
 * Plans every context of a kubeconfig and registers what can be registered. Contexts with the same ARN get their context
 * names as ids.
 * @returns the contexts that cannot be registered
 */
export async function forEachContext(
  kubeconfig: Kubeconfig,
  plan: (selected: SelectedContext) => Promise<ClusterPlan>,
  register: (plan: ClusterPlan) => void,
): Promise<readonly Failed[]> {
  const plans: { context: string; plan: ClusterPlan }[] = [];
  const failed: Failed[] = [];
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
    await attempt(context, () => register({ ...planned, id: ids.get(context) ?? context }));
  }
  return failed;
}
