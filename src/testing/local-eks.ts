import { EKSAuthError } from '../errors.ts';
import { checkOptions } from '../options/check-options.ts';
import { type Schema, TEXT, that } from '../options/checks.ts';
import { bearerToken, createAuthenticator, type TokenReview, tokenHash } from './authenticator.ts';
import { type AWSFiles, type AWSFilesOptions, writeAWSFiles } from './aws-files.ts';
import {
  allIdentities,
  createIdentityStore,
  identityOf,
  keysOf,
  type LocalIdentities,
  type LocalIdentity,
  type LocalIdentityFacts,
} from './identities.ts';
import { type KubeconfigOptions, kubeconfigText } from './kubeconfig.ts';
import { RESOURCE_TYPES } from './kubernetes/resource-types.ts';
import { seedCluster } from './kubernetes/seed.ts';
import { createAPIServer } from './kubernetes/server.ts';
import { createObjectStore } from './kubernetes/store.ts';
import { listen } from './listener.ts';
import { DescribedClusters } from './local-aws/eks-control-plane.ts';
import type { LocalAWS, LocalWorld } from './local-aws/local-aws.ts';
import { remember } from './remember.ts';
import { AWS_FILES_SCHEMA, KUBECONFIG_SCHEMA, SERVER_CHECKS } from './testing-schemas.ts';
import { createCertificateAuthority } from './tls/certificate-authority.ts';
import { partitionOf } from './verify/sts-hosts.ts';

/** Options of {@link startLocalEKS}. */
export interface LocalEKSOptions {
  /** The cluster name that tokens must be signed for. Default: `dev`. */
  readonly clusterName?: string | undefined;
  /** The region. Also decides the partition and thus the accepted STS hosts. Default: `us-east-1`. */
  readonly region?: string | undefined;
  /** Twelve digits. Default: `123456789012`. */
  readonly accountId?: string | undefined;
  /** Identities besides `admin` and `reader`, by name. The same name replaces one of these. Default: none. */
  readonly identities?: Readonly<Record<string, LocalIdentityFacts>> | undefined;
  /**
   * The local AWS of the cluster. They share account, clock, certificate authority and identities, including those
   * given here. The cluster accepts credentials that the local AWS issues, and its DescribeCluster finds the cluster.
   * With it, `accountId` and `now` are an error (`INVALID_CONFIG`). Default: none.
   */
  readonly aws?: LocalAWS | undefined;
  /** The clock for tokens, ages and creation times. Default: the system clock. */
  readonly now?: (() => Date) | undefined;
  /** The port on 127.0.0.1. Default: a free port. */
  readonly port?: number | undefined;
}

const LOCAL_EKS_SCHEMA: Schema<LocalEKSOptions> = {
  ...SERVER_CHECKS,
  clusterName: TEXT,
  region: TEXT,
  aws: that('the result of startLocalAWS()', (value) => Object(value).world !== undefined),
};

/** One request to a local cluster. Never contains a token. */
export interface LocalRequest {
  /** The time on the cluster's clock. */
  readonly at: Date;
  /** The HTTP method. */
  readonly method: string;
  /** The path with the query. */
  readonly path: string;
  /** The HTTP status. */
  readonly status: number;
  /** Absent if the token was refused. */
  readonly username?: string;
  /** The first 12 hex digits of the token's SHA-256. Absent if the request had no token. */
  readonly tokenHash?: string;
  /** The `User-Agent` header, as sent. Absent if there was none. */
  readonly userAgent?: string;
}

/** A running local cluster. Close it, or bind it with `await using`. */
export interface LocalEKS extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** The CA certificate, PEM. */
  readonly certificateAuthority: string;
  /** The CA certificate in base64, as in a kubeconfig. */
  readonly certificateAuthorityData: string;
  /** The cluster name that tokens must be signed for. */
  readonly clusterName: string;
  /** The region. */
  readonly region: string;
  /** The ARN. Also the name of cluster, context and user in the kubeconfig. */
  readonly clusterArn: string;
  /** All identities by name, including revoked ones. */
  readonly identities: LocalIdentities;
  /** The latest 10,000 answered requests, oldest first. A watch is added at its first byte. */
  readonly requests: readonly LocalRequest[];
  /** The latest 10,000 token reviews, oldest first. */
  readonly reviews: readonly TokenReview[];
  /** The kubeconfig that `aws eks update-kubeconfig` would write for this cluster. */
  kubeconfig(options?: KubeconfigOptions): string;
  /** Writes `.aws/credentials` and `.aws/config` with a profile for each identity into a home directory. */
  writeAWSFiles(home: string, options?: AWSFilesOptions): Promise<AWSFiles>;
  /**
   * The variables with which `aws`, kubectl and ekspress are an identity: its keys and the region of the cluster. Default:
   * `admin`. {@link LocalAWS.env} leads calls of AWS to a local one.
   * @throws EKSAuthError INVALID_CONFIG for a name that {@link LocalEKS.identities} does not have
   */
  env(identity?: string): Record<string, string>;
  /** Adds an identity, or replaces the one with the same access key id. */
  addIdentity(identity: LocalIdentity): void;
  /** Refuses tokens of an access key from now on. */
  revoke(accessKeyId: string): void;
  /** Undoes {@link LocalEKS.revoke}. */
  restore(accessKeyId: string): void;
  /** Ends all watches, as a server does at their timeout. Returns their number. */
  closeWatches(): number;
  /** Destroys all connections, even during a request. Returns their number. */
  dropConnections(): number;
  /** Stops the server. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a cluster in this process, on loopback over TLS. It checks tokens as EKS does ({@link verifyToken}) and serves
 * namespaces, pods, config maps and secrets to kubectl and `@kubernetes/client-node`. Starting takes milliseconds.
 *
 * @throws EKSAuthError INVALID_CONFIG
 * @example
 * ```ts
 * import { CoreV1Api } from '@kubernetes/client-node';
 * import { ClusterRegistry } from 'ekspress';
 * import { startLocalEKS } from 'ekspress/testing';
 *
 * await using eks = await startLocalEKS();
 * await using registry = new ClusterRegistry({ env: eks.env('reader'), cache: false });
 * const cluster = await registry.registerEKSByString(eks.kubeconfig(), { trustedServers: [eks] });
 * console.log((await cluster.makeApiClient(CoreV1Api).listNamespace()).items.length, eks.requests.length);
 * ```
 */
