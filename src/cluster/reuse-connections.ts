import { statSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { ClientNode } from './client-node.ts';
import { type HeaderLines, impersonationHeaders, sendThroughAgent, sendThroughDispatcher } from './impersonation.ts';
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

/** What the requests of one cluster go out with, as long as it stays the same. */
interface Maker {
  readonly selected: SelectedContext;
  readonly proxyUrl: string | undefined;
  readonly files: string;
  /**
   * A KubeConfig that nobody else sees or changes: what it applies to a request is of one piece, whatever changes while
   * the token is waited for. client-node 2.x keeps its agents for ever, in the KubeConfig that made them.
   */
  readonly kubeConfig: KubeConfig;
  readonly headers: HeaderLines | undefined;
  readonly connections: Connections;
}

/** Connections that are used again. */
interface Connections {
  readonly key: string;
  retired: boolean;
  agent?: Agent;
  dispatcher?: Dispatcher | undefined;
  /** The same dispatcher, as requests use it. */
  dressed?: Dispatcher | undefined;
}

/** What {@link reuseConnections} asks at each request. */
export interface ConnectionParts {
  readonly clientNode: ClientNode;
  /** What the kubeconfig says now. */
  readonly selected: () => SelectedContext;
  /** The proxy in force now. */
  readonly proxyUrl: () => string | undefined;
  /** A KubeConfig for that. */
  readonly makeKubeConfig: (selected: SelectedContext) => KubeConfig;
}

/**
 * client-node opens a new TLS connection for every request. With this, everything that goes out through one KubeConfig
 * shares connections for as long as server, certificates and proxy stay the same; what still runs on the old ones ends
 * there.
 * @returns how to close the connections
 */
export function reuseConnections(kubeConfig: KubeConfig, parts: ConnectionParts): () => Promise<void> {
  let maker: Maker | undefined;

  /** Called in the same turn in which client-node reads the address of the server. */
  const current = (): Maker => {
    const selected = parts.selected();
    const proxyUrl = parts.proxyUrl();
    const files = filesOf(selected);
    if (maker?.selected === selected && maker.proxyUrl === proxyUrl && maker.files === files) return maker;
    const key = keyOf(selected, proxyUrl, files);
    const before = maker?.connections;
    const connections = before?.key === key ? before : { key, retired: false };
    if (before && before !== connections) retire(before);
    maker = {
      selected,
      proxyUrl,
      files,
      kubeConfig: parts.makeKubeConfig({ ...selected, cluster: { ...selected.cluster, proxyUrl } }),
      headers: impersonationHeaders(selected.user.impersonation),
      connections,
    };
    return maker;
  };
  const keptAgent = (used: Maker, fresh: unknown, certificates: AgentOptions = {}): Agent | undefined => {
    if (!(fresh instanceof Agent)) return undefined;
    const { connections, headers } = used;
    if (!isKept(used)) return sendThroughAgent(fresh, headers);
    connections.agent ??= sendThroughAgent(lasting(fresh, certificates), headers);
    return connections.agent;
  };
  const keptDispatcher = (used: Maker, fresh: Dispatcher): Dispatcher => {
    const { connections, headers } = used;
    if (!isKept(used)) return sendThroughDispatcher(fresh, headers);
    connections.dispatcher ??= fresh;
    connections.dressed ??= sendThroughDispatcher(connections.dispatcher, headers);
    return connections.dressed;
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
  // The way of web sockets, and of watches, logs and metrics in 1.x.
  kubeConfig.applyToHTTPSOptions = async (options) => {
    const used = current();
    await used.kubeConfig.applyToHTTPSOptions(options);
    // 2.x hands out an agent that it has made earlier, with the certificates of then.
    const { ca, cert, key } = options as AgentOptions;
    const agent = keptAgent(used, options.agent, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
    if (agent) options.agent = agent;
  };
  resendReads(parts.clientNode, kubeConfig);
  return async () => {
    maker?.connections.agent?.destroy();
    await maker?.connections.dispatcher?.destroy();
  };
}

/** Certificates that a command hands out are never the same; and what was replaced meanwhile takes nothing up any more. */
function isKept({ selected, connections }: Maker): boolean {
  return selected.user.exec === undefined && !connections.retired;
}

/** The same agent, or one like it, that keeps its connections. */
function lasting(fresh: Agent, certificates: AgentOptions): Agent {
  const options = { ...fresh.options, ...certificates, keepAlive: true };
  if (fresh.constructor === Agent) return new Agent({ ...options, timeout: IDLE_MS });
  // An agent for a proxy, of whichever package, is a node:https Agent that made itself without keepAlive.
  return Object.assign(fresh, { keepAlive: true, options });
}

/** Requests that run on old connections, watches among them, go on to their end. */
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

/** Files are told apart by their time, size and place. */
function filesOf({ cluster, user }: SelectedContext): string {
  const files = [cluster.caFile, user.certFile, user.keyFile].map((file) => {
    const stats = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
    return `${file ?? ''}:${stats?.mtimeMs ?? ''}:${stats?.ino ?? ''}:${stats?.size ?? ''}`;
  });
  return files.join('|');
}

/** What connections are made with; with another key they are made anew. */
function keyOf({ cluster, user }: SelectedContext, proxyUrl: string | undefined, files: string): string {
  const { name: _, ...server } = cluster;
  const { certData, keyData, impersonation } = user;
  return JSON.stringify([{ ...server, proxyUrl }, certData, keyData, impersonation, files]);
}
