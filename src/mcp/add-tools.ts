import type { McpServer } from '@modelcontextprotocol/server';
import { KnownWords } from './known-words.ts';
import { MCPClusters } from './mcp-clusters.ts';
import type { MCPOptions } from './mcp-options.ts';
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

/** Tools that share one set of clusters. Close them, or bind them with `await using`. */
export interface EKSTools extends AsyncDisposable {
  /** Registers the tools with a server. The servers of several sessions may share them. */
  addTo(server: McpServer): void;
  /** Unregisters the clusters that were registered through the tools. */
  close(): Promise<void>;
}

/** The tools, for `createEKSTools`. */
export function makeEKSTools(options: MCPOptions): EKSTools {
  const clusters = new MCPClusters(options);
  const { toolTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  return {
    addTo(server) {
      // Each session has said other words.
      const words = new KnownWords(clusters.words);
      for (const add of TOOLS) add(server, clusters, toolTimeoutMs, words);
    },
    close: () => clusters.close(),
    [Symbol.asyncDispose]: () => clusters.close(),
  };
}
