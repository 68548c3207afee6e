import type { Terminal } from '../command.ts';
import { painter } from '../terminal/paint.ts';
import { duration } from './stopwatch.ts';

/** Prints the steps of the demo. */
export interface Printer {
  title(text: string): void;
  done(text: string, ms?: number): void;
  /** A step that cannot be shown on this machine, and why. */
  skipped(text: string): void;
  detail(text: string): void;
  bold(text: string): string;
}

/** Prints to the terminal, in colour if it shows colours. */
export function printer({ out, screen }: Terminal): Printer {
  const paint = painter(screen);
  return {
    title: (text) => out(`\n${paint('bold', text)}\n`),
    done: (text, ms) => {
      const time = ms === undefined ? '' : paint('dim', `  ${duration(ms)}`);
      out(`${paint('green', '✓')} ${text}${time}\n`);
    },
    skipped: (text) => out(`${paint('yellow', '-')} skipped: ${text}\n`),
    bold: (text) => paint('bold', text),
    detail: (text) => out(`    ${paint('dim', text)}\n`),
  };
}
