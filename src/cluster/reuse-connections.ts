import { statSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ClientNode } from './client-node.ts';
import { interceptRequests } from './intercept-requests.ts';

/** An idle connection is closed before the API server does it (after 90 s), so that no request meets a closing one. */
const IDLE_MS = 60_000;

/** What client-node 2.x hands around in place of an agent. */
interface Dispatcher {
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** The request of client-node 1.x (agents) and 2.x (dispatchers). */
interface AnyRequest {
  getAgent?(): unknown;
  setAgent?(agent: Agent): void;
  getDispatcher?(): Dispatcher | undefined;
  setDispatcher?(dispatcher: Dispatcher): void;
}

/** What the connections of one cluster are made with; with another key they are made anew. */
interface Connections {
  readonly key: string;
  agent?: Agent;
  dispatcher?: Dispatcher | undefined;
}

/**
 * client-node opens a new TLS connection for every request. With this, everything that goes out through one KubeConfig
 * shares connections for as long as certificates and proxy stay the same; what still runs on the old ones ends there.
 * @param proxyOf the proxy in force now
 * @returns how to close the connections
 */
export function reuseConnections(
  clientNode: ClientNode,
  kubeConfig: KubeConfig,
  proxyOf: () => string | undefined,
): () => Promise<void> {
  let connections: Connections | undefined;

  const current = (): Connections | undefined => {
    const key = keyOf(kubeConfig);
    if (key === undefined) return undefined;
    if (connections?.key !== key) {
      if (connections) retire(connections);
      connections = { key };
    }
    return connections;
  };
  const keptAgent = (fresh: unknown, certificates: AgentOptions = {}): Agent | undefined => {
    const kept = fresh instanceof Agent ? current() : undefined;
    if (kept === undefined || !(fresh instanceof Agent)) return undefined;
    kept.agent ??= lasting(fresh, certificates);
    return kept.agent;
  };
  const useProxy = (): void => {
    const [cluster] = kubeConfig.clusters;
    const proxyUrl = proxyOf();
    if (cluster === undefined || cluster.proxyUrl === proxyUrl) return;
    const { proxyUrl: _, ...direct } = cluster;
    kubeConfig.clusters = [proxyUrl === undefined ? direct : { ...direct, proxyUrl }];
  };

  const applySecurityAuthentication = kubeConfig.applySecurityAuthentication.bind(kubeConfig);
  kubeConfig.applySecurityAuthentication = async (context) => {
    useProxy();
    await applySecurityAuthentication(context);
    const request: AnyRequest = context;
    const agent = keptAgent(request.getAgent?.());
    if (agent) request.setAgent?.(agent);
    const fresh = request.getDispatcher?.();
    const kept = fresh && current();
    if (kept === undefined) return;
    kept.dispatcher ??= fresh;
    if (kept.dispatcher) request.setDispatcher?.(kept.dispatcher);
  };
  // The way of web sockets, and of watches, logs and metrics in 1.x.
  const applyToHTTPSOptions = kubeConfig.applyToHTTPSOptions.bind(kubeConfig);
  kubeConfig.applyToHTTPSOptions = async (options) => {
    useProxy();
    await applyToHTTPSOptions(options);
    // 2.x hands out an agent that it has made earlier, with the certificates of then.
    const { ca, cert, key } = options as AgentOptions;
    const agent = keptAgent(options.agent, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
    if (agent) options.agent = agent;
  };
  resendReads(clientNode, kubeConfig);
  return async () => {
    connections?.agent?.destroy();
    await connections?.dispatcher?.destroy();
  };
}

/** The same agent, or one like it, that keeps its connections. */
function lasting(fresh: Agent, certificates: AgentOptions): Agent {
  const options = { ...fresh.options, ...certificates, keepAlive: true };
  if (fresh.constructor === Agent) return new Agent({ ...options, timeout: IDLE_MS });
  // An agent for a proxy, of whichever package, is a node:https Agent that made itself without keepAlive.
  return Object.assign(fresh, { keepAlive: true, options });
}

/** Requests that run on old connections, watches among them, go on to their end. */
function retire({ agent, dispatcher }: Connections): void {
  if (agent) {
    Object.assign(agent, { keepAlive: false, options: { ...agent.options, keepAlive: false } });
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
  void dispatcher?.close().catch(() => undefined);
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

/** Files are told apart by their time, size and place. Certificates that a command hands out are never the same. */
function keyOf(kubeConfig: KubeConfig): string | undefined {
  const user = kubeConfig.getCurrentUser();
  const cluster = kubeConfig.getCurrentCluster();
  if (user?.exec) return undefined;
  const files = [cluster?.caFile, user?.certFile, user?.keyFile].map((file) => {
    const stats = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
    return `${file ?? ''}:${stats?.mtimeMs ?? ''}:${stats?.ino ?? ''}:${stats?.size ?? ''}`;
  });
  return [cluster?.proxyUrl ?? '', ...files].join('|');
}
