import type { McpServer } from '@modelcontextprotocol/server';
import { EKSAuthError } from '../errors.ts';
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
  /**
   * Registers the tools with a server. The servers of several sessions may share them.
   * @throws EKSAuthError INVALID_CONFIG for a server of `@modelcontextprotocol/sdk`, the package before
   */
  addTo(server: McpServer): void;
  /** Unregisters the clusters that were registered through the tools. */
  close(): Promise<void>;
}

/** Servers of the earlier package have methods that the current one has not, and other contexts for tools. */
function requireCurrentServer(server: McpServer): void {
  if (typeof Object(server).registerTool === 'function' && !('tool' in server)) return;
  throw new EKSAuthError('INVALID_CONFIG', 'The server is not an McpServer of @modelcontextprotocol/server.', {
    remedy:
      "Run `npm install @modelcontextprotocol/server`, and import { McpServer } from '@modelcontextprotocol/server': the one of @modelcontextprotocol/sdk is an earlier one.",
  });
}

/** The tools, for `createEKSTools`. */
export function makeEKSTools(options: MCPOptions): EKSTools {
  const clusters = new MCPClusters(options);
  const { toolTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  return {
    addTo(server) {
      requireCurrentServer(server);
      // Each session has said other words.
      const words = new KnownWords(clusters.words);
      for (const add of TOOLS) add(server, clusters, toolTimeoutMs, words);
    },
    close: () => clusters.close(),
    [Symbol.asyncDispose]: () => clusters.close(),
  };
}
