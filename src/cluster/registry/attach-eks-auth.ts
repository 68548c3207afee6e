import type { KubeConfig, User } from '@kubernetes/client-node';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { requireEKSUser } from '../../aws/stanza/eks-user.ts';
import type { GivenProvider } from '../../aws/token/auth-provider.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';
import type { TokenManager } from '../../aws/token/token-manager.ts';
import type { TokenManagerOptions } from '../../aws/token/token-provider.ts';
import { CACHE, FLEET, GIVEN_SCHEMA, PROVIDER_SCHEMA } from '../../aws/token/token-schemas.ts';
import { EKSAuthError } from '../../errors.ts';
import { type HostOptions, hostFrom } from '../../host.ts';
import type { KubeconfigFile } from '../../kubeconfig/read/kubeconfig-file.ts';
import { type SelectedContext, selectContext } from '../../kubeconfig/read/select-context.ts';
import { checkArgument, checkOptions } from '../../options/check-options.ts';
import { type Schema, TEXT, that } from '../../options/checks.ts';
import { HOST_SCHEMA } from '../../options/host-schema.ts';
import { replacesPackages } from '../../system/runtime.ts';
import { shown } from '../../text/nearest-names.ts';
import { loadClientNode } from '../clients/client-node.ts';
import { fillKubeConfig } from '../clients/plain-kube-config.ts';
import { fromKubeConfig } from '../follow/load-kubeconfig.ts';
import { limitsNow } from '../requests/call-limits.ts';
import { ClusterAuth } from '../requests/cluster-auth.ts';
import { EKSIdentity } from '../requests/eks-identity.ts';
import { healRequests } from '../requests/heal-requests.ts';
import { reuseConnections } from '../requests/reuse-connections.ts';
import { type ConnectionLimits, DEFAULT_LIMITS, withLimits } from '../transport/limits.ts';
import { LIMITS } from '../transport/limits-schema.ts';
import { type RequestSettings, SETTINGS_SCHEMA } from '../transport/settings.ts';
import type { TrustOptions } from '../trust/trust-policy.ts';
import { type ClusterPlan, withoutStanza } from './assemble-cluster.ts';
import { advisersOf } from './aws-cluster.ts';
import { planRegistration, type Registration } from './plan-registration.ts';
import { TRUST_SCHEMA } from './register-schemas.ts';

/** Options of {@link attachEKSAuth}. */
export interface AttachOptions extends HostOptions, TrustOptions, GivenCredentials, GivenProvider, RequestSettings {
  /** The context whose user gets its tokens in-process. Default: the current context. */
  readonly context?: string | undefined;
  /** The disk cache shared with kubectl. Default: its usual folder; see {@link TokenManagerOptions.cache}. */
  readonly cache?: TokenManagerOptions['cache'];
  /** Machines that share tokens through a store. Default: none. */
  readonly fleet?: TokenManagerOptions['fleet'];
  /** Time limits of connections to the API server. Default: those of {@link ConnectionLimits}. */
  readonly limits?: ConnectionLimits | undefined;
}

/** Options of {@link attachAllEKSAuth}. */
export interface AttachAllOptions extends Omit<AttachOptions, 'context' | 'authProvider'> {}

export const ATTACH_ALL_SCHEMA: Schema<AttachAllOptions> = {
  cache: CACHE,
  fleet: FLEET,
  limits: LIMITS,
  ...SETTINGS_SCHEMA,
  ...GIVEN_SCHEMA,
  ...TRUST_SCHEMA,
  ...HOST_SCHEMA,
};

const ATTACH_SCHEMA: Schema<AttachOptions> = { context: TEXT, ...ATTACH_ALL_SCHEMA, ...PROVIDER_SCHEMA };

/** The result of {@link attachEKSAuth}. */
export interface AttachedEKSAuth extends Disposable {
  /** The EKS config of the user. */
  readonly eksAuth: EKSAuthConfig;
  /** Holds and refreshes the tokens. */
  readonly tokenManager: TokenManager;
  /** Restores the user and stops refreshing its tokens. May be called again. */
  detach(): void;
}

/** The beginning of sentences about the object. */
const PLACE = 'The KubeConfig object';

/**
 * Adds in-process EKS tokens to an existing KubeConfig. Changes the object in place. API clients made from it
 * afterwards also replace a refused token. By default the object is trusted like a kubeconfig file; pass
 * {@link TrustOptions} where it was loaded from untrusted text.
 *
 * client-node's own informers can still end the process when credentials fail. The informers of a registered cluster
 * cannot.
 * @throws EKSAuthError NOT_EKS where the user is not an EKS user, INVALID_KUBECONFIG, EXEC_DENIED, SERVER_UNTRUSTED,
 * INVALID_CONFIG
 * @example
 * ```ts
 * import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
 * import { attachEKSAuth } from 'ekspress';
 *
 * const kubeConfig = new KubeConfig();
 * kubeConfig.loadFromDefault();
 * using attached = await attachEKSAuth(kubeConfig);
 * const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespace();
 * console.log(items.length, attached.tokenManager.status().state);
 * ```
 */
export async function attachEKSAuth(kubeConfig: KubeConfig, options: AttachOptions = {}): Promise<AttachedEKSAuth> {
  checkOptions('attachEKSAuth', options, ATTACH_SCHEMA);
  return attachContext(kubeConfig, selectContext([readObject(kubeConfig)], options.context), options);
}

const KUBE_CONFIG = that('a KubeConfig of client-node', (value) => {
  return typeof Object(value).loadFromString === 'function';
});

