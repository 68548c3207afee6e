import type { ClusterRegistryOptions } from '../cluster/register-options.ts';
import type { ClusterRegistry } from '../cluster/registry.ts';
import { namesServer, type TrustedServer } from '../cluster/trusted-servers.ts';
import { EKSAuthError } from '../errors.ts';
import type { HostOptions } from '../host.ts';

/** What the operator of an MCP server allows it; a model can widen none of this. */
export interface MCPOptions extends HostOptions {
  /** Folders: kubeconfig files below them may be registered by their path. Default: none. */
  readonly roots?: readonly string[];
  /** Servers that EKS tokens may go to, whatever cluster they are for. Default: none. */
  readonly trustedServers?: readonly (string | TrustedServer)[];
  /**
   * Kubeconfig files of the operator's own. The server of each of their EKS clusters is trusted with the tokens of that
   * one cluster, if the certificate authority is the same too; and these very files may be registered by path.
   * Default: none.
   */
  readonly trustedKubeconfigs?: readonly string[];
  /**
   * Whether a server that is in none of these lists is trusted where DescribeCluster names it for the cluster, asked with
   * the identity that the kubeconfig asks for. Default: true.
   */
  readonly describeClusters?: boolean;
  /** The disk cache shared with kubectl; see `TokenManagerOptions.cache`. */
  readonly cache?: NonNullable<ClusterRegistryOptions['cache']>;
  /**
   * Show the clusters of this registry too, and register in it. Those that were there before cannot be unregistered by
   * a model. It brings its own environment, clock, logger and cache. Default: a registry of the tools' own.
   */
  readonly registry?: ClusterRegistry;
  /** How long one call of a tool may take, in milliseconds. Default 30,000. */
  readonly toolTimeoutMs?: number;
}

/**
 * The options, if they mean something: an operator's slip is told when the server starts, not to a model.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkedOptions(options: MCPOptions): MCPOptions {
  const { roots = [], trustedServers = [], trustedKubeconfigs = [] } = options;
  if ([...roots, ...trustedKubeconfigs].includes('')) {
    // Resolved, it would be the folder that the server happens to be started in.
    throw new EKSAuthError('INVALID_CONFIG', 'The path of a root or of a trusted kubeconfig is empty.', {
      remedy: 'Name a folder or file, or leave the option out; is a variable not set?',
    });
  }
  for (const entry of trustedServers) namesServer(entry, '');
  return options;
}
