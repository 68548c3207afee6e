import type { Terminal } from '../command.ts';
import { wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { formatTable } from '../terminal/table.ts';
import { duration } from './stopwatch.ts';

/** Prints the steps of the demo. */
export interface Printer {
  title(text: string): void;
  done(text: string, ms?: number): void;
  /** A step that cannot be shown on this machine, and why. */
  skipped(text: string): void;
  detail(text: string): void;
  /** The output of a program under its titles. A narrow terminal shows the first columns of it. */
  table(text: string): void;
  bold(text: string): string;
}

/** Stands for a blank at which no line is broken. */
const NO_BREAK = '\u00a0';

/** Prints to the terminal, in colour if it shows colours. */
export function printer({ out, screen }: Terminal): Printer {
  const paint = painter(screen);
  const { columns } = screen;
  return {
    title: (text) => out(`\n${paint('bold', wrapped(text, columns, '  '))}\n`),
    done: (text, ms) => {
      const time = ms === undefined ? '' : `  ${duration(ms)}`;
      // The time is not parted from its number.
      const line = wrapped(`  ${text}${time.replaceAll(' ', NO_BREAK)}`, columns, '    ')
        .slice(1)
        .replaceAll(NO_BREAK, ' ');
      out(`${paint('green', '✓')}${time === '' ? line : line.slice(0, -time.length) + paint('dim', time)}\n`);
    },
    skipped: (text) => out(`${paint('yellow', '-')}${wrapped(`  skipped: ${text}`, columns, '  ').slice(1)}\n`),
    bold: (text) => paint('bold', text),
    table: (text) => out(inColumns(text, columns - 4).replace(/\S.*/g, (line) => `    ${paint('dim', line)}`)),
    detail: (text) =>
      out(`${wrapped(`    ${text}`, columns, '    ').replace(/\S.*/g, (line) => paint('dim', line))}\n`),
  };
}

/** A table of kubectl, as wide as the screen. Its columns begin where their titles begin. The last ones are dropped first. */
function inColumns(text: string, columns: number): string {
  const [titles = '', ...rows] = text.trimEnd().split('\n');
  const starts = [...titles.matchAll(/\S+/g)].map(({ index }) => index);
  const cells = (row: string) => starts.map((start, index) => ({ text: row.slice(start, starts[index + 1]).trim() }));
  const heads = cells(titles).map(({ text: title }, index) => ({
    title,
    importance: index < 2 ? 0 : index,
    atLeast: 60,
  }));
  return formatTable(heads, rows.map(cells), { live: false, colour: false, columns });
}
