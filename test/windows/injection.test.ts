import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { cmdWords } from '../support/cmd-words.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { onWindows, type WindowsProgram, windowsPath } from '../support/wine.ts';

const SYSTEM = 'C:\\windows\\system32';
const WORDS = ['aws', 'eks', 'get-token', '--cluster-name', 'dev', '--region', 'us-east-1'];
/** Each would make a file in the folder of the batch file, or in the current one. */
const corpus = cmdWords('copy aws.cmd made');
/** What the forms below get that start processes for each word: every tenth, or all of them in a long run. */
const isLong = process.env.EKSPRESS_FAULTS === 'all';
const some = corpus.filter((_, index) => isLong || index % 10 === 0);
/** Four hundred starts in wine take a while on a busy machine. */
const timeout = isLong ? 1_800_000 : 600_000;

let folder: string;
let env: Record<string, string>;
beforeAll(() => {
  folder = temporaryFolder('windows-words');
  for (const name of ['.aws', 'home']) mkdirSync(join(folder, name));
  // It writes down that it ran, beside itself.
  writeFileSync(join(folder, 'aws.cmd'), '@echo ran>"%~dp0ran"\r\n@echo %*\r\n');
  writeFileSync(
    join(folder, 'print.cjs'),
    `require('node:fs').appendFileSync(process.argv[2], JSON.stringify(process.argv.slice(3)) + '\\n')`,
  );
  env = { PATH: `${windowsPath(folder)};${SYSTEM}`, USERPROFILE: windowsPath(join(folder, 'home')) };
});

const nothingRan = () => expect(['ran', 'made'].filter((name) => existsSync(join(folder, name)))).toEqual([]);

/** The plugin as a kubeconfig calls it, where no package is beside it: it starts the original command itself. */
const plugin = (...words: string[]): WindowsProgram => ({
  args: [windowsPath(packageFile('dist/exec/windows.cjs')), ...words],
  env,
});

describe(`${corpus.length} words that cmd.exe reads as commands`, () => {
  it('are about two hundred, and none of them is plain', () => {
    expect(corpus.length).toBeGreaterThan(190);
    expect(corpus.filter((word) => /^[A-Za-z0-9_./:@+=,-]*$/.test(word))).toEqual([]);
  });

  it('are refused where a batch file would be called, all of them, and nothing runs', async () => {
    const bundle = join(folder, 'call.cjs');
    const file = packageFile('src/system/windows-call.ts');
    await build({ entryPoints: [file], outfile: bundle, bundle: true, platform: 'node', format: 'cjs' });
    writeFileSync(
      join(folder, 'call-each.cjs'),
      `const { windowsCall } = require('./call.cjs');
       const { spawnSync } = require('node:child_process');
       const refused = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8')).map((word) => {
         try {
           const { command, args, windowsVerbatimArguments } = windowsCall('aws', ['--profile', word], process.env);
           spawnSync(command, args, { windowsVerbatimArguments });
         } catch (error) {
           return error.message;
         }
       });
       console.log(JSON.stringify(refused));`,
    );
    writeFileSync(join(folder, 'words.json'), JSON.stringify(corpus));
    const args = ['call-each.cjs', 'words.json'].map((name) => windowsPath(join(folder, name)));
    const [outcome] = await onWindows([{ args, env }]);
    const refused: (string | null)[] = JSON.parse(outcome?.stdout ?? '');
    const accepted = corpus.filter((_, index) => !refused[index]?.includes('cmd.exe could misread the word'));
    expect(accepted).toEqual([]);
    nothingRan();
  });

  it('are refused by the installed plugin in front of a batch file, and nothing runs', { timeout }, async () => {
    const outcomes = await onWindows(some.map((word) => plugin(...WORDS, '--profile', word)));
    for (const [index, { status, stdout, stderr }] of outcomes.entries()) {
      expect({ word: some[index], status, stdout }).toEqual({ word: some[index], status: 1, stdout: '' });
      expect(stderr).toMatch(/it is a batch file, and cmd\.exe could misread the word/);
    }
    nothingRan();
  });

  it('reach a program as they are, where the original command is one', async () => {
    const node = process.env.EKSPRESS_TEST_WINDOWS_NODE ?? '';
    const answers = join(folder, 'answers');
    const calls = Array.from({ length: Math.ceil(corpus.length / 20) }, (_, at) => corpus.slice(at * 20, at * 20 + 20));
    const printer = [windowsPath(node), windowsPath(join(folder, 'print.cjs')), windowsPath(answers)];
    const outcomes = await onWindows(calls.map((words) => plugin('--', ...printer, ...words)));
    expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => 0));
    const got = readFileSync(answers, 'utf8')
      .trim()
      .split('\n')
      .flatMap((line): string[] => JSON.parse(line));
    expect(got).toEqual(corpus);
    nothingRan();
  });

  it('are refused by the package, behind the plugin and behind the manager, and nothing runs', {
    timeout,
  }, async () => {
    const main = windowsPath(packageFile('dist/exec/main.cjs'));
    const manager = windowsPath(packageFile('dist/cli/main.js'));
    const forms = [[main], [manager, 'token', '--']];
    const programs = forms.flatMap((form) =>
      some.map((word) => ({ args: [...form, ...WORDS, '--profile', word], env })),
    );
    for (const { status, stdout } of await onWindows(programs)) {
      expect({ failed: status !== 0, stdout }).toEqual({ failed: true, stdout: '' });
    }
    nothingRan();
  });
});
