import { CACHE } from '../aws/token/token-schemas.ts';
import type { ClusterRegistryOptions } from '../cluster/registry/register-options.ts';
import { TRUSTED_SERVER } from '../cluster/registry/register-schemas.ts';
import type { ClusterRegistry } from '../cluster/registry/registry.ts';
import { namesServer, type TrustedServer } from '../cluster/trust/trusted-servers.ts';
import { EKSAuthError } from '../errors.ts';
import type { HostOptions } from '../host.ts';
import { DURATION_MS, FLAG, listOf, type Schema, TEXT, that } from '../options/checks.ts';
import { HOST_SCHEMA } from '../options/host-schema.ts';
import { own, sentence } from '../text/sentence.ts';

/** What the operator of an MCP server allows. A model cannot extend any of it. */
export interface MCPOptions extends HostOptions {
  /** Folders whose kubeconfig files may be registered by path. Default: none. */
  readonly roots?: readonly string[] | undefined;
  /** Servers that EKS tokens may go to, each with its certificate authority. Default: none. */
  readonly trustedServers?: readonly TrustedServer[] | undefined;
  /**
   * The operator's own kubeconfig files. Each of their servers is trusted with the tokens of its own EKS cluster, if
   * the certificate authority is the same. The files themselves may be registered by path. Default: none.
   */
  readonly trustedKubeconfigs?: readonly string[] | undefined;
  /**
   * Whether to trust the server that DescribeCluster returns for a cluster. It is called with the identity of the
   * kubeconfig, for servers that are in none of these lists. Default: true.
   */
  readonly describeClusters?: boolean | undefined;
  /**
   * Whether a kubeconfig may name a role (`--role-arn`) of another account than that of the credentials that assume it.
   * AssumeRole reveals the caller's identity to that account, and its DescribeCluster names its own servers. Roles of
   * contexts in {@link MCPOptions.trustedKubeconfigs} need no permission. Default: false.
   */
  readonly rolesOfOtherAccounts?: boolean | undefined;
  /** The disk cache shared with kubectl. Default: its usual folder; see `TokenManagerOptions.cache`. */
  readonly cache?: ClusterRegistryOptions['cache'];
  /**
   * The registry to show and to register clusters in. A model cannot unregister clusters that it did not register. The
   * registry has its own environment, clock, logger and cache. Default: a new registry.
   */
  readonly registry?: ClusterRegistry | undefined;
  /** The time limit of one tool call, in milliseconds. Default: 30,000. */
  readonly toolTimeoutMs?: number | undefined;
}

/** The checks of {@link MCPOptions}. */
export const MCP_SCHEMA: Schema<MCPOptions> = {
  roots: listOf('a list of folders', TEXT),
  trustedServers: listOf('a list of servers', TRUSTED_SERVER),
  trustedKubeconfigs: listOf('a list of files', TEXT),
  describeClusters: FLAG,
  rolesOfOtherAccounts: FLAG,
  cache: CACHE,
  registry: that('a ClusterRegistry', (value) => typeof Object(value).list === 'function'),
  toolTimeoutMs: DURATION_MS,
  ...HOST_SCHEMA,
};

/**
 * Checks the options when the server starts, so that the operator sees a mistake and not a model.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkedOptions(options: MCPOptions): MCPOptions {
  const { roots = [], trustedServers = [], trustedKubeconfigs = [] } = options;
  if ([...roots, ...trustedKubeconfigs].includes('')) {
    // An empty path would resolve to the working directory of the server.
    throw new EKSAuthError('INVALID_CONFIG', own('The path of a root or of a trusted kubeconfig is empty.'), {
      remedy: own('Pass a folder or file, or leave the option out. Check whether a variable is unset.'),
    });
  }
  for (const entry of trustedServers) {
    namesServer(entry, '');
    if (entry.certificateAuthorityData) continue;
    throw new EKSAuthError(
      'INVALID_CONFIG',
      sentence`The trusted server ${entry.server} has no certificate authority.`,
      {
        remedy: own(
          'Pass { server, certificateAuthorityData }, as `aws eks describe-cluster` shows them, or leave the server out: DescribeCluster is asked.',
        ),
      },
    );
  }
  return options;
}
