import { originOf } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { isClosed } from './closed-connection.ts';
import { type Connections, detourOf } from './connections.ts';
import type { Limits } from './limits.ts';
import { type HeaderLines, isCredential, type Passage } from './passage.ts';
import { retryAfterMs } from './retry-after.ts';
import { HeldAnswer } from './server-error.ts';
import type { Dispatcher, DispatcherClass, DispatchOptions } from './undici-dispatcher.ts';
import { watchAnswer } from './watch-answer.ts';

/** A request of undici in progress. */
interface Controller {
  readonly paused?: boolean;
  abort(reason: Error): void;
}

/** A handler of undici, which is told of the progress of a request. */
interface Handler {
  onRequestStart(controller: Controller, context: unknown): void;
  onResponseStart(controller: Controller, status: number, headers: Record<string, unknown>, text: string): void;
  onResponseData(controller: Controller, chunk: unknown): void;
  onResponseEnd(...args: unknown[]): void;
  onResponseError(controller: Controller, error: Error): void;
}

type Line = readonly [name: string, value: unknown];

/** The same as {@link guardedAgent} for undici, which client-node 2.x uses. */
export function guardedDispatcher(
  dispatcherClass: DispatcherClass,
  connections: Connections,
  passage: Passage,
  limits: Limits,
  headers?: HeaderLines,
): Dispatcher {
  const send = (options: DispatchOptions, handler: object): boolean => {
    const hop = originOf(String(options.origin));
    if (hop === undefined) throw passage.refusal('it would have gone to an address that cannot be read');
    const lines = linesOf(options.headers);
    const authorization = lines.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    if (passage.admit(hop, authorization)) {
      const all = [...lines, ...Object.entries(headers ?? {})].flat();
      return travel(dispatcherClass, connections, passage, limits, { ...options, headers: all }, handler as Handler);
    }
    const without = lines.filter(([name]) => !isCredential(name)).flat();
    const elsewhere = detourOf(passage, hop, limits);
    return travel(dispatcherClass, elsewhere, passage, limits, { ...options, headers: without }, handler as Handler);
  };
  // The dispatcher that is composed here is not used: each hop chooses its own.
  return connections.dispatcher(dispatcherClass, false).compose(() => (options, handler) => {
    try {
      return send(options, handler);
    } catch (error) {
      passage.failure = error as Error;
      throw error;
    }
  });
}

function travel(
  dispatcherClass: DispatcherClass,
  connections: Connections,
  passage: Passage,
  limits: Limits,
  options: DispatchOptions,
  handler: Handler,
): boolean {
  const { kept } = connections;
  const { method = 'GET', path = '/', upgrade } = options;
  const kind = passage.kindOf(method, path, Boolean(upgrade));
  const { dialled } = kept;
  let controller: Controller | undefined;
  let parts = 0;
  const watched = watchAnswer({
    passage,
    server: connections.route.origin,
    kind,
    limits,
    end: (reason) => controller?.abort(reason),
    probe: (signal) => connections.probe(signal),
    silent: () => connections.silent(),
    received: () => parts,
    isPaused: () => controller?.paused === true,
  });
  const held = new HeldAnswer(handler as never, (error) => {
    passage.serverError = error;
  });
  const told: Partial<Handler> = {
    onRequestStart(started, context) {
      controller = started;
      watched.sent(kept.dialled === dialled);
      handler.onRequestStart(started, context);
    },
    onResponseStart(started, status, headers, text) {
      if (status >= 200) {
        passage.retryAfterMs = retryAfterMs(headers['retry-after']);
        passage.date = typeof headers.date === 'string' ? headers.date : undefined;
        watched.head();
      }
      if (kind.dropsErrors) held.start(started, status, headers, text);
      else handler.onResponseStart(started, status, headers, text);
    },
    onResponseData(started, chunk) {
      parts += 1;
      held.data(started, chunk);
    },
    onResponseEnd(...args) {
      watched.over();
      held.release();
      handler.onResponseEnd(...args);
    },
    onResponseError(started, error) {
      watched.over();
      if (kept.dialled === dialled && isClosed(error)) connections.dropIdle();
      if (error instanceof EKSAuthError) passage.failure ??= error;
      held.release();
      handler.onResponseError(started, error);
    },
  };
  const watching = new Proxy(handler, {
    get(target, name) {
      if (Object.hasOwn(told, name)) return told[name as keyof Handler];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return connections.dispatcher(dispatcherClass, kind.isStream).dispatch(options, watching);
}

/** The headers of a request of undici: an object, or a list of names and values in turn. */
function linesOf(headers: unknown): readonly Line[] {
  if (!Array.isArray(headers)) return Object.entries(Object(headers));
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[String(name), headers[index + 1]] as const] : []));
}
