import { bearerToken, createAuthenticator, type TokenReview, tokenHash } from './authenticator.ts';
import { type AWSFiles, type AWSFilesOptions, writeAWSFiles } from './aws-files.ts';
import {
  createIdentityStore,
  defaultIdentities,
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
  /** The clock of the verifier and of ages and creation times. Default: the system's. */
  readonly now?: () => Date;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** One request that a local cluster answered. Never holds a token. */
export interface LocalRequest {
  readonly at: Date;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  /** Absent where the token was refused. */
  readonly username?: string;
  /** The first 12 hex digits of the token's SHA-256. Absent where none was sent. */
  readonly tokenHash?: string;
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
  readonly clusterName: string;
  readonly region: string;
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

/** How many requests and reviews are remembered. */
const REMEMBERED = 10_000;

/**
 * Starts a cluster in this process, on loopback over TLS, that judges tokens as EKS does ({@link verifyToken}) and
 * serves namespaces, pods and config maps to kubectl and `@kubernetes/client-node`. Takes milliseconds.
 *
 * @example
 * await using eks = await startLocalEKS();
 * await writeFile(path, eks.kubeconfig({ profile: 'admin' }));
 */
export async function startLocalEKS(options: LocalEKSOptions = {}): Promise<LocalEKS> {
  const { clusterName = 'dev', region = 'us-east-1', accountId = '123456789012', now = () => new Date() } = options;
  const partition = partitionOf(region);
  const identities = createIdentityStore(everybody(partition, accountId, options.identities));
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
  const authority = createCertificateAuthority(`local EKS ${clusterName}`);
  const certificate = authority.issue(['127.0.0.1', 'localhost']);
  const listener = await listen(api.handle, { port: options.port, certificate });

  const clusterArn = `arn:${partition}:eks:${region}:${accountId}:cluster/${clusterName}`;
  const server = `https://127.0.0.1:${listener.port}`;
  const certificateAuthorityData = Buffer.from(authority.certificate).toString('base64');
  const facts = { server, certificateAuthorityData, clusterArn, clusterName, region };
  return {
    ...facts,
    certificateAuthority: authority.certificate,
    get identities() {
      return Object.fromEntries(identities.all().map((one) => [one.name, one])) as unknown as LocalIdentities;
    },
    requests,
    reviews,
    kubeconfig: (user) => kubeconfigText(facts, user),
    writeAWSFiles: (home, files) => writeAWSFiles(home, identities.all(), files),
    addIdentity: identities.add,
    revoke: identities.revoke,
    restore: identities.restore,
    closeWatches: api.closeWatches,
    dropConnections: listener.dropConnections,
    close: listener.close,
    [Symbol.asyncDispose]: listener.close,
  };
}

/** The last one of each name. */
function everybody(
  partition: string,
  accountId: string,
  more: Readonly<Record<string, LocalIdentityFacts>> = {},
): readonly LocalIdentity[] {
  const added = Object.entries(more).map(([name, facts]): LocalIdentity => ({ ...facts, name }));
  const defaults = Object.values<LocalIdentity>({ ...defaultIdentities(partition, accountId) });
  return [...defaults.filter(({ name }) => !(name in more)), ...added];
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > REMEMBERED) list.shift();
}
