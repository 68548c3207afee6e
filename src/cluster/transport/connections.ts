import type { Origin } from '../../aws/http/read-url.ts';
import type { ClientCertificate } from '../../cache/entry/entry.ts';
import type { Limits } from './limits.ts';
import type { Passage } from './passage.ts';
import { detour, type Route } from './route.ts';
import { probe, RoutePool } from './route-pool.ts';
import { type Dispatcher, type DispatcherClass, dispatcherAlong } from './undici-dispatcher.ts';

/** The connections along one route: those of node:http, which web sockets use too, and those of undici. */
export class Connections {
  readonly route: Route;
  readonly limits: Limits;
  /** The connections of requests that end. */
  readonly kept: RoutePool;
  /** The connections of streams, each of which has its own, and of requests whose connection may not be kept. */
  readonly single: RoutePool;
  readonly #silent: () => void;
  #shared: boolean;
  #derived: { readonly certificate: ClientCertificate; readonly connections: Connections } | undefined;
  #keptDispatcher: Dispatcher | undefined;
  #singleDispatcher: Dispatcher | undefined;

  /**
   * @param keep false: each request has its own connection
   * @param silent called when a kept connection has fallen silent
   */
  constructor(
    route: Route,
    limits: Limits,
    { keep, silent }: { readonly keep: boolean; readonly silent?: () => void },
  ) {
    this.route = route;
    this.limits = limits;
    this.kept = new RoutePool(route, limits, keep);
    this.single = new RoutePool(route, limits, false);
    this.#silent = silent ?? (() => undefined);
    this.#shared = keep;
  }

  /**
   * The connections with a client certificate that a command has printed. A certificate of the kubeconfig takes
   * precedence. The connections of the previous certificate are retired.
   */
  as(certificate: ClientCertificate | undefined): Connections {
    if (certificate === undefined || this.route.cert !== undefined) return this;
    const before = this.#derived;
    if (before?.certificate.clientCertificateData === certificate.clientCertificateData) return before.connections;
    before?.connections.retire();
    const { clientCertificateData: cert, clientKeyData: key } = certificate;
    const keep = this.#shared;
    const connections = new Connections({ ...this.route, cert, key }, this.limits, { keep, silent: this.#silent });
    this.#derived = { certificate, connections };
    return connections;
  }

  /** Whether requests share connections. */
  get isShared(): boolean {
    return this.#shared;
  }

  /** The dispatcher of undici for a request. @param stream whether the request is a stream */
  dispatcher(dispatcherClass: DispatcherClass, stream: boolean): Dispatcher {
    const dialled = (): void => this.kept.countDial();
    if (stream || !this.#shared) {
      this.#singleDispatcher ??= dispatcherAlong(dispatcherClass, this.route, this.limits, { keep: false, dialled });
      return this.#singleDispatcher;
    }
    this.#keptDispatcher ??= dispatcherAlong(dispatcherClass, this.route, this.limits, { keep: true, dialled });
    return this.#keptDispatcher;
  }

  /** Whether the server answers over a new connection. */
  probe(signal: AbortSignal): Promise<boolean> {
    return probe(this.route, this.limits, signal);
  }

  /** Called when a kept connection has fallen silent. */
  silent(): void {
    this.dropIdle();
    this.#silent();
  }

  /**
   * Closes idle connections after one was found closed or silent: the others may be, too. A request that is sent again
   * gets a new connection.
   */
  dropIdle(): void {
    this.kept.dropIdle();
    // Requests in progress continue to their end.
    void this.#keptDispatcher?.close().catch(() => undefined);
    this.#keptDispatcher = undefined;
  }

  /** Keeps no connection from now on. Requests in progress, watches included, continue to their end. */
  retire(): void {
    this.#shared = false;
    this.kept.retire();
    this.#derived?.connections.retire();
    void this.#keptDispatcher?.close().catch(() => undefined);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.kept.destroy();
    this.single.destroy();
    await Promise.all([
      this.#keptDispatcher?.destroy(),
      this.#singleDispatcher?.destroy(),
      this.#derived?.connections.close(),
    ]);
  }
}

/** The connections of a request that a redirect has led to another server. None of them is kept. */
export function detourOf({ route }: Passage, server: Origin, limits: Limits): Connections {
  return new Connections(detour(route, server), limits, { keep: false });
}
