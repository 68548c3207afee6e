import { checkArgument, checkOptions } from '../../options/check-options.ts';
import { FLAG, type Schema } from '../../options/checks.ts';
import { proxiedEnvironment } from '../aws-files.ts';
import {
  allIdentities,
  createIdentityStore,
  type IdentityStore,
  keysOf,
  type LocalIdentities,
  type LocalIdentity,
  type LocalIdentityFacts,
} from '../identities.ts';
import { listen } from '../listener.ts';
import { remember } from '../remember.ts';
import { SERVER_CHECKS } from '../testing-schemas.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../tls/certificate-authority.ts';
import type { AWSCall, AWSOperation } from './aws-request.ts';
import { type AWSFailure, createAWSServer } from './aws-server.ts';
import { type LocalProxy, startConnectProxy } from './connect-proxy.ts';
import { createEKSControlPlane, DescribedClusters } from './eks-control-plane.ts';
import { CONTAINER, FAILURE, INSTANCE, OPERATION, ROLES, SSO_LOGIN_SCHEMA, SSO_ROLES } from './local-aws-schemas.ts';
import {
  createContainerEndpoint,
  createInstanceMetadata,
  type LocalContainer,
  type LocalInstance,
} from './metadata-services.ts';
import type { LocalRoles } from './roles.ts';
import { createSSOOidc, createSSOPortal, type LocalSSORole } from './sso-service.ts';
import { createSSOSessions, type SSOLoginOptions } from './sso-sessions.ts';
import { createSts } from './sts.ts';

/** Options of {@link startLocalAWS}. */
export interface LocalAWSOptions {
  /** Twelve digits. Default: `123456789012`. */
  readonly accountId?: string | undefined;
  /** Identities besides `admin` and `reader`, by name. The same name replaces one of these. Default: none. */
  readonly identities?: Readonly<Record<string, LocalIdentityFacts>> | undefined;
  /** The roles that exist, by ARN. Default: none. */
  readonly roles?: LocalRoles | undefined;
  /** The roles that SSO sessions have access to. Default: none. */
  readonly ssoRoles?: readonly LocalSSORole[] | undefined;
  /** The container credentials endpoint. Default: none. */
  readonly container?: LocalContainer | undefined;
  /** The instance metadata service. Default: none. */
  readonly instance?: LocalInstance | undefined;
  /** The clock of all services. Default: the system clock. */
  readonly now?: (() => Date) | undefined;
  /** HTTPS instead of HTTP. Default: false. */
  readonly tls?: boolean | undefined;
  /** The port on 127.0.0.1. Default: a free port. */
  readonly port?: number | undefined;
}

const LOCAL_AWS_SCHEMA: Schema<LocalAWSOptions> = {
  ...SERVER_CHECKS,
  roles: ROLES,
  ssoRoles: SSO_ROLES,
  container: CONTAINER,
  instance: INSTANCE,
  tls: FLAG,
};

/** A cluster that exists in the answers of EKS only. */
export interface LocalClusterFacts {
  /** The name. */
  readonly name: string;
  /** The region. */
  readonly region: string;
  /** The account. Default: that of the local AWS. */
  readonly accountId?: string | undefined;
  /** The endpoint. */
  readonly server: string;
  /** The certificate authority of the endpoint, base64. */
  readonly certificateAuthorityData: string;
}

/** What a local cluster shares with the local AWS that it belongs to. */
export interface LocalWorld {
  readonly accountId: string;
  readonly identities: IdentityStore;
  readonly authority: CertificateAuthority;
  readonly now: () => Date;
  /** The clusters that DescribeCluster finds. */
  readonly clusters: DescribedClusters;
}

