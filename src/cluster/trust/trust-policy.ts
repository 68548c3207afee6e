import type { ExecPolicy } from '../../aws/token/token-request.ts';
import type { TrustedServer } from './trusted-servers.ts';

/** A feature that an untrusted kubeconfig may use only if the caller allows it. */
export type Allowance =
  | 'proxy-url'
  | 'skip-tls-verify'
  | 'tls-server-name'
  | 'file-references'
  | 'exec-env'
  | 'impersonation';

/** What a kubeconfig may do. By default a kubeconfig from a path is trusted, and one from a string is not. */
export interface TrustOptions {
  /**
   * `allow`: the kubeconfig's commands may be run. `eks-only`: no command is run; EKS users get in-process tokens.
   * Default: `allow` for a path, `eks-only` for a string.
   */
  readonly execPolicy?: ExecPolicy | undefined;
  /**
   * The servers that an EKS token may go to. `kubeconfig`: the server in the kubeconfig. `describe-cluster`: the server
   * that DescribeCluster returns, called with the identity of the kubeconfig. A list: each entry is compared by server,
   * certificate authority, cluster and AWS identity. An address alone is not enough for a string that
   * brings a certificate authority.
   * Default: `kubeconfig` for a path, none for a string.
   */
  readonly trustedServers?: readonly (string | TrustedServer)[] | 'kubeconfig' | 'describe-cluster' | undefined;
  /** The other features that the kubeconfig may use. Default: all for a path, none for a string. */
  readonly allow?: readonly Allowance[] | undefined;
}

/** {@link TrustOptions} with the defaults filled in. */
export interface TrustPolicy {
  readonly source: 'path' | 'string';
  readonly execPolicy: ExecPolicy;
  readonly trustedServers: NonNullable<TrustOptions['trustedServers']>;
  readonly allow: readonly Allowance[];
}

export const ALLOWANCES: readonly Allowance[] = [
  'proxy-url',
  'skip-tls-verify',
  'tls-server-name',
  'file-references',
  'exec-env',
  'impersonation',
];

/** A policy after DescribeCluster has been called where necessary. */
export interface DecidedPolicy extends TrustPolicy {
  readonly trustedServers: readonly (string | TrustedServer)[] | 'kubeconfig';
}

/** The policy for a source. For each field the first of the given options that sets it applies. */
export function policyFor(source: 'path' | 'string', ...given: readonly TrustOptions[]): TrustPolicy {
  const own = source === 'path';
  const first = <Key extends keyof TrustOptions>(key: Key) =>
    given.find((options) => options[key] !== undefined)?.[key];
  return {
    source,
    execPolicy: first('execPolicy') ?? (own ? 'allow' : 'eks-only'),
    trustedServers: first('trustedServers') ?? (own ? 'kubeconfig' : []),
    allow: first('allow') ?? (own ? ALLOWANCES : []),
  };
}
