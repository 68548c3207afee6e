import { after, type Limits, timedOut } from '../transport/limits.ts';

/** Watches over one watch. */
export interface WatchLiveness {
  /** What the server is asked for, in seconds. */
  readonly timeoutSeconds: number;
  /** An event has come. */
  heard(phase: string): void;
  /** Whether nothing has come for so long. */
  isQuiet(milliseconds: number): boolean;
  stop(): void;
}

/**
 * Ends a watch that can bring nothing more: the server has not ended it when it should have, or there were bookmarks and
 * now there is nothing. A watch that is quiet for another reason goes on.
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
