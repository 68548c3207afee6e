import type { KubeConfig, User } from '@kubernetes/client-node';
import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import { requireEKSUser } from '../aws/eks-user.ts';
import type { TokenManager } from '../aws/token-manager.ts';
import type { TokenManagerOptions } from '../aws/token-provider.ts';
import { EKSAuthError } from '../errors.ts';
import { type HostOptions, hostFrom } from '../host.ts';
import { selectContext } from '../kubeconfig/select-context.ts';
import { shown } from '../text/nearest-names.ts';
import { describer } from './aws-cluster.ts';
import { ClusterAuth } from './cluster-auth.ts';
import { EKSIdentity } from './eks-identity.ts';
import { healRequests } from './heal-requests.ts';
import { fromKubeConfig } from './load-kubeconfig.ts';
import { planRegistration, type Registration } from './plan-registration.ts';
import type { TrustOptions } from './trust.ts';

/** What {@link attachEKSAuth} takes. */
export interface AttachOptions extends HostOptions, TrustOptions {
  /** Whose user gets its tokens in-process. Default: the current context. */
  readonly context?: string;
  /** The disk cache shared with kubectl; see {@link TokenManagerOptions.cache}. */
  readonly cache?: NonNullable<TokenManagerOptions['cache']>;
}

/** What {@link attachEKSAuth} has put into a KubeConfig. */
export interface AttachedEKSAuth {
  /** How the user authenticates. */
  readonly eksAuth: EKSAuthConfig;
  /** The tokens. */
  readonly tokenManager: TokenManager;
  /** Puts the user back as it was and ends the refreshing of its tokens. Doing it twice is harmless. */
  detach(): void;
}

/** Where an object that the caller made is from, in error messages. */
const PLACE = 'The KubeConfig object';

/**
 * Gives a KubeConfig that a service already has its EKS tokens in-process, in place: API clients made from it from here
 * on also survive a refused token. The object is the caller's own, so by default it may do what a kubeconfig file may;
 * pass {@link TrustOptions} where it was loaded from somebody else's text.
 *
 * A stock informer on it can still end the process when credentials fail; those of a registered cluster cannot.
 * @throws EKSAuthError NOT_EKS where the user is of another kind, INVALID_KUBECONFIG, EXEC_DENIED, SERVER_UNTRUSTED
 */
export async function attachEKSAuth(kubeConfig: KubeConfig, options: AttachOptions = {}): Promise<AttachedEKSAuth> {
  const { context, execPolicy, trustedServers, allow, ...managerOptions } = options;
  const loaded = Array.isArray(kubeConfig?.contexts) ? fromKubeConfig(kubeConfig, { place: PLACE }) : undefined;
  if (loaded === undefined) throw unusable();
  const selected = selectContext([loaded], context);
  refuseAttached(kubeConfig, selected.user.name);
  const eksAuth = requireEKSUser(selected);
  const registration: Registration = { from: 'path', eksOnly: true, ...options };
  const { execPolicy: decided } = await planRegistration(selected, registration, {}, describer(hostFrom(options)));
  // Somebody else may have done it meanwhile.
  refuseAttached(kubeConfig, selected.user.name);

  const identity = new EKSIdentity(eksAuth, { ...managerOptions, execPolicy: decided });
  const auth = new ClusterAuth(selected.context.name, identity);
  const index = kubeConfig.users.findIndex((user) => user.name === selected.user.name);
  const original = kubeConfig.users[index];
  if (original === undefined) throw unusable();
  const { exec: _, ...user } = original;
  const marked: User = { ...user, ...(auth.mark && { authProvider: auth.mark }) };
  kubeConfig.users[index] = marked;
  kubeConfig.addAuthenticator(auth);
  const stopHealing = healRequests(kubeConfig, auth);
  return {
    eksAuth,
    tokenManager: identity.tokens,
    detach() {
      auth.close(detached);
      stopHealing();
      const now = kubeConfig.users.indexOf(marked);
      if (now >= 0) kubeConfig.users[now] = original;
    },
  };
}

/** Of two at once the one that is detached first would leave the other's user behind. */
function refuseAttached({ users }: KubeConfig, name: string): void {
  if (users.find((user) => user.name === name)?.authProvider?.name !== 'ekspress') return;
  throw new EKSAuthError('INVALID_CONFIG', `${PLACE} has EKS auth attached to its user ${shown(name)} already.`, {
    remedy: 'Use what the first attachEKSAuth(kubeConfig) returned, or detach() that one first.',
  });
}

function unusable(): EKSAuthError {
  const what = 'holds no contexts, two entries of one name, or values that are not text';
  return new EKSAuthError('INVALID_KUBECONFIG', `${PLACE} ${what}.`, {
    remedy: 'Load it with kubeConfig.loadFromDefault(), loadFromFile() or loadFromString() first.',
  });
}

function detached(): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${PLACE} has been detached from ekspress; it hands out no more tokens.`, {
    remedy: 'Attach it again with attachEKSAuth(kubeConfig), and make the clients anew.',
  });
}
