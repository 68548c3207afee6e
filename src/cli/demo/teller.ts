import { styleText } from 'node:util';
import type { Terminal } from '../command.ts';
import { duration } from './stopwatch.ts';

/** How the demo speaks. */
export interface Teller {
  title(text: string): void;
  done(text: string, ms?: number): void;
  /** A step that cannot be shown on this machine, and why. */
  skipped(text: string): void;
  detail(text: string): void;
}

/** Speaks to the terminal, in colour where that is one. */
export function teller({ out }: Terminal): Teller {
  return {
    title: (text) => out(`\n${styleText('bold', text)}\n`),
    done: (text, ms) => {
      const time = ms === undefined ? '' : styleText('dim', `  ${duration(ms)}`);
      out(`${styleText('green', '✓')} ${text}${time}\n`);
    },
    skipped: (text) => out(`${styleText('yellow', '-')} skipped: ${text}\n`),
    detail: (text) => out(`    ${styleText('dim', text)}\n`),
  };
}
