import { statSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ClientNode } from './client-node.ts';
import { interceptRequests } from './intercept-requests.ts';

/** An idle connection is closed before the API server does it (after 90 s), so that no request meets a closing one. */
const IDLE_MS = 60_000;

/** What client-node 2.x hands around in place of an agent. */
interface Dispatcher {
  destroy(): Promise<void>;
}

/** The request of client-node 1.x (agents) and 2.x (dispatchers). */
interface AnyRequest {
  getAgent?(): unknown;
  setAgent?(agent: Agent): void;
  getDispatcher?(): Dispatcher | undefined;
  setDispatcher?(dispatcher: Dispatcher): void;
}

/**
 * client-node opens a new TLS connection for every request. With this, the API clients of one KubeConfig share theirs
 * for as long as they are made with the same certificates. Watches, logs and web sockets of 1.x keep one of their own.
 * @returns how to close the connections
 */
export function reuseConnections(clientNode: ClientNode, kubeConfig: KubeConfig): () => Promise<void> {
  let agent: Agent | undefined;
  let dispatcher: { readonly key: string; readonly instance: Dispatcher } | undefined;

  const agentLike = (fresh: unknown): Agent | undefined => {
    // Proxy agents keep no connection of their own; they stay as client-node makes them.
    if (!(fresh instanceof Agent) || fresh.constructor !== Agent) return undefined;
    if (agent === undefined || !sameOptions(agent.options, fresh.options)) {
      agent = new Agent({ ...fresh.options, keepAlive: true, timeout: IDLE_MS });
    }
    return agent;
  };
  const dispatcherLike = (fresh: Dispatcher): Dispatcher | undefined => {
    const key = keyOf(kubeConfig);
    if (key === undefined) return undefined;
    if (dispatcher?.key !== key) dispatcher = { key, instance: fresh };
    return dispatcher.instance;
  };

  const applySecurityAuthentication = kubeConfig.applySecurityAuthentication.bind(kubeConfig);
  kubeConfig.applySecurityAuthentication = async (context) => {
    await applySecurityAuthentication(context);
    const request: AnyRequest = context;
    const kept = agentLike(request.getAgent?.());
    if (kept) request.setAgent?.(kept);
    const fresh = request.getDispatcher?.();
    const keptDispatcher = fresh && dispatcherLike(fresh);
    if (keptDispatcher) request.setDispatcher?.(keptDispatcher);
  };
  resendReads(clientNode, kubeConfig);
  return async () => {
    agent?.destroy();
    await dispatcher?.instance.destroy();
  };
}

/**
 * A connection that is used again may turn out to have been closed by the server meanwhile. As other HTTP clients do,
 * what only reads is sent once more then; what writes may have been done already.
 */
function resendReads(clientNode: ClientNode, kubeConfig: KubeConfig): void {
  interceptRequests(kubeConfig, ({ httpApi }) => ({
    httpApi: clientNode.wrapHttpLibrary({
      async send(request) {
        try {
          return await httpApi.send(request).toPromise();
        } catch (error) {
          const method: string = request.getHttpMethod();
          if ((method !== 'GET' && method !== 'HEAD') || !isClosedConnection(error)) throw error;
          return httpApi.send(request).toPromise();
        }
      },
    }),
  }));
}

/** undici, which 2.x uses, puts the reason into the cause. */
function isClosedConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET' || isClosedConnection(error.cause);
}

/** Whether two agents would make the same connections. */
function sameOptions(kept: AgentOptions, fresh: AgentOptions): boolean {
  return Object.entries(fresh).every(([name, value]) => {
    const other = kept[name as keyof AgentOptions];
    if (Buffer.isBuffer(value) && Buffer.isBuffer(other)) return value.equals(other);
    return value === other || name === 'keepAlive' || name === 'timeout';
  });
}

/** A dispatcher does not show what it was made from: the files are told apart by their time. Commands never are. */
function keyOf(kubeConfig: KubeConfig): string | undefined {
  const user = kubeConfig.getCurrentUser();
  if (user?.exec) return undefined;
  const files = [kubeConfig.getCurrentCluster()?.caFile, user?.certFile, user?.keyFile];
  return files
    .map((file) => {
      const stats = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
      return `${file ?? ''}:${stats?.mtimeMs ?? ''}:${stats?.ino ?? ''}`;
    })
    .join('|');
}
