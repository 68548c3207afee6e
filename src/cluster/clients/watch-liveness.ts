import { after, type Limits, timedOut } from '../transport/limits.ts';

/** Tells whether one watch can still bring events. */
export interface WatchLiveness {
  /** The `timeoutSeconds` of the request. */
  readonly timeoutSeconds: number;
  /** Called for each event. */
  heard(phase: string): void;
  /** Whether no event has come for this long. */
  isQuiet(milliseconds: number): boolean;
  stop(): void;
}

/**
 * Ends a watch that can bring no further events: the server has not ended it in time, or bookmarks came before and
 * nothing comes now. A watch that is quiet for another reason stays open.
 * @param asked the `timeoutSeconds` of the caller
 * @param cut ends the watch
 */
export function watchLiveness(limits: Limits, asked: number | undefined, cut: (reason: Error) => void): WatchLiveness {
  const timeoutSeconds = asked ?? Math.ceil((limits.watchMs / 1000) * (1 + Math.random()));
  const late = (): void =>
    cut(timedOut('the end of a watch', 'watchGraceMs', timeoutSeconds * 1000 + limits.watchGraceMs));
  const stopEnd = after(timeoutSeconds * 1000 + limits.watchGraceMs, late);
  let stopSilence = (): void => undefined;
  let heardAt = performance.now();
  let bookmarks = false;
  return {
    timeoutSeconds,
    heard(phase) {
      heardAt = performance.now();
      bookmarks ||= phase === 'BOOKMARK';
      stopSilence();
      if (!bookmarks) return;
      const { watchSilenceMs } = limits;
      const silent = (): void => cut(timedOut('the next bookmark of a watch', 'watchSilenceMs', watchSilenceMs));
      stopSilence = after(watchSilenceMs, silent);
    },
    isQuiet: (milliseconds) => performance.now() - heardAt >= milliseconds,
    stop() {
      stopEnd();
      stopSilence();
    },
  };
}
