import { EKSAuthError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { identitiesBehind } from '../compare/identities.ts';
import { compareAll, comparisonTable, differs } from '../compare/show-comparison.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';

/**
 * Shows for each identity what AWS sees in the original token and in ours.
 * @throws EKSAuthError EXEC_FAILED if they differ. Nothing has been changed then.
 */
export async function compareOrStop(contexts: readonly DescribedContext[], terminal: Terminal): Promise<void> {
  const compared = await compareAll(identitiesBehind(contexts), terminal);
  for (const one of compared) terminal.err(comparisonTable(one, { ...terminal, screen: terminal.errorScreen }));
  const different = compared.filter(differs).flatMap((one) => one.contexts);
  if (different.length === 0) return;
  const names = different.map((name) => JSON.stringify(name)).join(', ');
  throw new EKSAuthError('EXEC_FAILED', `ekspress would not have the identity of the original command for ${names}.`, {
    remedy: 'Nothing was changed. Please report the table above; `--no-compare` applies anyway.',
  });
}
