import { dirname } from 'node:path';
import type { EKSAuthError } from '../../errors.ts';
import { tilde } from '../../plugin/ekspress-home.ts';
import { EXIT, type Terminal } from '../command.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import type { ChosenUser } from './choose.ts';
import type { InstalledScript } from './install.ts';

/** The changes of one file. */
export interface FileResult {
  readonly file: string;
  readonly place: string;
  readonly changed: boolean;
  readonly backup: string | undefined;
  readonly users: readonly ChosenUser[];
}

export interface EditOutcome {
  readonly done: 'applied' | 'reverted';
  readonly files: readonly FileResult[];
  /** Users that stay as they are, where others were changed. */
  readonly refused: readonly EKSAuthError[];
  readonly notes?: readonly string[];
  readonly script?: InstalledScript;
  /** The command that undoes this. */
  readonly undo?: string | undefined;
  /** Why there is nothing to do, if it is not the usual reason. */
  readonly nothing?: string | undefined;
}

/** Prints the changes, and how to undo them. */
export function printOutcome(terminal: Terminal, outcome: EditOutcome): number {
  const { done, files, refused, script } = outcome;
  const notes = (outcome.notes ?? []).map((note) => withKubeconfig(note, terminal.options));
  const value = {
    [done]: files.map(({ file, changed, backup, users }) => ({
      file,
      changed,
      ...(backup !== undefined && { backup }),
      users: users.map(({ user, contexts }) => ({ user, contexts: contexts.map(({ name }) => name) })),
    })),
    ...(script && { script: { path: script.path, was: script.was } }),
    refused: refused.map((error) => refusalOf(error, terminal)),
    notes,
  };
  printResult(terminal, value, () => describe(terminal, outcome));
  if (terminal.options.output === 'table') {
    const paint = painter(terminal.errorScreen);
    const { columns } = terminal.errorScreen;
    for (const error of refused) printRefusal(error, terminal);
    for (const note of notes) {
      terminal.err(`${wrapped(`note: ${note}`, columns, '  ').replace('note:', (word) => paint('yellow', word))}\n`);
    }
  }
  return refused.length > 0 ? EXIT.failure : EXIT.ok;
}

/** Why a user is left as it is, and the next step, for a program. */
export function refusalOf(
  { code, message, remedy }: EKSAuthError,
  { options }: Terminal,
): Pick<EKSAuthError, 'code' | 'message' | 'remedy'> {
  return { code, message, remedy: withKubeconfig(remedy, options) };
}

/** Why a user is left as it is, and the next step, for a person. */
export function printRefusal(error: EKSAuthError, terminal: Terminal): void {
  const { message, remedy } = refusalOf(error, terminal);
  const { errorScreen, err } = terminal;
  const lines = [`left as it is: ${message}`, `  ${remedy}`].map((line) => wrapped(line, errorScreen.columns, '  '));
  err(`${lines.join('\n').replace('left as it is:', (words) => painter(errorScreen)('red', words))}\n`);
}

function describe({ env, screen }: Terminal, outcome: EditOutcome): string {
  const { done, files, script } = outcome;
  const paint = painter(screen);
  const changed = files.filter((file) => file.changed);
  if (changed.length === 0 && (script === undefined || script.was === 'unchanged'))
    return `Nothing to do: ${outcome.nothing ?? (done === 'applied' ? 'every context asked for is applied' : 'none is applied')}.\n`;
  const lines = changed.flatMap(({ place, users }) => {
    const names = users.flatMap(({ contexts }) => contexts.map(({ name }) => `    ${printable(name)}`));
    return [`${paint('green', '✓')} ${tilde(place, env)}`, ...names];
  });
  if (script && script.was !== 'unchanged')
    lines.push(`${paint('green', '✓')} ${tilde(script.path, env)} ${script.was}`);
  if (done === 'applied' && changed.length > 0) {
    const [backup, ...others] = changed.flatMap((file) => file.backup ?? []);
    const where = backup !== undefined && others.length > 0 ? dirname(backup) : backup;
    if (outcome.undo !== undefined) lines.push(`Undo: ${outcome.undo}`);
    // A path has a line of its own, which is not broken: it is copied as one.
    if (where !== undefined) lines.push(`${others.length > 0 ? 'Backups' : 'Backup'}:`, `  ${tilde(where, env)}`);
  }
  return `${lines.join('\n')}\n`;
}
