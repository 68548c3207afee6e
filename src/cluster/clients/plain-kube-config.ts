import type { KubeConfig } from '@kubernetes/client-node';
import type { SelectedContext, SelectedUser } from '../../kubeconfig/read/select-context.ts';
import type { AuthProviderMark } from '../requests/cluster-auth.ts';
import type { ClientNode } from './client-node.ts';

/**
 * A KubeConfig with one context only. With several, setting another current context would send the credentials of one
 * cluster to the server of another.
 * @param mark for EKS users; replaces the `exec` that client-node would run
 */
export function plainKubeConfig(
  clientNode: ClientNode,
  selected: SelectedContext,
  mark?: AuthProviderMark,
): KubeConfig {
  const kubeConfig = new clientNode.KubeConfig();
  fillKubeConfig(kubeConfig, selected, mark);
  return kubeConfig;
}

/** Replaces the content of a KubeConfig with one context. */
export function fillKubeConfig(kubeConfig: KubeConfig, selected: SelectedContext, mark?: AuthProviderMark): void {
  const { context, cluster, user } = selected;
  kubeConfig.loadFromOptions({
    // Copies: a caller may change its KubeConfig, but never the context that requests are compared with.
    clusters: [{ ...cluster }],
    // The mark is compared by reference.
    users: [mark ? { ...withoutCredentials(user), authProvider: mark } : structuredClone(standardUser(user))],
    contexts: [{ ...context, user: user.name }],
    currentContext: context.name,
  });
}

/** The user in client-node's terms, where its names or precedence differ from kubectl's. */
function standardUser(user: SelectedUser): SelectedUser {
  const { tokenFile, ...plain } = user;
  // kubectl prefers the file to a fixed token. It is read at each request.
  if (tokenFile !== undefined) return withoutCredentials(plain);
  // The command is run by ekspress, for users without a fixed token only.
  return { ...plain, exec: undefined };
}

/** Keeps the client certificate and the impersonation, which are valid together with a token. */
function withoutCredentials({
  name,
  certData,
  certFile,
  keyData,
  keyFile,
  impersonateUser,
}: SelectedUser): SelectedUser {
  return { name, certData, certFile, keyData, keyFile, impersonateUser };
}
