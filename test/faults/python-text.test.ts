import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parseINI } from '../../src/aws/ini/raw-config-parser.ts';
import { shellWords } from '../../src/aws/ini/shell-words.ts';
import { expandVariables } from '../../src/aws/plan/paths.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { seededRandom } from '../support/random.ts';
import { SEED } from '../support/seed.ts';

const run = promisify(execFile);
const CASES = 3000;

/** Parses each text with the very modules that the AWS CLI uses, and settings under a key as it does. */
const JUDGE = `
import configparser, json, os, shlex, sys
os.environ.clear()
os.environ.update({'A': 'one', 'B_2': '', 'Ä': 'x'})
def ini(text):
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text.replace('\\r\\n', '\\n').replace('\\r', '\\n'))
    except configparser.Error:
        return None
    try:
        return {name: {key: value(parser.get(name, key)) for key in parser.options(name)} for name in parser.sections()}
    except ValueError:
        return None
def value(text):
    if not text.startswith('\\n'):
        return text
    pairs = (line.split('=', 1) for line in map(str.strip, text.splitlines()) if line)
    return {key.strip(): inner.strip() for key, inner in pairs}
def words(text):
    try:
        return shlex.split(text)
    except ValueError:
        return None
for line in sys.stdin:
    text = json.loads(line)
    print(json.dumps({'ini': ini(text), 'words': words(text), 'path': os.path.expandvars(text)}))
`;

import { OUTER_PATH, optionalProgram } from '../support/optional-programs.ts';

const python = optionalProgram('python3');

it.skipIf(!python)(`Random files and commands mean to ekspress what they mean to Python (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const texts = Array.from({ length: CASES }, () => randomText(random));
  const judging = run('python3', ['-c', JUDGE], {
    maxBuffer: 100_000_000,
    env: { PATH: OUTER_PATH, LANG: 'C.UTF-8' },
  });
  judging.child.stdin?.end(texts.map((text) => `${JSON.stringify(text)}\n`).join(''));
  const verdicts = (await judging).stdout.trimEnd().split('\n');
  expect(verdicts).toHaveLength(CASES);
  let parsed = 0;
  for (const [index, text] of texts.entries()) {
    const verdict = JSON.parse(verdicts[index] ?? '') as { ini: unknown; words: unknown; path: string };
    const ours = ini(text);
    // Newer Pythons read brackets in section names otherwise than older ones: we leave those to the CLI.
    if (ours !== 'undecided') expect({ text, ini: ours }).toEqual({ text, ini: verdict.ini });
    expect({ text, words: shellWords(text) ?? null }).toEqual({ text, words: verdict.words });
    const env: Record<string, string> = { A: 'one', B_2: '', Ä: 'x' };
    expect({ text, path: expandVariables(text, new Recorder(env)) }).toEqual({ text, path: verdict.path });
    if (verdict.ini !== null) parsed += 1;
  }
  expect(parsed).toBeGreaterThan(CASES / 20);
});

function randomText(random: ReturnType<typeof seededRandom>): string {
  const pieces = [
    '[a]',
    '[b c]',
    '[DEFAULT]',
    '[a]x',
    '[',
    ']',
    'x',
    'Y',
    'key',
    '=',
    ':',
    ' ',
    '  ',
    '\t',
    '\n',
    '\n',
    '\n',
    '\r\n',
    '\r',
  ];
  const odd = [
    '#',
    ';',
    '"',
    "'",
    '\\',
    '$A',
    '${A}',
    '${B_2}',
    '$C',
    '${Ä}',
    '\u0085',
    '\u00a0',
    '\u001c',
    'é',
    '\u2028',
    '\f',
  ];
  const length = 1 + random.below(25);
  const start = random.chance(0.7) ? '[s]\n' : '';
  const chosen = Array.from({ length }, () => (random.chance(0.15) ? random.pick(odd) : random.pick(pieces)));
  return start + chosen.join('');
}

/** What we read, as the judge prints it. */
function ini(text: string): unknown {
  try {
    const sections = [...parseINI(text)];
    const flat = sections.map(([name, section]) => [
      name,
      Object.fromEntries([...section].map(([key, value]) => [key, asJSON(value)])),
    ]);
    return Object.fromEntries(flat);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.name === 'Undecidable' ? 'undecided' : null;
  }
}

function asJSON(value: string | ReadonlyMap<string, string>): unknown {
  return typeof value === 'string' ? value : Object.fromEntries(value);
}
