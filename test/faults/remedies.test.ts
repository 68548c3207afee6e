import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes, remediesByCode } from '../support/remedies-by-code.ts';
import { remedyCommands } from '../support/remedy-commands.ts';

// Every command between backquotes that a text of the sources shows, executed by sh as it is pasted. The programs are stand-ins.

const PROGRAMS = ['aws', 'aws-iam-authenticator', 'ekspress', 'kubectl', 'npm', 'npx', 'chmod', 'rm', 'ls', 'sudo'];
const OTHERS = ['openssl', 'timedatectl', 'date', 'id'];
const PLAIN = 'acme';
const NAMES = [
  ...['My Account.Admin', "a'b", '$(id)', '~x', '~root', '-x', '-x y', '*', 'a;id', '#a', '"', '\\', '>a'],
  ...['$HOME', 'a  b', '~/a b'],
];

let folder = '';
let plain: ReturnType<typeof started> | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ekspress-remedies-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'work'));
  writeFileSync(join(folder, 'work', 'a-file-that-a-star-would-find'), '');
  for (const program of [...PROGRAMS, ...OTHERS]) {
    const path = join(folder, 'bin', program);
    writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' ${program} "$@"\n`);
    chmodSync(path, 0o755);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What each command started, by its place in the sources: its exit status, the program and its arguments. */
function started(name: string) {
  const found = remedyCommands(name).filter(({ text }) => [...PROGRAMS, ...OTHERS].includes(text.split(' ')[0] ?? ''));
  const run = `for command; do (eval "$command"); printf '%s\\n' "status $?" END; done`;
  const env = { PATH: join(folder, 'bin'), HOME: '/home/kim' };
  const words = ['-c', run, 'sh', ...found.map(({ text }) => text)];
  const output = execFileSync('/bin/sh', words, { encoding: 'utf8', cwd: join(folder, 'work'), env });
  const outcomes = output.split('END\n').slice(0, -1);
  return found.map(({ at, text }, index) => ({ at, text, words: (outcomes[index] ?? '').trimEnd().split('\n') }));
}

/** The same words with another name; a name with a hyphen stands in one word with its option, and a path begins with `./`. */
function withName(words: readonly string[], name: string): string[] {
  const made: string[] = [];
  for (const word of words) {
    const option = made.at(-1) ?? '';
    const takesName = option.startsWith('--') && option !== '--preview';
    const hyphen = word === PLAIN && name.startsWith('-') && takesName;
    if (hyphen) made[made.length - 1] = `${option}=${name}`;
    else made.push(word.replaceAll(PLAIN, () => name));
  }
  return made;
}

describe('the commands that messages and remedies show', () => {
  it('are found, with a name from outside in many of them', () => {
    const commands = remedyCommands(PLAIN);
    expect(commands.length).toBeGreaterThan(200);
    expect(commands.filter(({ text }) => text.includes(PLAIN)).length).toBeGreaterThan(40);
  });

  it('end with status 0 when they are pasted', () => {
    for (const { at, text, words } of started(PLAIN)) {
      expect([at, text, words.at(-1)]).toEqual([at, text, 'status 0']);
    }
  });

  it.each(NAMES)('give the program the very name %s', (name) => {
    plain ??= started(PLAIN);
    const inOrder = plain.map(({ words }) => words);
    const named = started(name);
    expect(named).toHaveLength(inOrder.length);
    const wrong = named.filter(({ words }, index) => {
      const right = withName(inOrder[index] ?? [], name);
      const asOption = right.map((word) => (word === name && name.startsWith('-') ? `--context=${name}` : word));
      const asPath = right.map((word) => (word === name && name.startsWith('-') ? `./${name}` : word));
      const inHome = right.map((word) => (word === name && /^~\/./.test(name) ? `/home/kim${name.slice(1)}` : word));
      return ![right, asOption, asPath, inHome].some((expected) => JSON.stringify(expected) === JSON.stringify(words));
    });
    expect(wrong).toEqual([]);
  });
});

/** What a remedy may say before the step: what has happened, or when the step is the right one. */
const BEFORE =
  /^(?:Nothing was changed\. |This is a fault of [^;]*; |A policy [^:]*: |EKS tokens are [^.]*\. |AWS is [^;]*; |The login page [^:]*: |(?:If|In) [^:,]*[:,] |An MFA code is [^:]*: |This server [^.]*\. )/;
const STEPS =
  `add allow ask attach call check choose compare complete configure correct enable end free get give have install keep
  leave let list load log look make mount move name open parse pass please put recreate register remove rename renew return
  run save see set stop turn try type unregister unset use write`.split(/\s+/);

describe('the remedies of all errors', () => {
  const all = () => [...remediesByCode(errorCodes())].flatMap(([code, texts]) => texts.map((text) => ({ code, text })));

  it('say what to type or to change', () => {
    const isStep = (text: string) =>
      STEPS.includes(/^[a-z]+/i.exec(text.replace(BEFORE, ''))?.[0]?.toLowerCase() ?? '');
    const listed = /^The (?:only option is|options are) |^Nothing has to be done\./;
    const vague = all().filter(({ text }) => !isStep(text) && !/^If [^:]*: `/.test(text) && !listed.test(text));
    expect(vague).toEqual([]);
  });

  it('show commands of kubectl for a kubeconfig with the names that they need', () => {
    const shown = all().flatMap(({ text }) => [
      ...text.matchAll(/(?:with|`:?|Run) `((?:kubectl config|aws eks update-k)[^`]*)`/g),
    ]);
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter(([, command = '']) => !command.includes('--')).map(({ input }) => input)).toEqual([]);
  });
});
