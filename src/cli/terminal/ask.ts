import { Writable } from 'node:stream';
import { AutocompletePrompt, ConfirmPrompt, isCancel, type Prompt } from '@clack/core';
import { type LinkedSignal, linkSignals } from '../../system/link-signals.ts';
import { Declined, Interrupted, type Terminal } from '../command.ts';
import { displayWidth, fitted, fittedApart, padded, printable } from './display-width.ts';
import { type Paint, painter } from './paint.ts';

/** The columns of one line that can be selected. Typing filters by all of them. */
export type Choice = readonly string[];

/** The number of rows if the terminal does not tell it. */
const ROWS = 24;
/** Lines around the choices: question, help, one to spare. */
const OTHER_LINES = 4;
/** The longest that fits is shown. */
const HELP = [
  'space: select · ctrl-a: all · type to filter · enter: confirm · esc: cancel',
  'space: select · ctrl-a: all · enter: confirm · esc: cancel',
  'space: select · enter: confirm · esc: cancel',
  'space · enter · esc',
];
/** Marks the row that keys act on, also without colours. */
const HERE = '❯';

/**
 * Lets the user select some of the choices, on stderr.
 * @returns the numbers of the selected choices, in order
 * @throws Declined on Esc; Interrupted
 */
export async function askWhich(terminal: Terminal, question: string, choices: readonly Choice[]): Promise<number[]> {
  const stopping = stoppable(terminal);
  const rows = choices.map((cells) => cells.map(printable));
  const options = rows.map((cells, value) => ({ value, label: cells.join(' ') }));
  // The prompts of @clack/prompts mark the current row by its colour only, so this prompt draws itself.
  const prompt = new AutocompletePrompt<(typeof options)[number]>({
    options,
    multiple: true,
    input: process.stdin,
    output: outputFor(terminal),
    signal: stopping.signal,
    render() {
      const count = this.selectedValues.length;
      if (this.state === 'submit') return `${question} ${count} selected`;
      if (this.state === 'cancel') return `${question} cancelled`;
      const head = `${question} ${count} of ${rows.length}`;
      const shown = { rows, here: this.cursor, at: this.filteredOptions.map(({ value }) => value) };
      return draw(terminal, head, this.userInput, { ...shown, selected: this.selectedValues });
    },
  });
  // Space selects, also right after a letter of the filter.
  prompt.isNavigating = true;
  prompt.on('key', (_, { name, ctrl }) => {
    prompt.isNavigating = true;
    if (ctrl && name === 'a') prompt.selectedValues = allOrNone(prompt);
  });
  const selected = await answerTo(prompt, stopping);
  return (Array.isArray(selected) ? selected : []).sort((a, b) => a - b);
}

/**
 * Asks a yes-or-no question on stderr.
 * @throws Declined for any other answer; Interrupted
 */
export async function askForYes(terminal: Terminal, question: string): Promise<void> {
  const stopping = stoppable(terminal);
  const prompt = new ConfirmPrompt({
    active: 'Yes',
    inactive: 'No',
    initialValue: false,
    input: process.stdin,
    output: outputFor(terminal),
    signal: stopping.signal,
    render() {
      const answer = this.value ? 'Yes' : 'No';
      if (this.state === 'submit') return `${question} ${answer}`;
      if (this.state === 'cancel') return `${question} cancelled`;
      const mark = (name: string) => (name === answer ? `${HERE} ${name}` : `  ${name}`);
      return `${question} [y/N]${mark('Yes')}${mark('No')}`;
    },
  });
  if ((await answerTo(prompt, stopping)) !== true) throw declined();
}

/** stderr, with a width also if the terminal has none (a pseudo-terminal without a window). */
function outputFor({ errorScreen: { columns } }: Terminal): Writable {
  if (process.stderr.columns) return process.stderr;
  const write = (text: Buffer, _: string, done: () => void): boolean => process.stderr.write(text, done);
  return Object.assign(new Writable({ write }), { columns, rows: ROWS });
}

interface Stoppable extends LinkedSignal {
  readonly stop: () => void;
}

