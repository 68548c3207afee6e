import { AsyncResource } from 'node:async_hooks';
import type { Watch } from '@kubernetes/client-node';
import { EKSAuthError } from '../../errors.ts';
import { isUnauthorized } from '../requests/call-healed.ts';
import { limitsNow } from '../requests/call-limits.ts';
import type { Trace } from '../requests/cluster-auth.ts';
import { withServerWords } from '../requests/server-words.ts';
import { noteRetryAfter } from './backoff.ts';
import type { ClientParts } from './pod-clients.ts';
import { watchLiveness } from './watch-liveness.ts';

/** The longest time of a timer of Node. */
const NEVER_MS = 2 ** 31 - 1;

/** A watch that is open, or about to open. */
interface Attempt {
  readonly controller: AbortController;
  readonly failure: { readonly error: unknown } | undefined;
}

/**
 * A watch that cannot end the process. Without a token, client-node's own watch rejects, and its informers leave that
 * as an unhandled rejection. This watch calls `done` with the error. It replaces a refused token once, follows a
 * changed kubeconfig, and ends when its connection has fallen silent.
 */
export function makeSafeWatch({ clientNode, kubeConfig, auth, changes, streams, limits }: ClientParts): Watch {
  const watch = new clientNode.Watch(kubeConfig);
  // client-node 2.x ends a watch that is quiet for 30 s.
  Object.assign(watch, { requestTimeoutMs: NEVER_MS });
  const connect = watch.watch.bind(watch);
  watch.watch = async (path, queryParams, onEach, onEnd) => {
    // The callbacks run in the context of this call. Otherwise a watch that `done` opens would run inside this one, and
    // would hold all earlier watches.
    const callback = AsyncResource.bind(onEach);
    const done = AsyncResource.bind(onEnd);
    let opened = streams.watching();
    let trace: Trace = {};
    let latest: Attempt | undefined;
    let over = false;
    const finish = (error: unknown): void => {
      if (over) return;
      over = true;
      liveness.stop();
      done(isAbort(error) ? (auth.ended ?? error) : error);
    };
    const cut = (reason: Error): void => {
      if (latest === undefined) trace.passage?.end?.(reason);
      finish(reason);
      latest?.controller.abort();
    };
    const now = limitsNow(limits);
    const liveness = watchLiveness(now, timeoutOf(queryParams), cut);
    const query = { ...queryParams, timeoutSeconds: liveness.timeoutSeconds };
    const onEvent: typeof onEach = (phase, ...event) => {
      if (over) return;
      liveness.heard(phase);
      callback(phase, ...event);
    };
    /** Connects. `done` is called only after the watch has opened. */
    const attempt = async (): Promise<Attempt> => {
      opened = streams.watching();
      trace = {};
      let failure: Attempt['failure'];
      let connecting = true;
      const { outcome } = await auth.attempt(
        () =>
          connect(path, query, onEvent, (error) => {
            if (connecting) failure = { error };
            else finish(error);
          }),
        trace,
      );
      connecting = false;
      if ('error' in outcome) return { controller: ended(), failure: outcome };
      const reason = trace.passage?.failure;
      withServerWords(failure?.error, trace.passage?.serverError);
      noteRetryAfter(failure?.error, trace.passage?.retryAfterMs);
      return { controller: outcome.value, failure: failure && reason ? { error: reason } : failure };
    };
    const count = changes.count();
    let made = await attempt();
    if (made.failure && (await changes.since(count))) made = await attempt();
    try {
      if (trace.passage?.token !== undefined && isUnauthorized(made.failure?.error)) {
        await auth.heal(trace.passage, async () => {
          made = await attempt();
          return !isUnauthorized(made.failure?.error);
        });
      }
    } catch (error) {
      made = { controller: made.controller, failure: { error } };
    }
    latest = made;
    if (made.failure) finish(made.failure.error);
    else if (over) made.controller.abort();
    else {
      opened(made.controller, () => {
        if (liveness.isQuiet(now.silentMs)) cut(doubted());
      });
    }
    return made.controller;
  };
  return watch;
}

/** Whether a signal has ended a request, and not its server. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function timeoutOf(query: unknown): number | undefined {
  const seconds = Number((query as { readonly timeoutSeconds?: unknown } | undefined)?.timeoutSeconds);
  return seconds > 0 ? seconds : undefined;
}

function ended(): AbortController {
  const controller = new AbortController();
  controller.abort();
  return controller;
}

function doubted(): EKSAuthError {
  return new EKSAuthError(
    'TIMEOUT',
    'Another connection to the server has fallen silent, and this watch is silent too.',
    {
      remedy: 'Open the watch again; informers do so by themselves.',
    },
  );
}
