import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timestamp, toldUntil } from '../../src/cache/entry/entry.ts';
import { readMachineSync } from '../../src/cache/entry/machine.ts';
import { outsideOf } from '../../src/cache/entry/outside.ts';
import { plainFiles } from '../../src/cache/sealed/entry-files.ts';
import { findEntry } from '../../src/cache/store/find-entry.ts';
import { packageFile } from '../../src/plugin/package-file.ts';
import { damaged } from '../support/damage.ts';
import { PATH } from '../support/paths.ts';
import { type Prepared, prepare } from '../support/prepare-hit-case.ts';
import { seededRandom } from '../support/random.ts';
import { everyShell, SCRIPT, type Shell } from '../support/script-shells.ts';
import { SEED } from '../support/seed.ts';

/**
 * Entries that something went wrong with, in a hundred ways: a miss at every reader, or the same hit, and never another
 * token or another end. EKSPRESS_DAMAGED sets how many, EKSPRESS_SEED repeats a run. The script is one process.
 */
const COUNT = Number(process.env.EKSPRESS_DAMAGED ?? 1000);
/** Each costs hit.cjs the start of its one file: with the usual number it is asked about some only. */
const EVERY = COUNT > 1000 ? 1 : 20;

const KINDS = [
  { env: { AWS_PROFILE: 'acme' }, stored: { hostBound: true } },
  { env: { AWS_PROFILE: 'acme', HTTPS_PROXY: 'http://proxy:3128' }, stored: { network: true } },
  { env: { AWS_PROFILE: 'acme' }, stored: { programs: ['sh'] } },
  { env: { AWS_PROFILE: 'other' }, stored: { life: 300 } },
];

let worlds: Prepared[] = [];
let prepared: Prepared;
let whole: string;

// For each test anew: a token lives for 14 minutes, and many entries take a shell minutes.
beforeEach(async () => {
  worlds = [];
  for (const kind of KINDS) worlds.push(await prepare({ title: '', verdict: 'hit', ...kind }));
  prepared = worlds[0] as Prepared;
  const texts = worlds.map(({ world }) => readFileSync(world.entry, 'latin1'));
  [whole = ''] = texts;
  const { atime, mtime } = statSync(prepared.world.entry);
  mkdirSync(folder(), { mode: 0o700 });
  const random = seededRandom(SEED);
  for (let at = 0; at < COUNT; at += 1) {
    writeFileSync(join(folder(), `${at}`), damaged(whole, texts, random), { encoding: 'latin1', mode: 0o600 });
    utimesSync(join(folder(), `${at}`), atime, mtime);
  }
}, 600_000);
afterEach(() => {
  for (const { remove } of worlds) remove();
});

const folder = (): string => join(prepared.world.directory, 'damaged');

/** What a reader says: nothing, or the end that it tells and the token. */
type Answer = { readonly told: string; readonly token: string } | undefined;

/** The functions of the script, and a loop that puts each file to them. */
async function askScript({ command }: Shell): Promise<Answer[]> {
  const script = readFileSync(SCRIPT, 'utf8');
  const [functions = ''] = script.split('\nwhile :; do\n  case ${1-}${2+ } in\n', 1);
  const loop = `
ek_read_settings && ek_read_words "$@" && ek_read_identity || { echo "$ek_why"; exit 9; }
ek_directory=$DIRECTORY ek_at=0
while [ "$ek_at" -lt "$COUNT" ]; do
  ek_file=$DIRECTORY/damaged/$ek_at
  if ek_read_entry && ek_compare "$ek_file" "$ek_margin"; then ek_print "hit $ek_told $ek_token"; else echo miss; fi
  ek_at=$((ek_at + 1))
done`;
  const path = join(prepared.world.root, 'functions');
  writeFileSync(path, functions + loop);
  const [program = '', ...args] = [...command, path, ...prepared.words];
  const more = { PATH, LC_ALL: 'C.UTF-8', DIRECTORY: prepared.world.directory, COUNT: `${COUNT}` };
  const env = { ...more, ...prepared.env } as NodeJS.ProcessEnv;
  const { stdout } = await promisify(execFile)(program, args, { env, encoding: 'latin1', maxBuffer: 1e9 });
  const lines = stdout.split('\n').slice(0, -1);
  expect(lines, 'the shell goes on after each entry').toHaveLength(COUNT);
  return lines.map((line) => {
    const [verdict, told = '', token = ''] = line.split(' ');
    return verdict === 'hit' ? { told, token } : undefined;
  });
}

async function askTypeScript(): Promise<Answer[]> {
  const { key, env, words, world } = prepared;
  const machine = async () => readMachineSync();
  const place = { directory: world.directory, now: () => new Date(), machine, files: async () => plainFiles };
  const reader = { command: words[0] ?? '', marginSeconds: 60, outside: outsideOf(key, env) };
  const answers: Answer[] = [];
  for (let at = 0; at < COUNT; at += 1) {
    const found = await findEntry(place, { ...key, fileName: `damaged/${at}` }, reader);
    answers.push(typeof found === 'string' ? undefined : { told: timestamp(toldUntil(found)), token: found.token });
  }
  return answers;
}

