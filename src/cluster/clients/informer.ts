import type {
  ErrorCallback,
  Informer,
  KubernetesObject,
  ListPromise,
  ObjectCache,
  Watch,
} from '@kubernetes/client-node';
import { onAbort } from '../../system/link-signals.ts';
import { askedToWaitMs, Backoff } from './backoff.ts';
import type { ClientNode } from './client-node.ts';
import { type InformerList, type InformerOptions, listPages } from './list-pages.ts';
import { oneConnection } from './one-connection.ts';

/** The shortest time between a failure and an attempt by `start()`, because listeners call it on 'error'. */
const SOONEST_MS = 1_000;

/** The parts of an informer. */
export interface InformerParts<T extends KubernetesObject> {
  readonly clientNode: ClientNode;
  readonly path: string;
  readonly list: InformerList<T>;
  readonly options: InformerOptions;
  /** A watch that reports every failure to `done`. */
  readonly watch: Watch;
  /** A number that changes when the cluster moves to another server, whose resource versions differ. */
  readonly place: () => number;
  /** Aborted when the cluster is unregistered. The informer does not retry afterwards. */
  readonly closing: AbortSignal;
  /** Called for each failure that is followed by another attempt, with the pause before it. */
  readonly failed: (error: unknown, retryInMs: number) => void;
}

/**
 * An informer that recovers by itself. After any failure it emits 'error', pauses as client-go's reflector does, or for as
 * long as the server asks, and continues from the last version it has seen. `start()` during the pause tries at once, but
 * not sooner than a second after the failure. `start()` while it runs has no effect, because listeners written for
 * client-node's informers call it on 'error'. An end that was asked for emits none: `stop()`, or the end of its cluster,
 * which the registry's event 'removed' tells.
 */
export function makeHealingInformer<T extends KubernetesObject>(parts: InformerParts<T>): Informer<T> & ObjectCache<T> {
  const { clientNode, path, options, closing, failed, place } = parts;
  const { labelSelector, fieldSelector } = options;
  const all = listPages(parts.list, options);
  let listedAt = place();
  const list: ListPromise<T> = () => {
    listedAt = place();
    return all();
  };
  let state: 'stopped' | 'running' | 'waiting' = 'stopped';
  let pause: NodeJS.Timeout | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  const backoff = new Backoff();
  let callOff: (() => void) | undefined;

  /** The timer keeps the process running, as an open connection does. */
  const waitThen = (milliseconds: number, next: () => void): void => {
    clearTimeout(pause);
    pause = setTimeout(next, milliseconds);
  };
  const { watch, disconnect } = oneConnection(parts.watch, {
    isWanted: () => state === 'running',
    hasMoved: () => listedAt !== place(),
    wait: waitThen,
    endedSoon: (error, next) => waitThen(backoff.next(askedToWaitMs(error)), next),
  });
  const informer = new clientNode.ListWatch<T>(path, watch, list, false, labelSelector, fieldSelector);
  const start = informer.start.bind(informer);
  const stop = informer.stop.bind(informer);

  const begin = async (): Promise<void> => {
    clearTimeout(pause);
    state = 'running';
    await start();
  };
  const end = (): Promise<void> => {
    state = 'stopped';
    clearTimeout(pause);
    callOff?.();
    disconnect();
    return stop();
  };
  hearErrors(informer, (error) => {
    // The list that was in progress when the informer stopped.
    if (state !== 'running') return false;
    if (closing.aborted) {
      // It was started after the end of its cluster, which the listeners learn.
      void end();
      return true;
    }
    state = 'waiting';
    failedAt = performance.now();
    const retryInMs = Math.round(backoff.next(askedToWaitMs(error)));
    waitThen(retryInMs, () => void begin());
    failed(error, retryInMs);
    return true;
  });
  informer.start = async () => {
    if (state === 'running') return;
    callOff?.();
    callOff = closing.aborted ? undefined : onAbort(closing, () => void end());
    const soonest = failedAt + SOONEST_MS - performance.now();
    if (state === 'waiting' && soonest > 0) waitThen(soonest, () => void begin());
    else await begin();
  };
  informer.stop = end;
  return informer;
}

/**
 * Calls `hear` for each error of an informer, and then the listeners if it returns true. client-node calls them in any
 * case.
 */
function hearErrors<T extends KubernetesObject>(
  informer: Informer<T> & ObjectCache<T>,
  hear: (error: unknown) => boolean,
): void {
  const listeners: ErrorCallback[] = [];
  informer.on('error', (error) => {
    if (hear(error)) for (const listener of [...listeners]) listener(error);
  });
  const on = informer.on.bind(informer) as (verb: string, callback: unknown) => void;
  const off = informer.off.bind(informer) as (verb: string, callback: unknown) => void;
  informer.on = (verb: string, callback: unknown) => {
    if (verb === 'error') listeners.push(callback as ErrorCallback);
    else on(verb, callback);
  };
  informer.off = (verb: string, callback: unknown) => {
    if (verb !== 'error') return off(verb, callback);
    const at = listeners.indexOf(callback as ErrorCallback);
    if (at !== -1) listeners.splice(at, 1);
  };
}