/** The signal of a question, and how to stop it when the command or the input ends. */
function stoppable({ signal }: Terminal): Stoppable {
  const own = new AbortController();
  return { ...linkSignals([signal, own.signal]), stop: () => own.abort() };
}

/** The answer. @throws Declined on Esc; Interrupted on Ctrl-C, Ctrl-D, the end of the input and of the command */
async function answerTo<T>(prompt: Prompt<T>, { stop, unlink }: Stoppable): Promise<T | undefined> {
  let escaped = false;
  prompt.on('key', (_, { name, ctrl }) => {
    escaped = name === 'escape';
    if (ctrl && name === 'd') stop();
  });
  process.stdin.once('end', stop);
  try {
    const answer = await prompt.prompt();
    if (!isCancel(answer)) return answer;
  } finally {
    unlink();
    process.stdin.off('end', stop);
    process.stdin.pause();
  }
  throw escaped ? declined() : new Interrupted('interrupted');
}

function declined(): Declined {
  return new Declined('Nothing was changed.');
}

/** All choices that are shown, or none if all of them are selected. */
function allOrNone({ filteredOptions, selectedValues }: Selection): number[] {
  const shown = filteredOptions.map(({ value }) => value);
  const others = selectedValues.filter((value) => !shown.includes(value));
  return shown.every((value) => selectedValues.includes(value)) ? others : [...others, ...shown];
}

interface Selection {
  readonly filteredOptions: readonly { readonly value: number }[];
  readonly selectedValues: readonly number[];
}

interface Shown {
  readonly rows: readonly Choice[];
  /** The numbers of the rows that the filter leaves, and which of them is the current one. */
  readonly at: readonly number[];
  readonly here: number;
  readonly selected: readonly number[];
}

function draw({ errorScreen }: Terminal, head: string, filter: string, { rows, at, here, selected }: Shown): string {
  const paint = painter(errorScreen);
  const columns = errorScreen.columns - 1;
  const height = Math.max(3, (process.stderr.rows || ROWS) - OTHER_LINES);
  const first = Math.max(0, Math.min(here - Math.floor(height / 2), at.length - height));
  const widths = columnWidths(rows, columns - 6);
  const names = fittedApart(
    rows.map(([name = '']) => name),
    widths[0] ?? 0,
  );
  const lines = at.slice(first, first + height).map((index, place) => {
    const text = fitted(cellsOf([names[index] ?? '', ...(rows[index] ?? []).slice(1)], widths), columns - 6);
    return lineOf(text, { current: first + place === here, selected: selected.includes(index), paint });
  });
  const rest = at.length > height ? ` (${at.length} in all)` : '';
  const typed = filter === '' ? '' : `  filter: ${printable(filter)}`;
  const none = lines.length === 0 ? [paint('dim', fitted('    no context matches', columns))] : [];
  const title = paint('bold', fitted(`${head}${rest}${typed}`, columns));
  const help = HELP.find((text) => displayWidth(text) <= columns) ?? '';
  return [title, ...lines, ...none, paint('dim', help)].join('\n');
}

interface LineState {
  readonly current: boolean;
  readonly selected: boolean;
  readonly paint: Paint;
}

function lineOf(text: string, { current, selected, paint }: LineState): string {
  const box = selected ? paint('green', '[x]') : '[ ]';
  return current ? `${paint('cyan', HERE)} ${box} ${paint('cyan', text)}` : `  ${box} ${text}`;
}

function cellsOf(cells: Choice, widths: readonly number[]): string {
  const parts = cells.slice(0, widths.length).map((cell, column) => {
    const width = widths[column] ?? 0;
    return padded(fitted(cell, width), width);
  });
  return parts.join('  ').trimEnd();
}

/** The widths of the columns. If the room is short, the first column gets narrower and the last columns are dropped. */
function columnWidths(rows: readonly Choice[], room: number): number[] {
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
  }
  const [name = 0] = widths;
  const others: number[] = [];
  let left = room - Math.min(name, 24);
  for (const width of widths.slice(1)) {
    if (width + 2 > left) break;
    others.push(width);
    left -= width + 2;
  }
  return [Math.min(name, Math.min(name, 24) + left), ...others];
}
