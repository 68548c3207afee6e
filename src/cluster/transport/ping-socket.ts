import { after, type Limits, timedOut } from './limits.ts';

/** The part of a web socket of `ws` that is used here. */
interface PingedSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  ping(): void;
  terminate(): void;
  on(event: 'message' | 'ping' | 'pong', listener: () => void): unknown;
  emit(event: 'error', error: Error): boolean;
}

const OPEN = 1;

/**
 * Pings an exec, attach or port-forward while it is open, which also keeps load balancers from closing it. If the
 * server has answered a ping before and no longer answers, the socket is ended with TIMEOUT. A socket that has more to
 * send than the server reads is only busy.
 * @param given a web socket of `ws`
 * @returns a function that stops the pings
 */
export function pingSocket(given: unknown, limits: Limits): () => void {
  const socket = given as PingedSocket;
  if (typeof socket.ping !== 'function') return () => undefined;
  let answersPings = false;
  let heard = 0;
  let stop = (): void => undefined;
  for (const event of ['message', 'ping', 'pong'] as const) {
    socket.on(event, () => {
      heard += 1;
      answersPings ||= event === 'pong';
    });
  }
  const next = (): void => {
    stop = after(limits.pingMs, () => {
      if (socket.readyState !== OPEN) return;
      const before = heard;
      socket.ping();
      stop = after(limits.pongMs, () => {
        const silent = answersPings && heard === before && socket.bufferedAmount === 0;
        if (!silent) return next();
        socket.emit('error', timedOut('the answer to a ping', 'pongMs', limits.pongMs));
        socket.terminate();
      });
    });
  };
  next();
  return () => stop();
}
