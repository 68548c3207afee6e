import { statSync } from 'node:fs';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { readBytesSync } from '../../system/read-file.ts';
import { ownSenders } from '../senders/senders.ts';
import { requireSender, setAgent } from '../senders/sent-by-agent.ts';
import { Connections } from '../transport/connections.ts';
import { guardedAgent } from '../transport/guarded-agent.ts';
import { guardedDispatcher } from '../transport/guarded-dispatcher.ts';
import type { Limits } from '../transport/limits.ts';
import { type HeaderLines, Passage } from '../transport/passage.ts';
import { type Certificates, type Route, routeOf } from '../transport/route.ts';
import type { RequestSettings } from '../transport/settings.ts';
import type { DispatcherClass } from '../transport/undici-dispatcher.ts';
import type { ClusterAuth, ClusterPassage } from './cluster-auth.ts';
import { impersonationHeaders } from './impersonation.ts';
import { interceptRequests } from './intercept-requests.ts';
import { setPassage } from './passages.ts';
import { PluginIdentity } from './plugin-identity.ts';
import { readTokenFile } from './read-token-file.ts';
import type { RequestIdentity } from './request-identity.ts';
import { resendReads } from './resend-reads.ts';

/** The request of client-node 1.x (agents) and 2.x (dispatchers). */
interface AnyRequest {
  setAgent?(agent: Agent): void;
  /** The declarations of undici differ from the few that are used here. */
  getDispatcher?(): unknown;
  setDispatcher?(dispatcher: unknown): void;
}

/** The options of a request that client-node fills in. */
interface HTTPSOptions {
  headers?: OutgoingHttpHeaders;
  auth?: string;
  agent?: Agent;
  rejectUnauthorized?: boolean;
}

/**
 * Everything that decides where requests go and with which identity. It is replaced as a whole, so that a request never
 * mixes two versions.
 */
interface Transport {
  readonly selected: SelectedContext;
  readonly proxyUrl: string | undefined;
  readonly files: string;
  readonly identity: RequestIdentity | undefined;
  readonly route: Route;
  /**
   * Makes headers. It is never shared or changed, so that a request gets the headers of the moment in which it began.
   */
  readonly kubeConfig: KubeConfig;
  readonly headers: HeaderLines | undefined;
  readonly key: string;
  readonly connections: Connections;
}

/** The functions that {@link reuseConnections} calls at each request. */
export interface ConnectionParts {
  readonly auth: ClusterAuth;
  /** The limits of a request that begins now. */
  readonly limits: () => Limits;
  /** The current context; undefined where the request is not for ekspress. @throws EKSAuthError where it is refused */
  readonly selected: () => SelectedContext | undefined | Promise<SelectedContext>;
  /** The current proxy. */
  readonly proxyUrl: (selected: SelectedContext) => string | undefined;
  /** Makes a KubeConfig of a context. @param marked whether its user is the one that gets tokens in-process */
  readonly makeKubeConfig: (selected: SelectedContext, marked: boolean) => KubeConfig;
  /** Called when a kept connection has fallen silent. */
  readonly silent: () => void;
  readonly settings: RequestSettings;
}

/** Ends what {@link reuseConnections} began. */
export interface Reusing {
  /** Ends the connections. */
  close(): Promise<void>;
  /** Gives the KubeConfig its own methods back. */
  undo(): void;
}

/**
 * Sends all requests of one KubeConfig through ekspress: over its own shared connections, checked at each hop, within
 * limits. client-node itself opens a new TLS connection for every request. After a change, requests in progress end on
 * the old connections.
 */
