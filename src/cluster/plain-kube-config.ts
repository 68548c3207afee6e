import type { KubeConfig } from '@kubernetes/client-node';
import { hasFixedCredentials, type SelectedContext, type SelectedUser } from '../kubeconfig/select-context.ts';
import type { ClientNode } from './client-node.ts';
import type { AuthProviderMark } from './cluster-auth.ts';

/**
 * A KubeConfig with one context and nothing else: setting another current context would send the credentials of one
 * cluster to the server of another.
 * @param mark for EKS users: takes the place of their `exec`, which client-node would otherwise run itself
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

/** Puts a context into a KubeConfig, in place of whatever it held. */
export function fillKubeConfig(kubeConfig: KubeConfig, selected: SelectedContext, mark?: AuthProviderMark): void {
  const { context, cluster, user } = selected;
  kubeConfig.loadFromOptions({
    clusters: [cluster],
    users: [mark ? { ...withoutCredentials(user), authProvider: mark } : standardUser(user)],
    contexts: [{ ...context, user: user.name }],
    currentContext: context.name,
  });
}

/** Whom client-node means by a user, where kubectl and it have different names or precedence for the same. */
function standardUser(user: SelectedUser): SelectedUser {
  const { tokenFile, ...plain } = user;
  if (tokenFile !== undefined) {
    // kubectl prefers the file; client-node would let a fixed token win, and knows the file as an auth-provider.
    return { ...withoutCredentials(plain), authProvider: { name: 'tokenFile', config: { tokenFile } } };
  }
  // client-node would run the command, for nothing.
  return hasFixedCredentials(user) ? { ...plain, exec: undefined } : plain;
}

/** The certificate and the impersonation stay: they hold beside a token. */
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
