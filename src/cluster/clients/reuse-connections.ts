import { statSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import type { ClientNode } from './client-node.ts';
import { type HeaderLines, impersonationHeaders, sendThroughAgent, sendThroughDispatcher } from './impersonation.ts';
import { interceptRequests } from './intercept-requests.ts';

/** Idle connections are closed before the API server closes them (after 90 s), so that no request fails on one. */
const IDLE_MS = 60_000;

/** The counterpart of an agent in client-node 2.x. */
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

/** The KubeConfig and the connections for requests. Replaced when server, user or proxy change. */
interface Transport {
  readonly selected: SelectedContext;
  readonly proxyUrl: string | undefined;
  readonly files: string;
  /**
   * A KubeConfig that is never shared or changed, so that a request gets consistent settings even if the kubeconfig
   * changes while it waits for a token. client-node 2.x never replaces the agents of a KubeConfig, so a change needs a
   * new one.
   */
  readonly kubeConfig: KubeConfig;
  readonly headers: HeaderLines | undefined;
  readonly connections: Connections;
}

/** Connections that are reused. */
interface Connections {
  readonly key: string;
  retired: boolean;
  agent?: Agent;
  dispatcher?: Dispatcher | undefined;
  /** The dispatcher of the requests: the same connections, with the impersonation headers. */
  withHeaders?: Dispatcher | undefined;
}

/** The functions that {@link reuseConnections} calls at each request. */
export interface ConnectionParts {
  readonly clientNode: ClientNode;
  /** The context in the current kubeconfig. */
  readonly selected: () => SelectedContext;
  /** The current proxy. */
  readonly proxyUrl: () => string | undefined;
  /** Makes a KubeConfig of a context. */
  readonly makeKubeConfig: (selected: SelectedContext) => KubeConfig;
}

/**
 * Makes all requests of one KubeConfig share connections while server, certificates and proxy stay the same.
 * client-node itself opens a new TLS connection for every request. After a change, requests in progress end on the old
 * connections.
 * @returns a function that closes the connections
 */
export function reuseConnections(kubeConfig: KubeConfig, parts: ConnectionParts): () => Promise<void> {
  let transport: Transport | undefined;

  /** Called synchronously when client-node reads the address of the server, so that both agree. */
  const current = (): Transport => {
    const selected = parts.selected();
    const proxyUrl = parts.proxyUrl();
    const files = filesOf(selected);
    if (transport?.selected === selected && transport.proxyUrl === proxyUrl && transport.files === files) {
      return transport;
    }
    const key = keyOf(selected, proxyUrl, files);
    const before = transport?.connections;
    const connections = before?.key === key ? before : { key, retired: false };
    if (before && before !== connections) retire(before);
    transport = {
      selected,
      proxyUrl,
      files,
      kubeConfig: parts.makeKubeConfig({ ...selected, cluster: { ...selected.cluster, proxyUrl } }),
      headers: impersonationHeaders(selected.user.impersonation),
      connections,
    };
    return transport;
  };
  const keptAgent = (used: Transport, fresh: unknown, certificates: AgentOptions = {}): Agent | undefined => {
    if (!(fresh instanceof Agent)) return undefined;
    const { connections, headers } = used;
    if (!isKept(used)) return sendThroughAgent(fresh, headers);
    connections.agent ??= sendThroughAgent(lasting(fresh, certificates), headers);
    return connections.agent;
  };
  const keptDispatcher = (used: Transport, fresh: Dispatcher): Dispatcher => {
    const { connections, headers } = used;
    if (!isKept(used)) return sendThroughDispatcher(fresh, headers);
    connections.dispatcher ??= fresh;
    connections.withHeaders ??= sendThroughDispatcher(connections.dispatcher, headers);
    return connections.withHeaders;
  };

  kubeConfig.applySecurityAuthentication = async (context) => {
    const used = current();
    await used.kubeConfig.applySecurityAuthentication(context);
    const request: AnyRequest = context;
    const agent = keptAgent(used, request.getAgent?.());
    if (agent) request.setAgent?.(agent);
    const fresh = request.getDispatcher?.();
    if (fresh) request.setDispatcher?.(keptDispatcher(used, fresh));
  };
  // Called for web sockets, and in 1.x for watches, logs and metrics.
  kubeConfig.applyToHTTPSOptions = async (options) => {
    const used = current();
    await used.kubeConfig.applyToHTTPSOptions(options);
    // 2.x returns an agent that it made earlier, with the certificates of that time.
    const { ca, cert, key } = options as AgentOptions;
    const agent = keptAgent(used, options.agent, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
    if (agent) options.agent = agent;
  };
  resendReads(parts.clientNode, kubeConfig);
  return async () => {
    transport?.connections.agent?.destroy();
    await transport?.connections.dispatcher?.destroy();
  };
}

/** Whether to reuse connections: not with certificates from a command, which may change, nor after a replacement. */
function isKept({ selected, connections }: Transport): boolean {
  return selected.user.exec === undefined && !connections.retired;
}

/** Makes an agent with the same options that keeps its connections, or changes the agent itself. */
function lasting(fresh: Agent, certificates: AgentOptions): Agent {
  const options = { ...fresh.options, ...certificates, keepAlive: true };
  if (fresh.constructor === Agent) return new Agent({ ...options, timeout: IDLE_MS });
  // Agents for proxies extend node:https's Agent and have no option for keepAlive.
  return Object.assign(fresh, { keepAlive: true, options });
}

/** Requests in progress on these connections, watches included, continue to their end. */
function retire(connections: Connections): void {
  connections.retired = true;
  const { agent, dispatcher } = connections;
  if (agent) {
    Object.assign(agent, { keepAlive: false, options: { ...agent.options, keepAlive: false } });
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
  void dispatcher?.close().catch(() => undefined);
}

/**
 * Sends a read once more if its reused connection turns out to be closed by the server, as other HTTP clients do. A
 * write is not sent again, because the server may have processed it.
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

/** undici, which 2.x uses, has the error code in the cause. */
function isClosedConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET' || isClosedConnection(error.cause);
}

/** Identifies the versions of the certificate files by their time, inode and size. */
function filesOf({ cluster, user }: SelectedContext): string {
  const files = [cluster.caFile, user.certFile, user.keyFile].map((file) => {
    const stats = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
    return `${file ?? ''}:${stats?.mtimeMs ?? ''}:${stats?.ino ?? ''}:${stats?.size ?? ''}`;
  });
  return files.join('|');
}

/** The settings of connections, as text. Another key needs new connections. */
function keyOf({ cluster, user }: SelectedContext, proxyUrl: string | undefined, files: string): string {
  const { name: _, ...server } = cluster;
  const { certData, keyData, impersonation } = user;
  return JSON.stringify([{ ...server, proxyUrl }, certData, keyData, impersonation, files]);
}
