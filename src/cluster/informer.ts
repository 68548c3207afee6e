import type { Informer, KubernetesObject, ListPromise, ObjectCache, Watch } from '@kubernetes/client-node';
import { onAbort } from '../system/link-signals.ts';
import type { ClientNode } from './client-node.ts';

/** The first pause is up to this long, each further one up to twice as long, the last ones up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lived this long has worked. */
const WORKED_MS = 5_000;

/** What an informer is made of. */
export interface InformerParts<T extends KubernetesObject> {
  readonly clientNode: ClientNode;
  readonly path: string;
  readonly list: ListPromise<T>;
  readonly labelSelector: string | undefined;
  /** Whose `done` is told of every failure. */
  readonly watch: Watch;
  /** Which server the cluster is at: changes where it moves to another one, whose versions are other ones. */
  readonly place: () => number;
  /** Aborted when the cluster is gone: then a failure is the last one. */
  readonly closing: AbortSignal;
  /** Told of each failure, and of the pause before the next attempt. */
  readonly failed: (error: unknown, retryInMs: number | undefined) => void;
}

/**
 * An informer that comes back by itself: after a failure of any kind it emits 'error', waits (a random part of a pause
 * that doubles), and goes on from the version it has seen last. `start()` during the wait tries at once; while it runs it
 * changes nothing, so that listeners written for client-node's own informers do no harm.
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
    // It holds the process open, as the connection does that it waits for.
    pause = setTimeout(next, milliseconds);
    return milliseconds;
  };
  const { watch, disconnect } = oneConnection(parts.watch, {
    isWanted: () => state === 'running',
    hasMoved: () => listedAt !== place(),
    heard: () => {
      failures = 0;
    },
    // A server that ends every watch at once would otherwise be asked without a pause.
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
  /** It fails, which is how the listeners learn that the cluster is gone. */
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
 * A watch of which only the latest connection counts, and only while it is wanted: client-node lets a list that is under
 * way when an informer is stopped go on to a watch, and tells listeners of the end of connections that it has ended itself.
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
  const counts = (mine: number): boolean => mine === latest && isWanted();
  watch.watch = async (path, query, callback, done) => {
    latest += 1;
    const mine = latest;
    const began = performance.now();
    let worked = false;
    const onEvent: typeof callback = (phase, ...event) => {
      if (!counts(mine)) return;
      if (phase !== 'ERROR') {
        worked = true;
        heard();
      }
      callback(phase, ...event);
    };
    const onDone: typeof done = (error) => {
      if (!counts(mine)) return;
      if (hasMoved()) {
        done(expired());
        return;
      }
      if (error || worked || performance.now() - began > WORKED_MS) {
        done(error);
        return;
      }
      endedEmpty(() => {
        if (counts(mine)) done(error);
      });
    };
    if (isWanted() && hasMoved()) {
      // Not before client-node has taken note of this connection.
      setImmediate(() => onDone(null));
      return new AbortController();
    }
    const opened = isWanted() ? await connect(path, query, onEvent, onDone) : new AbortController();
    if (counts(mine)) controller = opened;
    else opened.abort();
    return opened;
  };
  return { watch, disconnect: () => controller?.abort() };
}

/** What a server says whose versions those of before are not: client-node's informers list anew then. */
function expired(): Error {
  return Object.assign(new Error('The cluster is at another server now.'), { statusCode: 410 });
}