/** Reads the entries of a KubeConfig. @throws EKSAuthError INVALID_KUBECONFIG */
export function readObject(kubeConfig: KubeConfig): KubeconfigFile {
  checkArgument('attachEKSAuth', 'kubeConfig', kubeConfig, KUBE_CONFIG);
  const place = 'the KubeConfig object';
  const loaded = Array.isArray(kubeConfig?.contexts) ? fromKubeConfig(kubeConfig, { place }) : undefined;
  if (loaded === undefined) throw unusable();
  return loaded;
}

/** The plan of a context of a KubeConfig. @throws EKSAuthError */
export function planContext(selected: SelectedContext, options: AttachOptions): Promise<ClusterPlan> {
  requireEKSUser(selected);
  const registration: Registration = { from: 'path', eksOnly: true, ...options };
  return planRegistration(selected, registration, {}, advisersOf(hostFrom(options)));
}

/** Attaches the user of one context. */
export async function attachContext(
  kubeConfig: KubeConfig,
  selected: SelectedContext,
  options: AttachOptions,
): Promise<AttachedEKSAuth> {
  const { context: _, execPolicy, trustedServers, allow, limits, userAgent, tls, ...managerOptions } = options;
  refuseAttached(kubeConfig, selected.user.name);
  const eksAuth = requireEKSUser(selected);
  const { execPolicy: decided, check } = await planContext(selected, options);
  if (replacesPackages()) await loadClientNode();
  // A concurrent call may have attached its own meanwhile.
  refuseAttached(kubeConfig, selected.user.name);

  const identity = new EKSIdentity(eksAuth, () => ({ ...managerOptions, execPolicy: decided }));
  const auth = new ClusterAuth(selected.context.name, identity);
  const index = kubeConfig.users.findIndex((user) => user.name === selected.user.name);
  const original = kubeConfig.users[index];
  if (original === undefined) throw unusable();
  const { exec: __, ...user } = original;
  const marked: User = { ...user, ...(auth.mark && { authProvider: auth.mark }) };
  kubeConfig.users[index] = marked;
  kubeConfig.addAuthenticator(auth);
  const base = withLimits(DEFAULT_LIMITS, limits);
  const { applySecurityAuthentication, applyToHTTPSOptions } = kubeConfig;
  const reusing = reuseConnections(kubeConfig, {
    auth,
    limits: () => limitsNow(base),
    selected: contextInUse(kubeConfig, marked, async (now) => {
      auth.assertOpen();
      return withoutStanza({ selected: await check({ ...selected, ...now }), config: eksAuth });
    }),
    proxyUrl: ({ cluster }) => cluster.proxyUrl,
    makeKubeConfig(now, isMarked) {
      // With the class and the authenticators of the caller's own client-node.
      const made: KubeConfig = Object.create(kubeConfig, {});
      Object.assign(made, { applySecurityAuthentication, applyToHTTPSOptions });
      fillKubeConfig(made, now, isMarked ? auth.mark : undefined);
      return made;
    },
    silent: () => undefined,
    settings: { userAgent, tls },
  });
  const stopHealing = healRequests(kubeConfig, auth);
  const detach = (): void => {
    auth.close(detached);
    stopHealing();
    reusing.undo();
    const now = kubeConfig.users.indexOf(marked);
    if (now >= 0) kubeConfig.users[now] = original;
  };
  return { eksAuth, tokenManager: identity.tokens, detach, [Symbol.dispose]: detach };
}

/**
 * The context for a request, where its user is the attached one. Other contexts of the object may share that user: each is
 * checked as the context of the attachment was, before a token is made.
 * @param check @throws EKSAuthError SERVER_UNTRUSTED
 */
function contextInUse(
  kubeConfig: KubeConfig,
  user: User,
  check: (now: Pick<SelectedContext, 'context' | 'cluster'>) => Promise<SelectedContext>,
): () => SelectedContext | undefined | Promise<SelectedContext> {
  let checked: { readonly text: string; readonly selected: SelectedContext } | undefined;
  return () => {
    if (kubeConfig.getCurrentUser() !== user) return undefined;
    const text = JSON.stringify([kubeConfig.currentContext, kubeConfig.getCurrentCluster()]);
    if (checked?.text === text) return checked.selected;
    const { context, cluster } = selectContext([readObject(kubeConfig)], kubeConfig.currentContext);
    return check({ context, cluster }).then((trusted) => {
      checked = { text, selected: trusted };
      return trusted;
    });
  };
}

/** Refuses a second attachment, which would restore the user of the first one when it is detached. */
function refuseAttached({ users }: KubeConfig, name: string): void {
  if (users.find((user) => user.name === name)?.authProvider?.name !== 'ekspress') return;
  throw new EKSAuthError('INVALID_CONFIG', `${PLACE} has EKS auth attached to its user ${shown(name)} already.`, {
    remedy: 'Use the result of the first attachEKSAuth(kubeConfig), or call its detach() first.',
  });
}

function unusable(): EKSAuthError {
  const what = 'has no contexts, two entries with the same name, or values that are not text';
  return new EKSAuthError('INVALID_KUBECONFIG', `${PLACE} ${what}.`, {
    remedy: 'Load it with kubeConfig.loadFromDefault(), loadFromFile() or loadFromString() first.',
  });
}

function detached(): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${PLACE} has been detached from ekspress; it no longer provides tokens.`, {
    remedy: 'Attach it again with attachEKSAuth(kubeConfig), and make new clients.',
  });
}
