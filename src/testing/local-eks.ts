import { EKSAuthError } from '../errors.ts';
import { bearerToken, createAuthenticator, type TokenReview, tokenHash } from './authenticator.ts';
import { type AWSFiles, type AWSFilesOptions, writeAWSFiles } from './aws-files.ts';
import {
  createIdentityStore,
  everybody,
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
import type { LocalAWS, LocalWorld } from './local-aws/local-aws.ts';
import { remember } from './remember.ts';
import { createCertificateAuthority } from './tls/certificate-authority.ts';
import { partitionOf } from './verify/sts-hosts.ts';

/** What kind of cluster {@link startLocalEKS} starts. */
export interface LocalEKSOptions {
  /** The name that tokens have to be signed for. Default: `dev`. */
  readonly clusterName?: string;
  /** Decides the partition too, and with it the STS hosts accepted. Default: `us-east-1`. */
  readonly region?: string;
  /** Twelve digits. Default: `123456789012`. */
  readonly accountId?: string;
  /** Who exists besides `admin` and `reader`, by name; the same name replaces one of these. */
  readonly identities?: Readonly<Record<string, LocalIdentityFacts>>;
  /**
   * The local AWS that the cluster stands on: it shares account, clock, certificate authority, identities (those
   * given here are added to it) and the credentials that it hands out, and is found by its DescribeCluster.
   * `accountId` and `now` can't be given then: an error of code `INVALID_CONFIG`. Default: none.
   */
  readonly aws?: LocalAWS;
  /** The clock of the verifier and of ages and creation times. Default: the system's. */
  readonly now?: () => Date;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** One request that a local cluster answered. Never holds a token. */
export interface LocalRequest {
  /** By the cluster's clock. */
  readonly at: Date;
  /** Of HTTP. */
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Of HTTP. */
  readonly status: number;
  /** Absent where the token was refused. */
  readonly username?: string;
  /** The first 12 hex digits of the token's SHA-256. Absent where none was sent. */
  readonly tokenHash?: string;
  /** The header, as sent. */
  readonly userAgent?: string;
}

/** A running local cluster. Close it, or bind it with `await using`. */
export interface LocalEKS extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** The certificate authority's certificate, PEM. */
  readonly certificateAuthority: string;
  /** The same in base64, as a kubeconfig holds it. */
  readonly certificateAuthorityData: string;
  /** What tokens have to be signed for. */
  readonly clusterName: string;
  /** Where it says it stands. */
  readonly region: string;
  /** Also the name of cluster, context and user in its kubeconfig. */
  readonly clusterArn: string;
  /** Everybody, by name; also those whose keys are revoked. */
  readonly identities: LocalIdentities;
  /** The requests answered, oldest first; a watch counts from its first byte. The latest 10,000 are kept. */
  readonly requests: readonly LocalRequest[];
  /** The tokens judged, oldest first. The latest 10,000 are kept. */
  readonly reviews: readonly TokenReview[];
  /** A kubeconfig for this cluster, as `aws eks update-kubeconfig` writes it. */
  kubeconfig(options?: KubeconfigOptions): string;
  /** Writes `.aws/credentials` and `.aws/config` with a profile for each identity into a home directory. */
  writeAWSFiles(home: string, options?: AWSFilesOptions): Promise<AWSFiles>;
  /** Adds somebody, or replaces whoever has the same access key id. */
  addIdentity(identity: LocalIdentity): void;
  /** From now on tokens of that access key are refused. */
  revoke(accessKeyId: string): void;
  /** Undoes {@link LocalEKS.revoke}. */
  restore(accessKeyId: string): void;
  /** Ends every running watch as a server does at its timeout. Returns how many there were. */
  closeWatches(): number;
  /** Cuts every connection, mid-sentence. Returns how many there were. */
  dropConnections(): number;
  /** Stops everything. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a cluster in this process, on loopback over TLS, that judges tokens as EKS does ({@link verifyToken}) and
 * serves namespaces, pods and config maps to kubectl and `@kubernetes/client-node`. Takes milliseconds.
 *
 * @example
 * await using eks = await startLocalEKS();
 * await writeFile(path, eks.kubeconfig({ profile: 'admin' }));
 */
export async function startLocalEKS(options: LocalEKSOptions = {}): Promise<LocalEKS> {
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
    kubeconfig: (user) => kubeconfigText(facts, user),
    writeAWSFiles: (home, files) => writeAWSFiles(home, identities.byName(), files),
    addIdentity: identities.add,
    revoke: identities.revoke,
    restore: identities.restore,
    closeWatches: api.closeWatches,
    dropConnections: listener.dropConnections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the cluster shares with the local AWS that it stands on, or has for itself. */
function worldOf(partition: string, options: LocalEKSOptions): LocalWorld {
  if (options.aws !== undefined) {
    const { world } = options.aws;
    if (options.accountId !== undefined || options.now !== undefined) {
      throw new EKSAuthError('INVALID_CONFIG', 'a cluster on a local AWS has its account and its clock', {
        remedy: 'Give `accountId` and `now` to startLocalAWS.',
      });
    }
    for (const [name, facts] of Object.entries(options.identities ?? {})) world.identities.add({ ...facts, name });
    return world;
  }
  const { accountId = '123456789012', now = () => new Date() } = options;
  return {
    accountId,
    identities: createIdentityStore(everybody(partition, accountId, options.identities)),
    authority: createCertificateAuthority('local EKS'),
    now,
    clusters: new Set(),
  };
}
