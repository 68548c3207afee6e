import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import { readURL } from '../aws/http/read-url.ts';
import type { ExecPolicy } from '../aws/obtain-token.ts';
import { isEKSExec } from '../aws/parse-exec-config.ts';
import { EKSAuthError, type EKSAuthErrorCode } from '../errors.ts';
import { describeUser, type SelectedContext } from '../kubeconfig/select-context.ts';
import { shown } from '../text/nearest-names.ts';
import { mayBeLinkLocal } from './link-local.ts';
import { canonicalServer, isPlainHTTPS, isVouchedFor, namesServer, type TrustedServer } from './trusted-servers.ts';

/** Something that a kubeconfig from elsewhere may only ask for where the caller allows it. */
export type Allowance = 'proxy-url' | 'skip-tls-verify' | 'tls-server-name' | 'file-references' | 'exec-env';

/** What a kubeconfig may do. The defaults depend on where it comes from: a path is the user's own, a string anybody's. */
export interface TrustOptions {
  /**
   * `allow`: the kubeconfig's commands may be run. `eks-only`: nothing is run, EKS users are served in-process.
   * Default: `allow` for a path, `eks-only` for a string.
   */
  readonly execPolicy?: ExecPolicy;
  /**
   * The servers that an EKS token may go to; `kubeconfig`: whichever the kubeconfig names; `describe-cluster`: the one
   * that EKS names for the cluster, asked with the identity that the kubeconfig asks for.
   * Default: `kubeconfig` for a path, none for a string.
   */
  readonly trustedServers?: readonly (string | TrustedServer)[] | 'kubeconfig' | 'describe-cluster';
  /** What else the kubeconfig may ask for. Default: everything for a path, nothing for a string. */
  readonly allow?: readonly Allowance[];
}

/** {@link TrustOptions} with the defaults of a source filled in. */
export interface TrustPolicy {
  readonly execPolicy: ExecPolicy;
  readonly trustedServers: NonNullable<TrustOptions['trustedServers']>;
  readonly allow: readonly Allowance[];
}

const EVERYTHING: readonly Allowance[] = [
  'proxy-url',
  'skip-tls-verify',
  'tls-server-name',
  'file-references',
  'exec-env',
];