export function reuseConnections(kubeConfig: KubeConfig, parts: ConnectionParts): Reusing {
  const { auth } = parts;
  let transport: Transport | undefined;
  let dispatcherClass: Promise<DispatcherClass> | undefined;

  /** Called synchronously when client-node reads the address of the server, so that both agree. */
  const current = (selected: SelectedContext): Transport => {
    const proxyUrl = parts.proxyUrl(selected);
    const files = filesOf(selected);
    const { identity } = auth;
    const before = transport;
    if (
      before?.selected === selected &&
      before.proxyUrl === proxyUrl &&
      before.files === files &&
      before.identity === identity
    ) {
      return before;
    }
    const key = keyOf(selected, proxyUrl, files);
    const same = before?.key === key ? before : undefined;
    if (before && !same) before.connections.retire();
    const route = same?.route ?? routeOf(selected.cluster, proxyUrl, certificatesOf(selected), parts.settings.tls);
    const connections =
      same?.connections ?? new Connections(route, parts.limits(), { keep: true, silent: parts.silent });
    const { secure } = route.origin;
    const headers = secure ? impersonationHeaders(selected.user.impersonation) : undefined;
    // As in kubectl, no credentials are sent over plain http.
    const user = secure ? selected.user : { name: selected.user.name };
    // The route decides what is verified. client-node refuses plain http without this setting.
    const cluster = { ...selected.cluster, proxyUrl: undefined, ...(!secure && { skipTLSVerify: true }) };
    const plain = { ...selected, user, cluster };
    const made = parts.makeKubeConfig(plain, true);
    transport = { selected, proxyUrl, files, identity, route, kubeConfig: made, headers, key, connections };
    return transport;
  };

  /** Begins a request, and lets client-node fill in its options. */
  const depart = async (used: Transport, options: HTTPSOptions): Promise<Departure> => {
    const limits = parts.limits();
    const { headers, identity } = used;
    const printed =
      identity instanceof PluginIdentity && used.route.origin.secure ? await identity.credential() : undefined;
    const connections = used.connections.as(printed?.certificate);
    const passage = new Passage(connections.route, identity);
    await auth.depart(passage, () => used.kubeConfig.applyToHTTPSOptions(options));
    const { tokenFile } = used.selected.user;
    if (tokenFile !== undefined && used.route.origin.secure) {
      options.headers = { ...options.headers, Authorization: `Bearer ${readTokenFile(used.selected, tokenFile)}` };
    }
    if (printed?.token) options.headers = { ...options.headers, Authorization: passage.authorize(printed.token) };
    options.rejectUnauthorized = used.route.verify;
    const { userAgent } = parts.settings;
    if (userAgent !== undefined) options.headers = { ...options.headers, 'User-Agent': userAgent };
    return { passage, limits, headers, connections };
  };

  const findDispatcherClass = async (request: RequestContext): Promise<DispatcherClass> => {
    const Request = request.constructor as new (...args: unknown[]) => RequestContext & AnyRequest;
    const example = new Request('https://localhost', 'GET');
    await parts.makeKubeConfig(NOWHERE, false).applySecurityAuthentication(example);
    return Object(example.getDispatcher?.()).constructor;
  };

  const { applySecurityAuthentication, applyToHTTPSOptions } = kubeConfig;
  let undone = false;
  // A KubeConfig that is made from this one, by another attachment too, has its own user and server.
  const selectedFor = (asked: KubeConfig): ReturnType<ConnectionParts['selected']> =>
    undone || asked !== kubeConfig ? undefined : parts.selected();
  async function authenticate(this: KubeConfig, context: RequestContext): Promise<void> {
    const selected = selectedFor(this);
    if (selected === undefined) return applySecurityAuthentication.call(this, context);
    requireSender(context);
    const used = current(selected instanceof Promise ? await selected : selected);
    const options: HTTPSOptions = {};
    const { passage, limits, headers, connections } = await depart(used, options);
    if (options.auth) context.setHeaderParam('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    for (const [name, value] of Object.entries(options.headers ?? {})) context.setHeaderParam(name, `${value}`);
    const request: AnyRequest = context;
    if (request.setDispatcher && !senders) {
      dispatcherClass ??= findDispatcherClass(context);
      const made = await dispatcherClass;
      request.setDispatcher(guardedDispatcher(made, connections, passage, limits, headers));
    } else {
      setAgent(request, guardedAgent(connections, passage, limits, headers));
    }
    setPassage(context, passage);
  }
  // Called for web sockets, and in 1.x for watches, logs and metrics.
  async function fillIn(this: KubeConfig, options: Parameters<typeof applyToHTTPSOptions>[0]): Promise<void> {
    const selected = selectedFor(this);
    if (selected === undefined) return applyToHTTPSOptions.call(this, options);
    requireSender(options);
    const used = current(selected instanceof Promise ? await selected : selected);
    const { passage, limits, headers, connections } = await depart(used, options as HTTPSOptions);
    (options as HTTPSOptions).agent = guardedAgent(connections, passage, limits, headers);
  }
  Object.assign(kubeConfig, { applySecurityAuthentication: authenticate, applyToHTTPSOptions: fillIn });
  const senders = ownSenders();
  const stopSending = senders && interceptRequests(kubeConfig, senders.configure);
  const stopResending = resendReads(kubeConfig, parts.settings.userAgent);
  return {
    close: async () => transport?.connections.close(),
    undo() {
      stopResending();
      stopSending?.();
      transport?.connections.retire();
      undone = true;
      // Another attachment may stand on these methods. Then they stay, and pass everything on.
      if (kubeConfig.applySecurityAuthentication === authenticate && kubeConfig.applyToHTTPSOptions === fillIn) {
        Object.assign(kubeConfig, { applySecurityAuthentication, applyToHTTPSOptions });
      }
    },
  };
}

interface Departure {
  readonly passage: ClusterPassage;
  readonly limits: Limits;
  readonly headers: HeaderLines | undefined;
  readonly connections: Connections;
}

/** A context from which client-node makes a dispatcher without settings. */
const NOWHERE: SelectedContext = {
  context: { name: 'nowhere', cluster: 'nowhere' },
  cluster: { name: 'nowhere', server: 'https://localhost', skipTLSVerify: true },
  user: { name: '' },
  place: '',
};

function certificatesOf({ cluster, user }: SelectedContext): Certificates {
  return {
    ca: pemOf(cluster.caFile, cluster.caData),
    cert: pemOf(user.certFile, user.certData),
    key: pemOf(user.keyFile, user.keyData),
  };
}

function pemOf(file: string | undefined, data: string | undefined): Buffer | undefined {
  if (file) return readBytesSync(file);
  return data ? Buffer.from(data, 'base64') : undefined;
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