/** Puts files in the place of the entry, one after the other, and loads the reader. */
const DRIVER = `
  const fs = require('node:fs');
  const [reader, words, entry, files] = JSON.parse(fs.readFileSync(0, 'utf8'));
  const write = fs.writeSync;
  const answers = files.map((file) => {
    let printed = '';
    fs.rmSync(entry);
    fs.linkSync(file, entry);
    fs.writeSync = (to, text) => void (printed += to === 1 ? text : '');
    process.argv = [process.argv[0], reader, ...words];
    delete require.cache[reader];
    require(reader);
    return printed;
  });
  write(1, JSON.stringify(answers));`;

async function askNode(positions: readonly number[]): Promise<Answer[]> {
  const { env, words, world } = prepared;
  const reader = join(world.root, 'hit.cjs');
  copyFileSync(packageFile('dist/exec/hit.cjs'), reader);
  writeFileSync(join(dirname(reader), 'main.cjs'), '');
  const asked = promisify(execFile)(process.execPath, ['-e', DRIVER], {
    env: env as NodeJS.ProcessEnv,
    maxBuffer: 1e9,
  });
  asked.child.stdin?.end(JSON.stringify([reader, words, world.entry, positions.map((at) => join(folder(), `${at}`))]));
  const answers: string[] = JSON.parse((await asked).stdout);
  return answers.map((printed) => {
    if (printed === '') return undefined;
    const { expirationTimestamp, token } = JSON.parse(printed).status;
    return { told: expirationTimestamp, token };
  });
}

/** The parts that decide whose token it is: none of them may be damaged in a hit. */
function decisive(text: string): string {
  const [version, identity, command] = text.slice(text.indexOf('"ekspress":"')).split(';');
  return [version, identity, command].join(';');
}

/** From where on a text is another one, and what comes there. */
function differenceIn(text: string): string {
  let at = 0;
  while (text[at] === whole[at] && at < whole.length) at += 1;
  return `${at} of ${whole.length}: ${text.slice(Math.max(0, at - 20), at + 60)} … ${text.slice(-60)}`;
}

const textOf = (at: number): string => readFileSync(join(folder(), `${at}`), 'latin1');

describe(`${COUNT} damaged entries (seed ${SEED})`, { timeout: 120_000 + COUNT * 10 }, () => {
  it.each(everyShell())('are a miss or the same hit to the script and to Node: $name', async (shell) => {
    const node = await askTypeScript();
    const script = await askScript(shell);
    const after = await askTypeScript();
    const wrong = script.flatMap((answer, at) => {
      const nodes = node[at];
      // Its life has ended meanwhile.
      if (nodes !== undefined && after[at] === undefined) return [];
      // A shell drops NUL bytes, so an entry may look whole; yash reads text only.
      const odd = /[\0\x80-\xff]/.test(textOf(at));
      if (answer === undefined && nodes === undefined) return [];
      if (answer && nodes && answer.told === nodes.told && answer.token === nodes.token) return [];
      if (answer === undefined && (odd || /;(?:n|r)u?;/.test(textOf(at)))) return [];
      return odd && answer?.told === wholeAnswer().told
        ? []
        : [`${at}: the script ${answer?.told}, Node ${nodes?.told}: ${JSON.stringify(differenceIn(textOf(at)))}`];
    });
    expect(wrong).toEqual([]);
    console.log(
      `${shell.name}: ${script.filter(Boolean).length} hits of ${COUNT}, Node: ${node.filter(Boolean).length}`,
    );
  });

  it('never change in a hit whose token it is, and never prolong its life', async () => {
    const { told } = wholeAnswer();
    const changed = (await askTypeScript()).flatMap((answer, at) => {
      if (answer === undefined || (decisive(textOf(at)) === decisive(whole) && answer.told <= told)) return [];
      return [`${at}: ${decisive(textOf(at))}`];
    });
    expect(changed).toEqual([]);
  });

  it('are the same to the first file of Node', async () => {
    const positions = Array.from({ length: Math.floor(COUNT / EVERY) }, (_, index) => index * EVERY);
    const node = await askTypeScript();
    const reader = await askNode(positions);
    const wrong = positions.filter((at, index) => {
      // What the script may read after a short while is left to the rest of Node, which writes it down again.
      if (reader[index] === undefined && /;ru?;/.test(textOf(at))) return false;
      return reader[index]?.told !== node[at]?.told || reader[index]?.token !== node[at]?.token;
    });
    expect(wrong).toEqual([]);
  });
});

function wholeAnswer(): { told: string; token: string } {
  const [, told = '', token = ''] = /"expirationTimestamp":"([^"]*)","token":"([^"]*)"/.exec(whole) ?? [];
  return { told, token };
}
