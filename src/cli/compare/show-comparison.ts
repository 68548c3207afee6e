import { EKSAuthError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { startProgress } from '../terminal/progress.ts';
import { formatTable } from '../terminal/table.ts';
import { type Comparison, compareTokens, onlyOriginal, type TokenFacts } from './compare-tokens.ts';
import type { ComparedIdentity } from './identities.ts';

/** The result for one identity: compared, or why not. */
export interface ComparedContexts {
  readonly contexts: readonly string[];
  readonly comparison?: Comparison;
  /** Why the tokens could not be compared. */
  readonly notCompared?: string;
}

/** Compares the identities, one after the other: their commands may ask the user. */
export async function compareAll(
  identities: readonly ComparedIdentity[],
  terminal: Terminal,
): Promise<readonly ComparedContexts[]> {
  const found: ComparedContexts[] = [];
  const progress = startProgress(terminal);
  try {
    for (const { config, contexts } of identities) {
      progress.update(found.length, identities.length, contexts.join(', '));
      found.push({ contexts, ...(await compareOne(config, terminal)) });
    }
  } finally {
    progress.end();
  }
  return found;
}

async function compareOne(config: ComparedIdentity['config'], terminal: Terminal) {
  try {
    return { comparison: await compareTokens(config, terminal) };
  } catch (error) {
    terminal.signal.throwIfAborted();
    if (onlyOriginal(error)) return { notCompared: 'only the original command can make the token, so it is the same' };
    if (error instanceof EKSAuthError) return { notCompared: error.message };
    throw error;
  }
}

const TITLES: Readonly<Record<keyof TokenFacts, string>> = {
  signer: 'signer',
  role: 'role',
  sessionName: 'session name',
  cluster: 'cluster',
  host: 'STS host',
  expiry: 'expires',
};

/** The comparison as a table: the original command beside ekspress. */
export function comparisonTable(
  { contexts, comparison, notCompared }: ComparedContexts,
  { screen }: Pick<Terminal, 'screen'>,
): string {
  const paint = painter(screen);
  const names = contexts.map(printable);
  const named = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  if (!comparison)
    return `${paint('dim', '-')} ${wrapped(`${named}: not compared: ${printable(notCompared ?? '')}`, screen.columns - 2, '  ')}\n`;
  const { original, ours, differences, seconds } = comparison;
  const same = differences.length === 0;
  const columns = [
    { title: '', importance: 0 },
    { title: `ORIGINAL (${seconds.toFixed(2)} s)`, importance: 0, lost: 'middle' as const },
    { title: 'EKSPRESS', importance: 0, lost: 'middle' as const },
  ];
  const rows = (Object.keys(TITLES) as (keyof TokenFacts)[])
    .filter((fact) => original[fact] !== '' || ours[fact] !== '')
    .map((fact) => [
      { text: TITLES[fact] },
      { text: original[fact] },
      { text: ours[fact], ...(differences.includes(fact) && { colour: 'red' as const }) },
    ]);
  const mark = same ? paint('green', '✓') : paint('red', '✗');
  const what = same ? 'the same identity' : `not the same: ${differences.map((fact) => TITLES[fact]).join(', ')}`;
  return `${mark} ${named}: ${what}\n${formatTable(columns, rows, screen)}`;
}

/** Whether the tokens of an identity are known to differ. */
export function differs({ comparison }: ComparedContexts): boolean {
  return comparison !== undefined && comparison.differences.length > 0;
}