export async function startLocalEKS(options: LocalEKSOptions = {}): Promise<LocalEKS> {
  checkOptions('startLocalEKS', options, LOCAL_EKS_SCHEMA);
  const { clusterName = 'dev', region = 'us-east-1' } = options;
  const partition = partitionOf(region);
  const { accountId, identities, authority, now, clusters } = worldOf(partition, options);
  const store = createObjectStore(RESOURCE_TYPES, now);
  seedCluster(store, now());
  const requests: LocalRequest[] = [];
  const reviews: TokenReview[] = [];
  const api = createAPIServer({
    store,
    now,
    authenticate: createAuthenticator({
      clusterName,
      region,
      identities,
      now,
      reviewed: (review) => remember(reviews, review),
    }),
    served({ method = 'GET', url = '/', headers }, status, user) {
      const token = bearerToken(headers.authorization);
      const { 'user-agent': userAgent } = headers;
      remember(requests, {
        at: now(),
        method,
        path: url,
        status,
        ...(user === undefined ? {} : { username: user.username }),
        ...(token === undefined ? {} : { tokenHash: tokenHash(token) }),
        ...(userAgent === undefined ? {} : { userAgent }),
      });
    },
  });
  const certificate = authority.issue(['127.0.0.1', 'localhost']);
  const listener = await listen(api.handle, { port: options.port, certificate });

  const clusterArn = `arn:${partition}:eks:${region}:${accountId}:cluster/${clusterName}`;
  const server = `https://127.0.0.1:${listener.port}`;
  const certificateAuthorityData = Buffer.from(authority.certificate).toString('base64');
  const facts = { server, certificateAuthorityData, clusterArn, clusterName, region };
  const described = { ...facts, name: clusterName, arn: clusterArn };
  clusters.add(described);
  const close = async () => {
    clusters.delete(described);
    await listener.close();
  };
  return {
    ...facts,
    certificateAuthority: authority.certificate,
    get identities() {
      return identities.byName();
    },
    requests,
    reviews,
    kubeconfig(user = {}) {
      checkOptions('kubeconfig', user, KUBECONFIG_SCHEMA);
      return kubeconfigText(facts, user);
    },
    async writeAWSFiles(home, files = {}) {
      checkOptions('writeAWSFiles', files, AWS_FILES_SCHEMA);
      return writeAWSFiles(home, identities.byName(), files);
    },
    env: (name = 'admin') => ({ ...keysOf(identities.byName(), name), AWS_REGION: region }),
    addIdentity: identities.add,
    revoke: identities.revoke,
    restore: identities.restore,
    closeWatches: api.closeWatches,
    dropConnections: listener.dropConnections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the cluster shares with its local AWS, or its own if it has none. */
function worldOf(partition: string, options: LocalEKSOptions): LocalWorld {
  if (options.aws !== undefined) {
    const { world } = options.aws;
    if (options.accountId !== undefined || options.now !== undefined) {
      throw new EKSAuthError(
        'INVALID_CONFIG',
        'a cluster with a local AWS uses the account and the clock of that AWS',
        {
          remedy: 'Pass `accountId` and `now` to startLocalAWS instead.',
        },
      );
    }
    for (const [name, facts] of Object.entries(options.identities ?? {})) world.identities.add(identityOf(name, facts));
    return world;
  }
  const { accountId = '123456789012', now = () => new Date() } = options;
  return {
    accountId,
    identities: createIdentityStore(allIdentities(partition, accountId, options.identities)),
    authority: createCertificateAuthority('local EKS'),
    now,
    clusters: new DescribedClusters(),
  };
}
