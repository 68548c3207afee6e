import { readEditableFile } from '../../kubeconfig/edit/edit-file.ts';
import { readEditable } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import { EXIT, type Terminal } from '../command.ts';
import { painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import type { ChosenUser } from './choose.ts';
import { byFile, type UsersEdit } from './edit-users-of.ts';
import { unifiedDiff } from './unified-diff.ts';

/** Shows what an edit would do to the files. */
export async function preview(users: readonly ChosenUser[], terminal: Terminal, edit: UsersEdit): Promise<number> {
  const { screen, options } = terminal;
  const paint = painter({ colour: screen.colour && options.output === 'table' });
  const files: { file: string; diff: string }[] = [];
  const refused: string[] = [];
  for (const [file, own] of byFile(users)) {
    const before = await readEditableFile(file);
    const text = edit.edit(before, own, edit.skipRefused ? ({ message }) => refused.push(message) : undefined);
    const diff = unifiedDiff(before, readEditable(text, file), paint);
    if (diff !== '') files.push({ file, diff });
  }
  const text = files.map(({ diff }) => diff).join('');
  printResult(terminal, { dryRun: true, files, refused }, () => text || 'Nothing would change.\n');
  if (options.output === 'table') for (const message of refused) terminal.err(`note: ${message}\n`);
  return refused.length > 0 ? EXIT.failure : EXIT.ok;
}
