import { EKSAuthError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { namesByWords, namesInShort } from '../contexts/shared-words.ts';
import { broken, displayWidth, padded, printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { startProgress } from '../terminal/progress.ts';
import { formatTable } from '../terminal/table.ts';
import { type Comparison, compareTokens, onlyOriginal, type TokenFacts } from './compare-tokens.ts';
import type { ComparedIdentity } from './identities.ts';

/** The result for one identity: compared, or why not. */
export interface ComparedContexts {
  readonly contexts: readonly string[];
  readonly comparison?: Comparison;
  /** Why the tokens could not be compared, or need not be. */
  readonly notCompared?: string;
  /** Why they could not be compared. Absent where both are the same by construction. */
  readonly failure?: EKSAuthError;
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

async function compareOne(
  config: ComparedIdentity['config'],
  terminal: Terminal,
): Promise<Omit<ComparedContexts, 'contexts'>> {
  try {
    return { comparison: await compareTokens(config, terminal) };
  } catch (error) {
    terminal.signal.throwIfAborted();
    if (onlyOriginal(error)) return { notCompared: 'only the original command can make the token, so it is the same' };
    if (error instanceof EKSAuthError) return { notCompared: error.message, failure: error };
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
/** The column of the titles. */
const TITLE_WIDTH = 14;
/** The least width of a value beside its title. */
const LEAST = 24;

type Screen = Terminal['screen'];

/** The comparisons as text. Identities that were not compared for one reason share a line. */
export function comparisonText(compared: readonly ComparedContexts[], { screen }: Pick<Terminal, 'screen'>): string {
  const alike = namesByWords(
    compared.flatMap(({ contexts, notCompared }) =>
      notCompared === undefined ? [] : [[notCompared, contexts] as const],
    ),
  );
  const tables = compared.flatMap(({ contexts, comparison }) =>
    comparison ? [comparedText(contexts, comparison, screen)] : [],
  );
  const paint = painter(screen);
  const left = [...alike].map(([reason, contexts]) => {
    const words = `${namesInShort(contexts)}: not compared: ${printable(reason)}`;
    return `${paint('dim', '-')} ${wrapped(words, screen.columns - 2, '  ')}\n`;
  });
  return [...tables, ...left].join('');
}

/** The original command beside ekspress: as columns where they fit as they are, else below each other. */
function comparedText(contexts: readonly string[], comparison: Comparison, screen: Screen): string {
  const { original, ours, differences, seconds } = comparison;
  const paint = painter(screen);
  const same = differences.length === 0;
  const facts = (Object.keys(TITLES) as (keyof TokenFacts)[]).filter(
    (fact) => original[fact] !== '' || ours[fact] !== '',
  );
  const mark = same ? paint('green', '✓') : paint('red', '✗');
  const what = same ? 'the same identity' : `not the same: ${differences.map((fact) => TITLES[fact]).join(', ')}`;
  const head = `${mark} ${wrapped(`${namesInShort(contexts)}: ${what}`, screen.columns - 2, '  ')}\n`;
  const columns = ['', `ORIGINAL (${seconds.toFixed(2)} s)`, 'EKSPRESS'].map((title) => ({ title, importance: 0 }));
  const rows = facts.map((fact) => [
    { text: TITLES[fact] },
    { text: original[fact] },
    { text: ours[fact], ...(differences.includes(fact) && { colour: 'red' as const }) },
  ]);
  const table = formatTable(columns, rows, { ...screen, columns: Number.POSITIVE_INFINITY });
  const plain = formatTable(columns, rows, { ...screen, colour: false, columns: Number.POSITIVE_INFINITY });
  if (plain.split('\n').every((line) => displayWidth(line) <= screen.columns)) return head + table;
  return head + stacked(facts, comparison, screen);
}

/** The facts below each other. Nothing is cut: two names that are cut may look the same. */
function stacked(facts: readonly (keyof TokenFacts)[], comparison: Comparison, screen: Screen): string {
  const { original, ours, differences, seconds } = comparison;
  const paint = painter(screen);
  const beside = screen.columns - 2 - TITLE_WIDTH >= LEAST;
  const indent = ' '.repeat(beside ? 2 + TITLE_WIDTH : 4);
  const lines = facts.flatMap((fact) => {
    const equal = original[fact] === ours[fact];
    const values = equal ? [original[fact]] : [`original: ${original[fact]}`, `ekspress: ${ours[fact]}`];
    const texts = values.flatMap((value, index) => {
      const pieces = broken(printable(value), screen.columns - indent.length);
      const colour = index === 1 && differences.includes(fact);
      return pieces.map((piece) => indent + (colour ? paint('red', piece) : piece));
    });
    const title = `  ${paint('dim', TITLES[fact])}`;
    if (!beside) return [title, ...texts];
    const [first = '', ...rest] = texts;
    return [title + padded('', TITLE_WIDTH - displayWidth(TITLES[fact])) + first.slice(indent.length), ...rest];
  });
  const took = wrapped(`  The original command took ${seconds.toFixed(2)} s.`, screen.columns, '  ');
  return `${lines.join('\n')}\n${took}\n`;
}

/** Whether the tokens of an identity are known to differ. */
export function differs({ comparison }: ComparedContexts): boolean {
  return comparison !== undefined && comparison.differences.length > 0;
}
