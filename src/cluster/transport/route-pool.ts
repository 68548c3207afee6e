import { Agent, type ClientRequest, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { dial } from './dial.ts';
import type { Limits } from './limits.ts';
import { authorityOf, type Route } from './route.ts';

/** Idle connections are closed before the API server closes them (after 90 s), so that no request fails on one. */
const IDLE_MS = 60_000;

/** The key in the options of a request under which the end of its dialling stands. */
const DIALLING = Symbol('dialling');

interface Dialling {
  readonly signal: AbortSignal;
  readonly limits: Limits;
}

type Connected = (error: Error | null, socket?: Duplex) => void;

/** The methods of agents that node:http calls and that their types leave out. */
export interface AgentMethods {
  addRequest(request: ClientRequest, options: object): void;
  keepSocketAlive(socket: Duplex): boolean;
}

/** The connections along one route. The target in the options of a request is ignored. */
export class RoutePool extends Agent {
  readonly route: Route;
  readonly #limits: Limits;
  #dialled = 0;
  readonly #provenAt = new WeakMap<Duplex, number>();

  /** @param keep whether connections are kept for other requests */
  constructor(route: Route, limits: Limits, keep: boolean) {
    super({ keepAlive: keep, timeout: IDLE_MS, scheduling: 'lifo' });
    this.route = route;
    this.#limits = limits;
    // node:http compares this with the scheme of a request.
    Object.assign(
      this,
      route.origin.secure ? { protocol: 'https:', defaultPort: 443 } : { protocol: 'http:', defaultPort: 80 },
    );
  }

  /** Sends a request over this pool. @param limits of this request */
  send(request: ClientRequest, options: object, limits: Limits): void {
    const ended = new AbortController();
    // node:http reports a destroyed request only when the request gets a connection.
    const destroy = request.destroy.bind(request);
    request.destroy = (error) => {
      const destroyed = destroy(error);
      ended.abort(error);
      return destroyed;
    };
    const agent = this as unknown as AgentMethods;
    // The request has its headers. Under NODE_DEBUG=http, Node prints the options of an agent.
    const plain = { ...options, headers: undefined, auth: undefined };
    agent.addRequest(request, { ...plain, [DIALLING]: { signal: ended.signal, limits } });
  }

  /** How many connections were dialled. */
  get dialled(): number {
    return this.#dialled;
  }

  /** Counts a connection that is dialled outside of this pool, along its route. */
  countDial(): void {
    this.#dialled += 1;
  }

  override createConnection(options: object, connected?: (error: Error | null, socket: Duplex) => void): undefined {
    const { [DIALLING]: dialling } = options as { readonly [DIALLING]?: Dialling };
    this.countDial();
    const tell = connected as Connected;
    dial(this.route, dialling?.limits ?? this.#limits, dialling?.signal).then((socket) => tell(null, socket), tell);
  }

  /** Called by node:http when a connection has answered and becomes idle. */
  override keepSocketAlive(socket: Duplex): boolean {
    this.#provenAt.set(socket, performance.now());
    return (Agent.prototype as unknown as AgentMethods).keepSocketAlive.call(this, socket);
  }

  /** Closes idle connections whose last answer is older than this. */
  dropIdle(olderThanMs = 0): void {
    const now = performance.now();
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of [...(sockets ?? [])]) {
        if (now - (this.#provenAt.get(socket) ?? 0) >= olderThanMs) socket.destroy();
      }
    }
  }

  /** Closes idle connections and keeps no others. Requests in progress continue to their end. */
  retire(): void {
    const { options } = this as unknown as { readonly options: object };
    Object.assign(this, { keepAlive: false, options: { ...options, keepAlive: false } });
    this.dropIdle();
  }
}

/** Whether the server answers over a new connection. The probe needs no token: any answer counts. */
export async function probe(route: Route, limits: Limits, signal: AbortSignal): Promise<boolean> {
  try {
    const socket = await dial(route, limits, signal);
    return await new Promise<boolean>((resolve) => {
      const end = (answered: boolean) => (): void => {
        socket.destroy();
        resolve(answered);
      };
      const request = httpRequest({
        path: '/version',
        headers: { host: authorityOf(route.origin) },
        createConnection: () => socket,
        signal,
      });
      for (const event of ['response', 'upgrade']) request.once(event, end(true));
      request.on('error', end(false));
      request.end();
    });
  } catch {
    return false;
  }
}