/** A running local AWS. Close it, or bind it with `await using`. */
export interface LocalAWS extends AsyncDisposable {
  /** The URL of all services, `http://127.0.0.1:PORT` or https. The value for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** The CA certificate of the endpoint, the proxies and the clusters, PEM. The content for AWS_CA_BUNDLE. */
  readonly certificateAuthority: string;
  /** The account of the default identities and the clusters. */
  readonly accountId: string;
  /** All identities with long-term credentials, by name. */
  readonly identities: LocalIdentities;
  /** The latest 10,000 calls, oldest first. */
  readonly calls: readonly AWSCall[];
  /** @internal For `startLocalEKS({ aws })`. */
  readonly world: LocalWorld;
  /** The number of calls of an operation, including failed ones. */
  count(operation: AWSOperation): number;
  /** Makes the next calls of an operation fail. Default: one call. `Infinity`: until {@link LocalAWS.heal}. */
  failNext(operation: AWSOperation, failure: AWSFailure, times?: number): void;
  /** Makes a share of the calls of an operation fail, 0.05 for one in twenty: the same ones for the same seed. */
  failSome(operation: AWSOperation, failure: AWSFailure, share: number, seed?: number): void;
  /** Lets every operation work again. */
  heal(): void;
  /** Logs in like `aws sso login`. Writes the session's file into a home directory and returns its path. */
  ssoLogin(home: string, options?: SSOLoginOptions): Promise<string>;
  /** Ends all SSO sessions. Their access and refresh tokens stop working. */
  ssoLogout(): void;
  /** Starts a proxy that sends the real host names of AWS to this server over TLS, and refuses others. */
  startProxy(): Promise<LocalProxy>;
  /** Adds a cluster for ListClusters and DescribeCluster, or replaces the one with the same name, account and region. */
  addCluster(cluster: LocalClusterFacts): void;
  /** Removes such a cluster. */
  removeCluster(cluster: Pick<LocalClusterFacts, 'name' | 'region' | 'accountId'>): void;
  /**
   * The variables with which `aws`, kubectl and ekspress reach this AWS by the real names of its hosts: a home directory, a
   * proxy, and a file with the certificate authority, which is written below the home directory. With an identity, its keys
   * too; without one the programs take what is in the home directory, such as the login of {@link LocalAWS.ssoLogin}.
   * @throws EKSAuthError INVALID_CONFIG for a name that {@link LocalAWS.identities} does not have
   */
  env(home: string, identity?: string): Promise<Record<string, string>>;
  /** Adds an identity, or replaces the one with the same access key id. */
  addIdentity(identity: LocalIdentity): void;
  /** Makes an access key invalid, here and in the clusters. */
  revoke(accessKeyId: string): void;
  /** Undoes {@link LocalAWS.revoke}. */
  restore(accessKeyId: string): void;
  /** Stops the server and its proxies. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a local AWS in this process, on loopback: STS, the SSO portal and SSO-OIDC, container and instance
 * credentials, ListClusters and DescribeCluster. It checks signatures and records every call. Local clusters started with
 * it accept the credentials that it issues.
 * @throws EKSAuthError INVALID_CONFIG
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { ClusterRegistry } from 'ekspress';
 * import { startLocalAWS, startLocalEKS } from 'ekspress/testing';
 *
 * const roleArn = 'arn:aws:iam::123456789012:role/deploy';
 * await using aws = await startLocalAWS({ roles: { [roleArn]: { groups: ['system:masters'] } } });
 * await using eks = await startLocalEKS({ aws });
 * const home = await mkdtemp(join(tmpdir(), 'test-'));
 * await using registry = new ClusterRegistry({ env: await aws.env(home, 'admin') });
 * const cluster = await registry.registerAWSCluster({ clusterName: 'dev', region: eks.region, roleArn });
 * console.log((await cluster.fetch('/api')).status, aws.count('AssumeRole'));
 * await rm(home, { recursive: true });
 * ```
 */
export async function startLocalAWS(options: LocalAWSOptions = {}): Promise<LocalAWS> {
  checkOptions('startLocalAWS', options, LOCAL_AWS_SCHEMA);
  const { accountId = '123456789012', now = () => new Date(), roles = {}, ssoRoles = [], tls = false } = options;
  const identities = createIdentityStore(allIdentities('aws', accountId, options.identities));
  const authority = createCertificateAuthority('local AWS');
  const sessions = createSSOSessions(now);
  const clusters = new DescribedClusters();
  const calls: AWSCall[] = [];
  const server = createAWSServer({
    services: [
      createSts({ identities, roles }),
      createSSOPortal({ identities, roles: ssoRoles, sessions }),
      createSSOOidc({ sessions }),
      createEKSControlPlane(identities, clusters),
      createContainerEndpoint(options.container, { identities, roles }),
      createInstanceMetadata(options.instance, { identities, roles }),
    ],
    now,
    called: (call) => remember(calls, call),
  });
  const certificate = tls ? { certificate: authority.issue(['127.0.0.1', 'localhost']) } : {};
  const listener = await listen(server.handle, { port: options.port, ...certificate });
  // Proxies pass decrypted connections, which need a server without TLS.
  const behindProxies = tls ? await listen(server.handle) : listener;
  const proxies: LocalProxy[] = [];

  const remove = ({
    name,
    region,
    accountId: account = accountId,
  }: Pick<LocalClusterFacts, 'name' | 'region' | 'accountId'>) => {
    const arn = `arn:aws:eks:${region}:${account}:cluster/${name}`;
    clusters.remove(arn);
    return arn;
  };
  const close = async () => {
    await Promise.all([...proxies, listener, behindProxies].map((one) => one.close()));
  };
  const startProxy = async () => {
    const proxy = await startConnectProxy(behindProxies.server, authority);
    proxies.push(proxy);
    return proxy;
  };
  let proxyOfEnv: Promise<LocalProxy> | undefined;
  return {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${listener.port}`,
    async env(home, name) {
      const keys = name === undefined ? {} : keysOf(identities.byName(), name);
      proxyOfEnv ??= startProxy();
      return { ...(await proxiedEnvironment(home, await proxyOfEnv, authority)), ...keys };
    },
    certificateAuthority: authority.certificate,
    accountId,
    get identities() {
      return identities.byName();
    },
    calls,
    world: { accountId, identities, authority, now, clusters },
    count(operation) {
      checkArgument('count', 'operation', operation, OPERATION);
      return calls.filter((call) => call.operation === operation).length;
    },
    failNext(operation, failure, times = 1) {
      checkArgument('failNext', 'operation', operation, OPERATION);
      checkArgument('failNext', 'failure', failure, FAILURE);
      server.failNext(operation, failure, times);
    },
    failSome(operation, failure, share, seed = 1) {
      checkArgument('failSome', 'operation', operation, OPERATION);
      checkArgument('failSome', 'failure', failure, FAILURE);
      server.failSome(operation, failure, share, seed);
    },
    heal: server.heal,
    async ssoLogin(home, login = {}) {
      checkOptions('ssoLogin', login, SSO_LOGIN_SCHEMA);
      return sessions.loginTo(home, login);
    },
    ssoLogout: sessions.logoutAll,
    startProxy,
    addCluster: (cluster) => clusters.add({ ...cluster, arn: remove(cluster) }),
    removeCluster: remove,
    addIdentity: identities.add,
    revoke: identities.revoke,
    restore: identities.restore,
    close,
    [Symbol.asyncDispose]: close,
  };
}
