import { isEKSUser } from '../../aws/stanza/eks-user.ts';
import { EKSAuthError } from '../../errors.ts';
import { type HostOptions, hostFrom } from '../../host.ts';
import { contextNames, selectContext } from '../../kubeconfig/read/select-context.ts';
import { checkOptions } from '../../options/check-options.ts';
import { HOST_SCHEMA } from '../../options/host-schema.ts';
import { loadClientNode } from '../clients/client-node.ts';
import { isKubeconfigText, loadKubeconfigFiles, loadKubeconfigString } from '../follow/load-kubeconfig.ts';

/** A context of a kubeconfig. */
export interface ListedContext {
  /** The value of `{ context }` in the options of a register method. */
  readonly name: string;
  /** Whether it is the current-context. */
  readonly isCurrent: boolean;
  /** Whether its user gets EKS tokens, so that the EKS register methods take it. */
  readonly isEKS: boolean;
  /** The URL of its API server; absent where the context cannot be used. */
  readonly server?: string;
  /** The reason why the context cannot be used. */
  readonly problem?: EKSAuthError;
}

/**
 * The contexts of a kubeconfig, in their order. Nothing is run, and no connection is made.
 * @param textOrPath a text has several lines, or begins with `{`. Default: the `KUBECONFIG` list, else `~/.kube/config`
 * @throws EKSAuthError INVALID_KUBECONFIG where the kubeconfig cannot be read, INVALID_CONFIG
 * @example
 * ```ts
 * import { listContexts } from 'ekspress';
 *
 * for (const { name, isEKS, problem } of await listContexts()) console.log(name, isEKS, problem?.message);
 * ```
 */
export async function listContexts(textOrPath?: string, options: HostOptions = {}): Promise<readonly ListedContext[]> {
  checkOptions('listContexts', options, HOST_SCHEMA);
  const clientNode = await loadClientNode();
  const kubeconfig = isKubeconfigText(textOrPath)
    ? loadKubeconfigString(clientNode, textOrPath)
    : await loadKubeconfigFiles(clientNode, textOrPath, hostFrom(options));
  const current = kubeconfig.find((file) => file.currentContext !== undefined)?.currentContext;
  return contextNames(kubeconfig).map((name): ListedContext => {
    const isCurrent = name === current;
    try {
      const selected = selectContext(kubeconfig, name);
      return { name, isCurrent, isEKS: isEKSUser(selected), server: selected.cluster.server };
    } catch (problem) {
      if (!(problem instanceof EKSAuthError)) throw problem;
      return { name, isCurrent, isEKS: false, problem };
    }
  });
}
