import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from '../command.ts';

/** Shows a text repeatedly until Ctrl-C. On a terminal each text replaces the last one. */
export async function repeat(terminal: Terminal, everyMs: number, text: () => Promise<string>): Promise<void> {
  let lines = 0;
  while (!terminal.signal.aborted) {
    const shown = await text();
    if (terminal.screen.live) {
      const up = lines > 0 ? `\x1b[${lines}A` : '';
      terminal.out(`${up}\r\x1b[J${shown}`);
      lines = shown.split('\n').length - 1;
    } else {
      terminal.out(shown);
    }
    // An abort is the usual end.
    await sleep(everyMs, undefined, { signal: terminal.signal }).catch(() => undefined);
  }
}
