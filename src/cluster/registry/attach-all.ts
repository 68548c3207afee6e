import type { KubeConfig } from '@kubernetes/client-node';
import { EKSAuthError } from '../../errors.ts';
import { contextNames, selectContext } from '../../kubeconfig/read/select-context.ts';
import { checkOptions } from '../../options/check-options.ts';
import {
  ATTACH_ALL_SCHEMA,
  type AttachAllOptions,
  type AttachedEKSAuth,
  attachContext,
  planContext,
  readObject,
} from './attach-eks-auth.ts';

/** The result of {@link attachAllEKSAuth}. */
export interface AttachedAllEKSAuth extends Disposable {
  /** One for each context, in their order. Contexts with the same user share one. */
  readonly attached: readonly {
    /** The name of the context. */
    readonly context: string;
    /** The attachment of its user. */
    readonly auth: AttachedEKSAuth;
  }[];
  /** One `EKSAuthError` for each context that could not be attached, NOT_EKS for users of other kinds. */
  readonly failed: readonly {
    /** The name of the context. */
    readonly context: string;
    /** The reason why its user keeps its own authentication, or why its server gets no token. */
    readonly error: EKSAuthError;
  }[];
  /** Restores all users and stops refreshing their tokens. May be called again. */
  detach(): void;
}

/**
 * Does for all contexts of a KubeConfig what {@link attachEKSAuth} does for one. Each context is checked by itself, and again
 * before each request: a token goes only to the server of the current context, if that was trusted.
 *
 * A client of client-node is for the context that was current when it was made. After `setCurrentContext` its requests
 * are SERVER_UNTRUSTED, where stock client-node sends the credentials of the new context to the old server. To use
 * several contexts at once, call {@link ClusterRegistry.registerAll}.
 * @throws EKSAuthError INVALID_KUBECONFIG where the object has no contexts, INVALID_CONFIG; errors of single contexts
 * are in `failed`
 * @example
 * ```ts
 * import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
 * import { attachAllEKSAuth } from 'ekspress';
 *
 * const kubeConfig = new KubeConfig();
 * kubeConfig.loadFromDefault();
 * using all = await attachAllEKSAuth(kubeConfig);
 * for (const { context } of all.attached) {
 *   kubeConfig.setCurrentContext(context);
 *   const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespace();
 *   console.log(context, items.length);
 * }
 * ```
 */
export async function attachAllEKSAuth(
  kubeConfig: KubeConfig,
  options: AttachAllOptions = {},
): Promise<AttachedAllEKSAuth> {
  checkOptions('attachAllEKSAuth', options, ATTACH_ALL_SCHEMA);
  const loaded = readObject(kubeConfig);
  const byUser = new Map<string, AttachedEKSAuth>();
  const attached: AttachedAllEKSAuth['attached'][number][] = [];
  const failed: AttachedAllEKSAuth['failed'][number][] = [];
  const detach = (): void => {
    for (const auth of byUser.values()) auth.detach();
  };
  for (const context of contextNames([loaded])) {
    try {
      const selected = selectContext([loaded], context);
      const before = byUser.get(selected.user.name);
      if (before !== undefined) await planContext(selected, options);
      const auth = before ?? (await attachContext(kubeConfig, selected, options));
      byUser.set(selected.user.name, auth);
      attached.push({ context, auth });
    } catch (error) {
      if (!(error instanceof EKSAuthError)) {
        detach();
        throw error;
      }
      failed.push({ context, error });
    }
  }
  return { attached, failed, detach, [Symbol.dispose]: detach };
}
