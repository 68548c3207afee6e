import type { Informer, KubernetesObject, ListPromise, ObjectCache, Watch } from '@kubernetes/client-node';
import { onAbort } from '../../system/link-signals.ts';
import type { ClientNode } from './client-node.ts';

/** The upper bound of the first pause. It doubles with each failure, up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted this long counts as successful. */
const WORKED_MS = 5_000;

/** The parts of an informer. */
export interface InformerParts<T extends KubernetesObject> {
  readonly clientNode: ClientNode;
  readonly path: string;
  readonly list: ListPromise<T>;
  readonly labelSelector: string | undefined;
  /** A watch that reports every failure to `done`. */
  readonly watch: Watch;
  /** A number that changes when the cluster moves to another server, whose resource versions differ. */
  readonly place: () => number;
  /** Aborted when the cluster is unregistered. The informer does not retry afterwards. */
  readonly closing: AbortSignal;
  /** Called for each failure, with the pause before the next attempt; undefined if there is none. */
  readonly failed: (error: unknown, retryInMs: number | undefined) => void;
}

/**
 * An informer that recovers by itself. After any failure it emits 'error', waits for a random part of a pause that
 * doubles, and continues from the last version it has seen. `start()` during the wait tries at once. `start()` while it
 * runs has no effect, because listeners written for client-node's informers call it on 'error'.
 */
export function makeHealingInformer<T extends KubernetesObject>(parts: InformerParts<T>): Informer<T> & ObjectCache<T> {
  const { clientNode, path, labelSelector, closing, failed, place } = parts;
  let listedAt = place();
  const list: ListPromise<T> = () => {
    listedAt = place();
    return parts.list();
  };
  let state: 'stopped' | 'running' | 'waiting' = 'stopped';
  let pause: NodeJS.Timeout | undefined;
  let failures = 0;
  let callOff: (() => void) | undefined;

  const waitThen = (next: () => void): number => {
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    failures += 1;
    const milliseconds = Math.random() * longest;
    // The timer keeps the process running, as an open connection does.
    pause = setTimeout(next, milliseconds);
    return milliseconds;
  };
  const { watch, disconnect } = oneConnection(parts.watch, {
    isWanted: () => state === 'running',
    hasMoved: () => listedAt !== place(),
    heard: () => {
      failures = 0;
    },
    // Without a pause, a server that ends every watch at once would be asked in a tight loop.
    endedEmpty: (next) => waitThen(next),
  });
  const informer = new clientNode.ListWatch<T>(path, watch, list, false, labelSelector);
  const start = informer.start.bind(informer);
  const stop = informer.stop.bind(informer);

  const begin = async (): Promise<void> => {
    clearTimeout(pause);
    state = 'running';
    await start();
  };
  const end = (): void => {
    state = 'stopped';
    failures = 0;
    clearTimeout(pause);
    callOff?.();
  };
  /** This attempt fails and so informs the listeners that the cluster has been unregistered. */
  const lastAttempt = (): void => {
    if (state === 'waiting') void begin();
  };
  informer.on('error', (error: unknown) => {
    if (state !== 'running') return;
    if (closing.aborted) {
      end();
      failed(error, undefined);
      return;
    }
    state = 'waiting';
    failed(
      error,
      waitThen(() => void begin()),
    );
  });
  informer.start = async () => {
    if (state === 'running') return;
    callOff?.();
    callOff = onAbort(closing, lastAttempt);
    await begin();
  };
  informer.stop = async () => {
    end();
    disconnect();
    await stop();
  };
  return informer;
}

/**
 * A watch that reports only its latest connection, and only while the informer runs. In client-node, a list that is in
 * progress when the informer stops still opens a watch, and listeners are called for connections that it closed itself.
 */
function oneConnection(
  watch: Watch,
  {
    isWanted,
    hasMoved,
    heard,
    endedEmpty,
  }: {
    readonly isWanted: () => boolean;
    readonly hasMoved: () => boolean;
    readonly heard: () => void;
    readonly endedEmpty: (next: () => void) => void;
  },
): { readonly watch: Watch; readonly disconnect: () => void } {
  let latest = 0;
  let controller: AbortController | undefined;
  const connect = watch.watch.bind(watch);
  const isCurrent = (mine: number): boolean => mine === latest && isWanted();
  watch.watch = async (path, query, callback, done) => {
    latest += 1;
    const mine = latest;
    const began = performance.now();
    let worked = false;
    const onEvent: typeof callback = (phase, ...event) => {
      if (!isCurrent(mine)) return;
      if (phase !== 'ERROR') {
        worked = true;
        heard();
      }
      callback(phase, ...event);
    };
    const onDone: typeof done = (error) => {
      if (!isCurrent(mine)) return;
      if (hasMoved()) {
        done(movedAway());
        return;
      }
      if (error || worked || performance.now() - began > WORKED_MS) {
        done(error);
        return;
      }
      endedEmpty(() => {
        if (isCurrent(mine)) done(error);
      });
    };
    if (isWanted() && hasMoved()) {
      // Deferred until client-node has stored this connection.
      setImmediate(() => onDone(null));
      return new AbortController();
    }
    const opened = isWanted() ? await connect(path, query, onEvent, onDone) : new AbortController();
    if (isCurrent(mine)) controller = opened;
    else opened.abort();
    return opened;
  };
  return { watch, disconnect: () => controller?.abort() };
}

/** The status of a server that does not know a resource version. client-node's informers then list again. */
function movedAway(): Error {
  return Object.assign(new Error('The cluster has moved to another server.'), { statusCode: 410 });
}
