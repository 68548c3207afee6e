import type { Screen } from '../command.ts';
import { displayWidth, fitted, fittedApart, padded, printable } from './display-width.ts';
import { type Colour, painter } from './paint.ts';

export interface Column {
  readonly title: string;
  /** Columns with high numbers are dropped first if there is no room. A column with 0 always stays. */
  readonly importance: number;
  /** The part that a long cell loses. Default: its end. */
  readonly lost?: 'middle';
  /** The least width, unless no other column is left to shrink. */
  readonly atLeast?: number;
}

export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

const GAP = '  ';

/** Rows under titles, as wide as the screen: less important columns are dropped, then long cells are shortened. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], screen: Screen): string {
  const texts = rows.map((row) => row.map(({ text }) => printable(text)));
  const natural = columns.map(({ title }, index) =>
    texts.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), displayWidth(title)),
  );
  const shown = chooseColumns(columns, natural, screen.columns);
  const widths = shrink(columns, natural, shown, screen.columns);
  const paint = painter(screen);
  const short = columns.map(({ lost }, index) => {
    const cells = texts.map((row) => row[index] ?? '');
    return lost === 'middle' ? fittedApart(cells, widths.get(index) ?? 0) : cells;
  });
  const line = (cells: readonly string[], colour: (index: number) => Colour | undefined): string => {
    const parts = shown.map((index, place) => {
      const width = widths.get(index) ?? 0;
      const text = fitted(cells[index] ?? '', width);
      const chosen = colour(index);
      const painted = chosen === undefined ? text : paint(chosen, text);
      return place === shown.length - 1 ? painted : painted + padded('', width - displayWidth(text));
    });
    return parts.join(GAP).trimEnd();
  };
  const head = line(
    columns.map(({ title }) => title),
    () => 'dim',
  );
  const body = texts.map((row, number) =>
    line(
      row.map((text, index) => short[index]?.[number] ?? text),
      (index) => rows[number]?.[index]?.colour,
    ),
  );
  return `${[head, ...body].join('\n')}\n`;
}

/** Drops the least important columns until the others fit with cells of a readable length. */
function chooseColumns(columns: readonly Column[], natural: readonly number[], room: number): number[] {
  let shown = columns.map((_, index) => index);
  const needed = () =>
    shown.reduce(
      (sum, index) => sum + Math.min(natural[index] ?? 0, columns[index]?.atLeast ?? 16) + GAP.length,
      -GAP.length,
    );
  while (needed() > room) {
    const droppable = shown.filter((index) => (columns[index]?.importance ?? 0) > 0);
    if (droppable.length === 0) break;
    const least = droppable.reduce((a, b) => ((columns[b]?.importance ?? 0) >= (columns[a]?.importance ?? 0) ? b : a));
    shown = shown.filter((index) => index !== least);
  }
  return shown;
}

/** Narrows the widest column repeatedly until the rows fit. */
function shrink(
  columns: readonly Column[],
  natural: readonly number[],
  shown: readonly number[],
  room: number,
): Map<number, number> {
  const widths = new Map(shown.map((index) => [index, natural[index] ?? 0]));
  const total = () => [...widths.values()].reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  while (total() > room) {
    const flexible = shown.filter((index) => (widths.get(index) ?? 0) > (columns[index]?.atLeast ?? 4));
    const from = flexible.length > 0 ? flexible : shown.filter((index) => (widths.get(index) ?? 0) > 4);
    if (from.length === 0) break;
    const widest = from.reduce((a, b) => ((widths.get(b) ?? 0) > (widths.get(a) ?? 0) ? b : a));
    widths.set(widest, (widths.get(widest) ?? 0) - 1);
  }
  return widths;
}
