import { emitKeypressEvents } from 'node:readline';
import { onAbort } from '../../system/link-signals.ts';
import { Interrupted } from '../command.ts';

/** A key as Node names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence: string;
  readonly ctrl: boolean;
}

/**
 * Hands every key to `onKey` until it returns a result. The terminal is as before afterwards, whatever happens.
 * @throws Interrupted on Ctrl-C, Ctrl-D or the end of the input
 */
export function readKeys<T>(signal: AbortSignal, onKey: (key: Key) => T | undefined): Promise<T> {
  const input = process.stdin;
  emitKeypressEvents(input);
  return new Promise<T>((resolve, reject) => {
    const end = (settle: () => void): void => {
      input.off('keypress', pressed);
      input.off('end', ended);
      callOff();
      input.setRawMode(false);
      input.pause();
      settle();
    };
    const ended = (): void => end(() => reject(new Interrupted('interrupted')));
    const pressed = (_: string | undefined, key: Key): void => {
      if (key.ctrl && (key.name === 'c' || key.name === 'd')) {
        ended();
        return;
      }
      try {
        const result = onKey(key);
        if (result !== undefined) end(() => resolve(result));
      } catch (error) {
        end(() => reject(error));
      }
    };
    if (signal.aborted) {
      reject(new Interrupted('interrupted'));
      return;
    }
    input.setRawMode(true);
    input.on('keypress', pressed);
    input.once('end', ended);
    const callOff = onAbort(signal, ended);
    input.resume();
  });
}