/** What an EKS stanza of a stranger may set: which of the caller's own profiles, and the region. */
const HARMLESS_ENV = new Set(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION']);

/** A policy whose servers are known. */
export interface DecidedPolicy extends TrustPolicy {
  readonly trustedServers: readonly (string | TrustedServer)[] | 'kubeconfig';
}

/** The policy for a source; of the options given the first that says something counts. */
export function policyFor(source: 'path' | 'string', ...given: readonly TrustOptions[]): TrustPolicy {
  const own = source === 'path';
  const first = <Key extends keyof TrustOptions>(key: Key) =>
    given.find((options) => options[key] !== undefined)?.[key];
  return {
    execPolicy: first('execPolicy') ?? (own ? 'allow' : 'eks-only'),
    trustedServers: first('trustedServers') ?? (own ? 'kubeconfig' : []),
    allow: first('allow') ?? (own ? EVERYTHING : []),
  };
}

/**
 * Decides before anything is read, run or minted whether a context may be used, and hands it back with
 * its server written in the one way in which it was compared.
 * @throws EKSAuthError EXEC_DENIED or SERVER_UNTRUSTED, naming the field and the opt-in
 */
export function enforceTrust(
  selected: SelectedContext,
  config: EKSAuthConfig | undefined,
  policy: DecidedPolicy,
): SelectedContext {
  refuseCommands(selected, config, policy);
  refuseRequests(selected, config, policy);
  if (config === undefined) {
    refuseLinkLocal(selected, policy);
    return selected;
  }
  const { trustedServers } = policy;
  if (trustedServers === 'kubeconfig') {
    if (!isPlainHTTPS(selected.cluster.server)) throw notHTTPS(selected);
    return selected;
  }
  const server = canonicalServer(selected.cluster.server);
  if (server === undefined) throw notHTTPS(selected);
  const clusterName = config.clusterName ?? config.clusterId;
  if (!isVouchedFor({ server, caData: selected.cluster.caData, clusterName }, trustedServers)) {
    throw untrusted(
      selected,
      trustedServers.some((entry) => namesServer(entry, server)),
    );
  }
  return { ...selected, cluster: { ...selected.cluster, server } };
}

function refuseCommands(selected: SelectedContext, config: EKSAuthConfig | undefined, policy: TrustPolicy): void {
  if (policy.execPolicy === 'allow') return;
  const wish = commandOf(selected, config);
  if (wish === undefined) return;
  throw new EKSAuthError('EXEC_DENIED', `${ownerOf(selected)} ${wish}; this kubeconfig may only use EKS commands.`, {
    remedy: "If you trust whoever wrote it, pass { execPolicy: 'allow' }.",
  });
}

function commandOf({ user }: SelectedContext, config: EKSAuthConfig | undefined): string | undefined {
  const { exec, authProvider } = user;
  // An EKS command beside a fixed token is never run; any other is refused there too, to keep the rule simple.
  if (exec !== undefined && config === undefined && !isEKSExec(exec)) return `wants to run ${shown(exec.command)}`;
  if (authProvider === undefined || authProvider === null) return undefined;
  return 'has an auth-provider, which may run commands, read files and call servers';
}

function refuseRequests(selected: SelectedContext, config: EKSAuthConfig | undefined, policy: TrustPolicy): void {
  const { cluster, user } = selected;
  const refuse = (allowance: Allowance, code: EKSAuthErrorCode, message: string): void => {
    if (policy.allow.includes(allowance)) return;
    const remedy = `If you trust whoever wrote it, pass { allow: ['${allowance}'] }.`;
    throw new EKSAuthError(code, message, { remedy });
  };
  const where = () => `cluster ${shown(cluster.name)} in ${selected.place}`;
  if (cluster.proxyUrl !== undefined) {
    refuse('proxy-url', 'SERVER_UNTRUSTED', `${where()} sends everything through a proxy (proxy-url).`);
  }
  if (cluster.skipTLSVerify) {
    const message = `${where()} accepts any server in place of the real one (insecure-skip-tls-verify).`;
    refuse('skip-tls-verify', 'SERVER_UNTRUSTED', message);
  }
  if (cluster.tlsServerName !== undefined) {
    const message = `${where()} accepts a certificate for ${shown(cluster.tlsServerName)} in place of its own (tls-server-name).`;
    refuse('tls-server-name', 'SERVER_UNTRUSTED', message);
  }
  const files: readonly (readonly [string, string | undefined])[] = [
    ['certificate-authority', cluster.caFile],
    ['client-certificate', user.certFile],
    ['client-key', user.keyFile],
    ['tokenFile', user.tokenFile],
    ['exec.args', config?.exec.args.find((arg) => /^(-[^=]*=)?fileb?:\/\//.test(arg))],
  ];
  for (const [field, path] of files) {
    if (path === undefined) continue;
    const owner = field === 'certificate-authority' ? where() : ownerOf(selected);
    refuse('file-references', 'EXEC_DENIED', `${owner} wants to read the file ${shown(path)} (${field}).`);
  }
  const names = config?.exec.env.names().filter((name) => !HARMLESS_ENV.has(name)) ?? [];
  if (names.length > 0) {
    const listed = names.slice(0, 5).map(shown).join(', ');
    refuse('exec-env', 'EXEC_DENIED', `${ownerOf(selected)} sets environment variables for AWS (exec.env): ${listed}.`);
  }
}

/** What answers there hands out the credentials of the machine that asks. EKS users are bound to their server anyway. */
function refuseLinkLocal({ cluster, place }: SelectedContext, { trustedServers }: DecidedPolicy): void {
  if (trustedServers === 'kubeconfig' || !mayBeLinkLocal(cluster.server)) return;
  const server = canonicalServer(cluster.server);
  if (server !== undefined && trustedServers.some((entry) => namesServer(entry, server))) return;
  const what = readURL(cluster.server) ? 'a link-local server' : 'a server that may be read as a link-local one';
  const message = `cluster ${shown(cluster.name)} in ${place} has ${what}: ${shown(cluster.server)}.`;
  throw new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: "If you trust whoever wrote it, pass { trustedServers: 'kubeconfig' }.",
  });
}

function notHTTPS({ cluster, place }: SelectedContext): EKSAuthError {
  const message = `cluster ${shown(cluster.name)} in ${place} has the server ${shown(cluster.server)}, which is no plain https:// URL.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: 'EKS tokens are sent over https only; write the cluster anew with `aws eks update-kubeconfig`.',
  });
}

function untrusted({ cluster, place }: SelectedContext, wrongCA: boolean): EKSAuthError {
  const what = wrongCA
    ? 'names another certificate authority or EKS cluster than the one trusted for'
    : 'would send an EKS token to';
  const message = `cluster ${shown(cluster.name)} in ${place} ${what} ${shown(cluster.server)}${wrongCA ? '' : ', for which nobody vouched'}.`;
  const compare = '`aws eks describe-cluster --name <cluster> --query cluster.[endpoint,certificateAuthority]`';
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: `Compare with ${compare} and pass the right one as { trustedServers: ['https://…'] }, or pass { trustedServers: 'describe-cluster' }.`,
  });
}

function ownerOf({ user, place }: SelectedContext): string {
  return describeUser(user.name, place);
}
