import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timestamp, toldUntil } from '../../src/cache/entry/entry.ts';
import { type Machine, readMachineSync } from '../../src/cache/entry/machine.ts';
import { outsideOf } from '../../src/cache/entry/outside.ts';
import { plainFiles } from '../../src/cache/sealed/entry-files.ts';
import { findEntry } from '../../src/cache/store/find-entry.ts';
import { packageFile } from '../../src/plugin/package-file.ts';
import { damaged } from '../support/damage.ts';
import { PATH } from '../support/paths.ts';
import { type Prepared, prepare } from '../support/prepare-hit-case.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { everyShell, SCRIPT, type Shell } from '../support/script-shells.ts';
import { SEED } from '../support/seed.ts';

/**
 * Entries that something went wrong with, in a hundred ways: a miss at every reader, or the same hit, and never another
 * token or another end. EKSPRESS_DAMAGED sets how many, EKSPRESS_SEED repeats a run.
 */
const COUNT = Number(process.env.EKSPRESS_DAMAGED ?? 1000);
/** The script is one process, and has to be through before the tokens end: it is asked about the first ones only. */
const COUNT_OF_SCRIPT = Math.min(COUNT, 100_000);
/** The readers of Node are asked about so many at a time, with new tokens and in a new process. */
const BATCH = 20_000;

const KINDS = [
  { env: { AWS_PROFILE: 'acme' }, stored: { hostBound: true } },
  { env: { AWS_PROFILE: 'acme', HTTPS_PROXY: 'http://proxy:3128' }, stored: { network: true } },
  { env: { AWS_PROFILE: 'acme' }, stored: { programs: ['sh'] } },
  { env: { AWS_PROFILE: 'other' }, stored: { life: 300 } },
];

let random: Random;
let worlds: Prepared[] = [];
let prepared: Prepared;
let whole: string;
/** When the last of the whole entries ends: what is half another one may end as that one does. */
let latest: string;
/** The clock and the machine of that moment. By them the reader of this process judges, however long the others take. */
let made: { readonly date: Date; readonly machine: Machine };

beforeEach(() => {
  random = seededRandom(SEED);
});
afterEach(removeAll, 600_000);

function removeAll(): void {
  for (const { remove } of worlds) remove();
  worlds = [];
}

