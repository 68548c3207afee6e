import type { McpServer } from '@modelcontextprotocol/server';
import { ClusterDesk } from './cluster-desk.ts';
import type { MCPOptions } from './options.ts';
import type { Tool } from './tool.ts';
import { checkAccess } from './tools/check-access.ts';
import { describeEKSCluster } from './tools/describe-eks-cluster.ts';
import { diagnose } from './tools/diagnose.ts';
import { listEKSClusters } from './tools/list-eks-clusters.ts';
import { registerEKSCluster } from './tools/register-eks-cluster.ts';
import { unregisterEKSCluster } from './tools/unregister-eks-cluster.ts';

const TOOLS: readonly Tool[] = [
  registerEKSCluster,
  listEKSClusters,
  describeEKSCluster,
  unregisterEKSCluster,
  checkAccess,
  diagnose,
];

const DEFAULT_TIMEOUT_MS = 30_000;

/** Tools that share one set of clusters. Close it, or bind it with `await using`. */
export interface EKSTools extends AsyncDisposable {
  /** Puts the tools on a server; the servers of several sessions may share them. */
  addTo(server: McpServer): void;
  /** Forgets the clusters that were registered through the tools. */
  close(): Promise<void>;
}

/**
 * The tools of `ekspress mcp` for a server of your own, over any transport. Whoever may call them can list the clusters
 * and check access with the identity of this process: put your own authorization before it.
 */
export function createEKSTools(options: MCPOptions = {}): EKSTools {
  const desk = new ClusterDesk(options);
  const { toolTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  return {
    addTo(server) {
      for (const add of TOOLS) add(server, desk, toolTimeoutMs);
    },
    close: () => desk.close(),
    [Symbol.asyncDispose]: () => desk.close(),
  };
}
