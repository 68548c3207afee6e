import type { Origin } from '../../aws/http/read-url.ts';
import { after, type Limits, timedOut } from './limits.ts';
import type { Passage } from './passage.ts';
import type { RequestKind } from './request-kind.ts';
import { originText } from './route.ts';

/**
 * A read got no answer over a kept connection, but the server answers over a new one. This error is not shown: the read
 * is sent again.
 */
export class SilentConnection extends Error {}

/** One request whose answer is waited for. */
export interface Outgoing {
  readonly passage: Passage;
  /** The server that has to answer. */
  readonly server: Origin;
  readonly kind: RequestKind;
  readonly limits: Limits;
  /** Ends the request. */
  readonly end: (reason: Error) => void;
  /** Whether the server answers over a new connection. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  /** Called when a kept connection has fallen silent. */
  readonly silent: () => void;
  /** The amount of data received so far. */
  readonly received: () => number;
  /** Whether the reader of the body has paused it. */
  readonly isPaused: () => boolean;
}

/** The progress of a request, as its sender reports it. */
export interface AnswerWatch {
  /** Call when the request is sent. @param kept over a connection that has carried others */
  sent(kept: boolean): void;
  /** Call when the head of the answer has come. */
  head(): void;
  /** Call when the answer is complete, or the request has ended. */
  over(): void;
}

/** Ends a request whose answer does not come in time. */
export function watchAnswer(outgoing: Outgoing): AnswerWatch {
  const { passage, kind, limits } = outgoing;
  const place = originText(outgoing.server);
  const ended = new AbortController();
  let state: 'waiting' | 'reading' | 'over' = 'waiting';
  let stops: (() => void)[] = [];
  const stop = (): void => {
    for (const one of stops) one();
    stops = [];
  };
  const fail = (reason: Error): void => {
    stop();
    passage.failure = reason;
    outgoing.end(reason);
  };
  passage.end = fail;
  const waitFor = (milliseconds: number): void => {
    const late = () => fail(timedOut(`an answer of ${place}`, 'firstByteMs', limits.firstByteMs));
    stops.push(after(milliseconds, late));
  };
  /** Fires between one and two times the limit after the last part. */
  const watchParts = (before: number): void => {
    stops = [
      after(limits.betweenBytesMs, () => {
        const now = outgoing.received();
        if (now !== before || outgoing.isPaused()) watchParts(now);
        else fail(timedOut(`the rest of an answer of ${place}`, 'betweenBytesMs', limits.betweenBytesMs));
      }),
    ];
  };
  const tryAnother = async (): Promise<void> => {
    const answered = await outgoing.probe(ended.signal);
    if (state !== 'waiting') return;
    outgoing.silent();
    if (answered) fail(new SilentConnection('The connection has fallen silent.'));
  };
  // A redirect: its connection takes of the same time, so that no chain of servers can hold a request for longer.
  if (passage.answerBy !== undefined) waitFor(passage.answerBy - performance.now());
  return {
    sent(kept) {
      if (state !== 'waiting') return;
      stop();
      passage.sent = true;
      if (kind.isPatient) return;
      passage.answerBy ??= performance.now() + limits.firstByteMs;
      waitFor(passage.answerBy - performance.now());
      if (kept && kind.isRepeatable) stops.push(after(limits.silentMs, () => void tryAnother()));
    },
    head() {
      if (state !== 'waiting') return;
      state = 'reading';
      stop();
      ended.abort();
      if (!kind.isPatient && !kind.isStream) watchParts(outgoing.received());
    },
    over() {
      state = 'over';
      // Timers may hold the passage for minutes; the request and its socket need not stay as long.
      if (passage.end === fail) passage.end = undefined;
      stop();
      ended.abort();
    },
  };
}