/** The next entries, around new tokens. */
async function makeEntries(count: number): Promise<void> {
  removeAll();
  for (const kind of KINDS) worlds.push(await prepare({ title: '', verdict: 'hit', ...kind }));
  prepared = worlds[0] as Prepared;
  const texts = worlds.map(({ world }) => readFileSync(world.entry, 'latin1'));
  [whole = ''] = texts;
  latest =
    texts
      .map((text) => statusOf(text).told)
      .sort()
      .at(-1) ?? '';
  const { atime, mtime } = statSync(prepared.world.entry);
  // A record of another entry is as good here as it is there.
  for (const { world } of worlds.slice(1)) {
    for (const stamp of readdirSync(stampsOf(world))) {
      try {
        linkSync(join(stampsOf(world), stamp), join(stampsOf(prepared.world), stamp));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
  made = { date: new Date(), machine: readMachineSync() };
  mkdirSync(folder(), { mode: 0o700 });
  mkdirSync(join(prepared.world.directory, 'odd'));
  for (let at = 0; at < count; at += 1) {
    const text = damaged(whole, texts, random);
    writeFileSync(join(folder(), `${at}`), text, { encoding: 'latin1', mode: 0o600 });
    utimesSync(join(folder(), `${at}`), atime, mtime);
    if (isOdd(text)) writeFileSync(join(prepared.world.directory, 'odd', `${at}`), '');
  }
}

/** A shell drops NUL bytes, so an entry may look whole; yash reads text only. */
const isOdd = (text: string): boolean => /[\0\x80-\xff]/.test(text);
const folder = (): string => join(prepared.world.directory, 'damaged');
const stampsOf = ({ directory }: Prepared['world']): string => join(directory, 'stamps');

/** What a reader says: nothing, or the end that it tells and the token. */
type Answer = { readonly told: string; readonly token: string } | undefined;

/**
 * The functions of the script, and a loop that puts each file to them. Half a character in one file is to the `read` of
 * yash the beginning of the next file: there such a file gets a process of its own, as each has where the plugin runs.
 */
async function askScript({ command }: Shell): Promise<Answer[]> {
  const script = readFileSync(SCRIPT, 'utf8');
  const [functions = ''] = script.split('\nwhile :; do\n  case ${1-}${2+ } in\n', 1);
  const loop = `
ek_read_settings && ek_read_words "$@" && ek_read_identity || { echo "$ek_why"; exit 9; }
ask() {
  if ek_read_entry && ek_compare "$ek_file" "$ek_margin"; then ek_print "hit $ek_told $ek_token"; else echo miss; fi
}
ek_directory=$DIRECTORY ek_at=0
while [ "$ek_at" -lt "$COUNT" ]; do
  ek_file=$DIRECTORY/damaged/$ek_at
  if [ -z "$YASH_VERSION" ] || [ ! -e "$DIRECTORY/odd/$ek_at" ]; then ask; else (ask); fi
  ek_at=$((ek_at + 1))
done`;
  const path = join(prepared.world.root, 'functions');
  writeFileSync(path, functions + loop);
  const [program = '', ...args] = [...command, path, ...prepared.words];
  const more = { PATH, LC_ALL: 'C.UTF-8', DIRECTORY: prepared.world.directory, COUNT: `${COUNT_OF_SCRIPT}` };
  const env = { ...more, ...prepared.env } as NodeJS.ProcessEnv;
  const { stdout } = await promisify(execFile)(program, args, { env, encoding: 'latin1', maxBuffer: 1e9 });
  const lines = stdout.split('\n').slice(0, -1);
  expect(lines, 'the shell goes on after each entry').toHaveLength(COUNT_OF_SCRIPT);
  return lines.map((line) => {
    const [verdict, told = '', token = ''] = line.split(' ');
    return verdict === 'hit' ? { told, token } : undefined;
  });
}

async function askTypeScript(count: number): Promise<Answer[]> {
  const { key, env, words, world } = prepared;
  const [now, machine, files] = [() => made.date, async () => made.machine, async () => plainFiles];
  const place = { directory: world.directory, now, machine, files };
  const reader = { command: words[0] ?? '', marginSeconds: 60, outside: outsideOf(key, env) };
  const answers: Answer[] = [];
  for (let at = 0; at < count; at += 1) {
    const found = await findEntry(place, { ...key, fileName: `damaged/${at}` }, reader);
    answers.push(typeof found === 'string' ? undefined : { told: timestamp(toldUntil(found)), token: found.token });
  }
  return answers;
}

/** Puts the files in the place of the entry, one after the other, and runs the reader, which is loaded once. */
const DRIVER = `
  const fs = require('node:fs');
  const [reader, words, entry, folder, count] = JSON.parse(fs.readFileSync(0, 'utf8'));
  const code = '(function (exports, require, module) {' + fs.readFileSync(reader, 'utf8') + '})';
  const run = new (require('node:vm').Script)(code, { filename: reader }).runInThisContext();
  const write = fs.writeSync;
  const answers = [];
  process.argv = [process.argv[0], reader, ...words];
  for (let at = 0; at < count; at += 1) {
    let printed = '';
    fs.unlinkSync(entry);
    fs.linkSync(folder + '/' + at, entry);
    fs.writeSync = (to, text) => void (printed += to === 1 ? text : '');
    run({}, (name) => (name.startsWith('./') ? {} : require(name)), {});
    answers.push(printed);
  }
  write(1, JSON.stringify(answers));`;

async function askNode(count: number): Promise<Answer[]> {
  const { env, words, world } = prepared;
  const asked = promisify(execFile)(process.execPath, ['-e', DRIVER], {
    env: env as NodeJS.ProcessEnv,
    maxBuffer: 1e9,
  });
  const reader = packageFile('dist/exec/hit.cjs');
  asked.child.stdin?.end(JSON.stringify([reader, words, world.entry, folder(), count]));
  const answers: string[] = JSON.parse((await asked).stdout);
  expect(answers, 'the reader goes on after each entry').toHaveLength(count);
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

describe(`${COUNT} damaged entries (seed ${SEED})`, { timeout: 600_000 + COUNT * 10 }, () => {
  it.each(everyShell())('are a miss or the same hit to the script and to Node: $name', async (shell) => {
    await makeEntries(COUNT_OF_SCRIPT);
    const script = await askScript(shell);
    expect(Date.now() + 60_000, 'the script is through before the tokens end').toBeLessThan(Date.parse(latest));
    const node = await askTypeScript(COUNT_OF_SCRIPT);
    const wrong = script.flatMap((answer, at) => {
      const nodes = node[at];
      const odd = isOdd(textOf(at));
      if (answer === undefined && nodes === undefined) return [];
      if (answer && nodes && answer.told === nodes.told && answer.token === nodes.token) return [];
      if (answer === undefined && (odd || /;(?:n|r)u?;/.test(textOf(at)))) return [];
      return odd && answer?.told === statusOf(whole).told
        ? []
        : [`${at}: the script ${answer?.told}, Node ${nodes?.told}: ${JSON.stringify(differenceIn(textOf(at)))}`];
    });
    expect(wrong).toEqual([]);
    const count = (answers: Answer[]) => answers.filter(Boolean).length;
    expect(count(node)).toBeGreaterThan(COUNT_OF_SCRIPT / 10);
    console.log(`${shell.name}: ${count(script)} hits of ${COUNT_OF_SCRIPT}, Node: ${count(node)}`);
  });

  it('are the same to both readers of Node, and never change in a hit whose token it is or when it ends', async () => {
    const wrong: string[] = [];
    let hits = 0;
    let left = 0;
    for (let first = 0; first < COUNT; first += BATCH) {
      const count = Math.min(BATCH, COUNT - first);
      await makeEntries(count);
      const node = await askTypeScript(count);
      const reader = await askNode(count);
      for (const [at, answer] of node.entries()) {
        const text = textOf(at);
        const tell = (why: string) => wrong.push(`${first + at}: ${why}: ${JSON.stringify(differenceIn(text))}`);
        if (answer && (decisive(text) !== decisive(whole) || answer.told > latest)) tell('a hit');
        if (reader[at]?.told === answer?.told && reader[at]?.token === answer?.token) continue;
        // What is not for Node only is left to the rest of Node, which writes it down again for the script.
        if (reader[at] === undefined && /;[nr]u?;/.test(text)) left += 1;
        else tell(`${answer?.told}, the first file ${reader[at]?.told}`);
      }
      hits += node.filter(Boolean).length;
    }
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(COUNT / 10);
    console.log(`the readers of Node: ${hits} hits of ${COUNT}, ${left} left to the rest of Node`);
  });
});

function statusOf(text: string): { told: string; token: string } {
  const [, told = '', token = ''] = /"expirationTimestamp":"([^"]*)","token":"([^"]*)"/.exec(text) ?? [];
  return { told, token };
}
