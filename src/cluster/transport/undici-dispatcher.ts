import type { Socket } from 'node:net';
import { dial } from './dial.ts';
import type { Limits } from './limits.ts';
import type { Route } from './route.ts';

/** The counterpart of an agent in client-node 2.x. */
export interface Dispatcher {
  readonly dispatch: Dispatch;
  compose(interceptor: (dispatch: Dispatch) => Dispatch): Dispatcher;
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** Starts a request of undici. */
export type Dispatch = (options: DispatchOptions, handler: object) => boolean;

/** The parts of a request of undici that are read or changed here. */
export interface DispatchOptions {
  readonly origin?: unknown;
  readonly path?: string;
  readonly method?: string;
  readonly upgrade?: unknown;
  readonly headers?: unknown;
}

/** undici's Agent, as client-node 2.x brings it along. */
export type DispatcherClass = new (options: object) => Dispatcher;

/** The time for which idle connections are kept. It is short, because undici does not tell a read from a write. */
const IDLE_MS = 4_000;

/**
 * A dispatcher of undici whose connections all lead along one route.
 * @param keep whether connections are kept for other requests
 * @param dialled called for each connection
 */
export function dispatcherAlong(
  dispatcherClass: DispatcherClass,
  route: Route,
  limits: Limits,
  { keep, dialled }: { readonly keep: boolean; readonly dialled?: () => void },
): Dispatcher {
  const idle = keep ? Math.min(IDLE_MS, limits.provenMs) : 1;
  return new dispatcherClass({
    // undici has no limits here: streams may be quiet, and other answers have the limits of ekspress.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idle,
    keepAliveMaxTimeout: idle,
    connect(_options: unknown, connected: (error: unknown, socket: Socket | null) => void) {
      dialled?.();
      dial(route, limits).then(
        (socket) => connected(null, socket),
        (error: unknown) => connected(error, null),
      );
    },
  });
}
