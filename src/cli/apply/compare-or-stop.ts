import { EKSAuthError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { identitiesBehind } from '../compare/identities.ts';
import { compareAll, comparisonText, differs } from '../compare/show-comparison.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';

/** What a command says about the comparison. */
export interface ComparisonWish {
  /** `--compare` was given: a context that cannot be compared is not applied. */
  readonly asked: boolean;
  /** The contexts were not named one by one: those that cannot be compared are left out, and the others applied. */
  readonly all: boolean;
}

/** Contexts that stay as they are, and why. */
export interface LeftOut {
  readonly contexts: readonly string[];
  readonly reason: EKSAuthError;
}

/**
 * Shows for each identity what AWS sees in the original token and in ours.
 * @returns the contexts to leave out, because they could not be compared
 * @throws EKSAuthError EXEC_FAILED if the identities differ, or if a named context could not be compared. Nothing has been
 *   changed then.
 */
export async function compareOrStop(
  contexts: readonly DescribedContext[],
  { asked, all }: ComparisonWish,
  terminal: Terminal,
): Promise<readonly LeftOut[]> {
  const compared = await compareAll(identitiesBehind(contexts), terminal);
  terminal.err(comparisonText(compared, { screen: terminal.errorScreen }));
  const different = compared.filter(differs).flatMap((one) => one.contexts);
  if (different.length > 0) {
    throw new EKSAuthError(
      'EXEC_FAILED',
      `ekspress would not have the identity of the original command for ${quoted(different)}.`,
      { remedy: 'Nothing was changed. Please report the table above; `--no-compare` applies anyway.' },
    );
  }
  const failed = asked ? compared.filter(({ failure }) => failure !== undefined) : [];
  if (failed.length === 0) return [];
  const names = failed.flatMap((one) => one.contexts);
  const remedy = 'Correct what is said above, or apply without the comparison: `--no-compare`.';
  if (!all) {
    throw new EKSAuthError('EXEC_FAILED', `The comparison could not be made for ${quoted(names)}.`, {
      remedy: `Nothing was changed. ${remedy}`,
    });
  }
  const reason = new EKSAuthError('EXEC_FAILED', `the comparison could not be made for ${quoted(names)}.`, { remedy });
  return [{ contexts: names, reason }];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
