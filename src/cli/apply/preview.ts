import type { EKSAuthError } from '../../errors.ts';
import { readEditableFile } from '../../kubeconfig/edit/edit-file.ts';
import { readEditable } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import { EXIT, type Terminal } from '../command.ts';
import { painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import type { ChosenUser } from './choose.ts';
import { byFile, type UsersEdit } from './edit-users-of.ts';
import { printRefusal, refusalOf } from './outcome.ts';
import { unifiedDiff } from './unified-diff.ts';

/** Shows what an edit would do to the files. */
export async function preview(users: readonly ChosenUser[], terminal: Terminal, edit: UsersEdit): Promise<number> {
  const { screen, options } = terminal;
  const paint = painter({ colour: screen.colour && options.output === 'table' });
  const files: { file: string; diff: string }[] = [];
  const refused: EKSAuthError[] = [];
  for (const [file, own] of byFile(users)) {
    const before = await readEditableFile(file);
    const text = edit.edit(before, own, edit.skipRefused ? (error) => refused.push(error) : undefined);
    const diff = unifiedDiff(before, readEditable(text, file), paint);
    if (diff !== '') files.push({ file, diff });
  }
  const text = files.map(({ diff }) => diff).join('');
  const value = { dryRun: true, files, refused: refused.map((error) => refusalOf(error, terminal)) };
  printResult(terminal, value, () => text || 'Nothing would change.\n');
  if (options.output === 'table') for (const error of refused) printRefusal(error, terminal);
  return refused.length > 0 ? EXIT.failure : EXIT.ok;
}
