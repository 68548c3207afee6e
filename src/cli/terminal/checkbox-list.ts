import type { Terminal } from '../command.ts';
import { displayWidth, fitted, padded, printable } from './display-width.ts';
import { type Key, readKeys } from './keyboard.ts';
import { painter } from './paint.ts';

/** One line that can be checked. */
export interface Choice {
  /** The columns of the line; the first is what typing filters by. */
  readonly cells: readonly string[];
  readonly checked: boolean;
}

interface State {
  cursor: number;
  filter: string;
  readonly checked: Set<number>;
}

const HELP = 'space: check · ctrl-a: all · type to filter · enter: go on · ctrl-c: leave';
/** Lines around the choices: question, help, one to spare. */
const OTHER_LINES = 4;

/**
 * Lets a person check some of the choices, on stderr.
 * @returns the numbers of the checked ones
 * @throws Interrupted
 */
export async function askWhich(terminal: Terminal, question: string, choices: readonly Choice[]): Promise<number[]> {
  const state: State = { cursor: 0, filter: '', checked: new Set() };
  for (const [index, { checked }] of choices.entries()) if (checked) state.checked.add(index);
  let lines = 0;
  const draw = (text: readonly string[]): void => {
    const up = lines > 1 ? `\x1b[${lines - 1}A` : '';
    terminal.err(`${up}\r\x1b[J${text.join('\n')}`);
    lines = text.length;
  };
  draw(render(terminal, question, choices, state));
  terminal.err('\x1b[?25l');
  try {
    await readKeys(terminal.signal, (key) => {
      const done = react(key, choices, state);
      draw(render(terminal, question, choices, state));
      return done;
    });
  } finally {
    draw([`${question} ${state.checked.size} of ${choices.length}`]);
    terminal.err('\x1b[?25h\n');
  }
  return [...state.checked].sort((a, b) => a - b);
}

function matching(choices: readonly Choice[], { filter }: State): number[] {
  const wanted = filter.toLowerCase();
  return choices.flatMap(({ cells }, index) => (cells.join(' ').toLowerCase().includes(wanted) ? [index] : []));
}

/** @returns true when the person is done */
function react({ name, sequence, ctrl }: Key, choices: readonly Choice[], state: State): true | undefined {
  const shown = matching(choices, state);
  const current = shown[state.cursor];
  if (name === 'return' || name === 'enter') return true;
  if (name === 'up' || (ctrl && name === 'p')) state.cursor = Math.max(0, state.cursor - 1);
  else if (name === 'down' || (ctrl && name === 'n')) state.cursor = Math.min(shown.length - 1, state.cursor + 1);
  else if (name === 'pageup') state.cursor = Math.max(0, state.cursor - 10);
  else if (name === 'pagedown') state.cursor = Math.min(shown.length - 1, state.cursor + 10);
  else if (name === 'space') {
    if (current !== undefined && !state.checked.delete(current)) state.checked.add(current);
  } else if (name === 'backspace') changeFilter(state, state.filter.slice(0, -1));
  else if (name === 'escape') changeFilter(state, '');
  else if (ctrl && name === 'a') checkAll(shown, state);
  else if (!ctrl && sequence.length > 0 && !/\p{Cc}/u.test(sequence)) changeFilter(state, state.filter + sequence);
  return undefined;
}

function changeFilter(state: State, filter: string): void {
  state.filter = filter;
  state.cursor = 0;
}

/** All of those that are shown, or none where all of them are checked. */
function checkAll(shown: readonly number[], { checked }: State): void {
  const all = shown.every((index) => checked.has(index));
  for (const index of shown) {
    if (all) checked.delete(index);
    else checked.add(index);
  }
}

function render(terminal: Terminal, question: string, choices: readonly Choice[], state: State): string[] {
  const { errorScreen } = terminal;
  const paint = painter(errorScreen);
  const columns = errorScreen.columns - 1;
  const shown = matching(choices, state);
  const height = Math.max(3, (process.stderr.rows || 24) - OTHER_LINES);
  const first = Math.max(0, Math.min(state.cursor - Math.floor(height / 2), shown.length - height));
  const widths = columnWidths(choices, columns - 4);
  const lines = shown.slice(first, first + height).map((index, place) => {
    const under = first + place === state.cursor;
    const box = state.checked.has(index) ? paint('green', '[x]') : '[ ]';
    const cells = choices[index]?.cells ?? [];
    const text = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return padded(fitted(printable(cell), width, column === 0 ? 'middle' : 'end'), width);
    });
    const line = fitted(text.join('  ').trimEnd(), columns - 4, 'end');
    return `${box} ${under ? paint('cyan', line) : line}`;
  });
  const rest = shown.length > height ? ` (${shown.length} in all)` : '';
  const filter = state.filter === '' ? '' : `  filter: ${printable(state.filter)}`;
  const head = fitted(`${question} ${state.checked.size} of ${choices.length}${rest}${filter}`, columns);
  const none = lines.length === 0 ? [paint('dim', fitted('    none of them has that', columns))] : [];
  return [paint('bold', head), ...lines, ...none, paint('dim', fitted(HELP, columns))];
}

/** As wide as the widest cells, the first one at the cost of no other; the last ones fall away. */
function columnWidths(choices: readonly Choice[], room: number): number[] {
  const widths: number[] = [];
  for (const { cells } of choices) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(printable(cell)));
    }
  }
  const others = widths.slice(1).reduce((sum, width) => sum + width + 2, 0);
  const [name = 0] = widths;
  return [Math.max(Math.min(name, 24), Math.min(name, room - others)), ...widths.slice(1)];
}
