import type { Watch } from '@kubernetes/client-node';
import { ForeignText, forLog } from '../../text/foreign-text.ts';
import { hasMetadata, isExpired } from './list-pages.ts';

/** After a connection that lasted this long, the next one follows at once. */
const WORKED_MS = 5_000;
/** Connections that bring events may be shorter. They begin at least this long after each other. */
const APART_MS = 500;

/** The functions of an informer that its watch calls. */
interface Wanted {
  readonly isWanted: () => boolean;
  readonly hasMoved: () => boolean;
  /** Calls `next` after a pause. */
  readonly endedSoon: (error: unknown, next: () => void) => void;
  readonly wait: (milliseconds: number, next: () => void) => void;
}

/**
 * A watch that reports only its latest connection, and only while the informer runs. In client-node, a list that is in
 * progress when the informer stops still opens a watch, and listeners are called for connections that the informer
 * closed itself. A connection that ends soon is reported after a pause, even if it has brought events: client-node's
 * informers connect or list again at once.
 */
export function oneConnection(
  watch: Watch,
  { isWanted, hasMoved, endedSoon, wait }: Wanted,
): { readonly watch: Watch; readonly disconnect: () => void } {
  let latest = 0;
  let controller: AbortController | undefined;
  const connect = watch.watch.bind(watch);
  const isCurrent = (mine: number): boolean => mine === latest && isWanted();
  watch.watch = async (path, query, callback, done) => {
    latest += 1;
    const mine = latest;
    const began = performance.now();
    let events = 0;
    let over = false;
    const onEvent: typeof callback = (phase, ...event) => {
      if (over || !isCurrent(mine)) return;
      if (!isReadable(phase, event[0])) return onDone(unreadable(phase));
      if (phase !== 'ERROR' && phase !== 'BOOKMARK') events += 1;
      callback(phase, ...event);
    };
    const onDone: typeof done = (error) => {
      if (over || !isCurrent(mine)) return;
      over = true;
      if (hasMoved()) return done(expired());
      const isFailure = Boolean(error) && !isExpired(error);
      const lived = performance.now() - began;
      if (isFailure || lived > WORKED_MS || (events > 0 && lived > APART_MS)) return done(error);
      const next = (): void => {
        if (isCurrent(mine)) done(error);
      };
      if (events > 0) wait(APART_MS - lived, next);
      else endedSoon(error, next);
    };
    if (isWanted() && hasMoved()) {
      // Deferred until client-node has stored this connection.
      setImmediate(() => onDone(null));
      return new AbortController();
    }
    const watched = { ...query, allowWatchBookmarks: true };
    const opened = isWanted() ? await connect(path, watched, onEvent, onDone) : new AbortController();
    if (isCurrent(mine)) controller = opened;
    else opened.abort();
    return opened;
  };
  return { watch, disconnect: () => controller?.abort() };
}

/** Whether an informer can read the object of an event. client-node's informers end the process over any other. */
function isReadable(phase: string, object: unknown): boolean {
  return phase === 'ERROR' ? typeof object === 'object' && object !== null : hasMetadata(object);
}

/** An event that no informer can read. The connection is made again after a pause. */
function unreadable(phase: string): Error {
  const what = phase === 'ERROR' ? 'a status' : 'metadata';
  return new Error(`The server has sent an event "${forLog(new ForeignText(phase))}" without ${what}.`);
}

/** The status of a server that does not know a resource version. client-node's informers then list again. */
function expired(): Error {
  return Object.assign(new Error('The cluster has moved to another server.'), { statusCode: 410 });
}
