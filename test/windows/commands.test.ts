import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ShellTask, shellCommandOf } from '../../src/text/shell-command.ts';
import { shellWord } from '../../src/text/shell-word.ts';
import { cmdWords } from '../support/cmd-words.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { onWindows, windowsPath } from '../support/wine.ts';

/** Gives each line to cmd.exe as it is, and prints what was shown. */
const PASTE = `
const { readFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
for (const line of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const options = { windowsVerbatimArguments: true, encoding: 'utf8', cwd: process.argv[3] };
  const start = () => spawnSync('cmd.exe', ['/d', '/s', '/c', '"' + line + '"'], options);
  const first = start();
  // On a busy machine wine sometimes does not start a program.
  const { stdout, error } = first.error ? start() : first;
  if (error) throw error;
  process.stdout.write(stdout);
}`;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('windows-commands');
  writeFileSync(join(folder, 'paste.cjs'), PASTE);
  writeFileSync(join(folder, 'aws.cmd'), '');
  writeFileSync(
    join(folder, 'print.cjs'),
    `require('node:fs').appendFileSync('answers', JSON.stringify(process.argv.slice(2)) + '\\n')`,
  );
});

/** What cmd.exe shows for lines that are pasted into it. */
async function pasted(lines: readonly string[]): Promise<string> {
  writeFileSync(join(folder, 'lines'), JSON.stringify(lines));
  const args = ['paste.cjs', 'lines', ''].map((name) => windowsPath(join(folder, name)));
  const node = windowsPath(process.env.EKSPRESS_TEST_WINDOWS_NODE ?? '');
  const path = `C:\\windows\\system32;C:\\windows;${node.slice(0, node.lastIndexOf('\\'))}`;
  const [outcome] = await onWindows([{ args, env: { Path: path, PATHEXT: '.COM;.EXE;.BAT;.CMD' } }]);
  if (outcome?.status !== 0) throw new Error(outcome?.stderr);
  return outcome.stdout;
}

/** Names that the quotes of both shells can hold. */
const NAMES = [
  'acme',
  'Kim Lee',
  "O'Brien",
  'a&b',
  '100%',
  'a^b',
  '#a',
  'a;b,c=d',
  '(a)',
  '!a!',
  '@a',
  'ü',
  '-x',
  '~x',
];

describe('a command of a message that is pasted into cmd.exe', () => {
  it('removes the very file', async () => {
    for (const name of [...NAMES, 'bystander']) writeFileSync(join(folder, name), '');
    await pasted(NAMES.map((name) => shellCommandOf('win32', 'removeFile', windowsPath(join(folder, name)))));
    expect(NAMES.filter((name) => existsSync(join(folder, name)))).toEqual([]);
    expect(existsSync(join(folder, 'bystander'))).toBe(true);
  });

  it('removes the files of a kind in a folder whose name has a blank', async () => {
    const home = temporaryFolder('Kim Lee');
    for (const name of ['a.json', 'b.json', 'c.txt']) writeFileSync(join(home, name), '');
    await pasted([shellCommandOf('win32', 'removeJSONFiles', windowsPath(home))]);
    expect(['a.json', 'b.json', 'c.txt'].filter((name) => existsSync(join(home, name)))).toEqual(['c.txt']);
  });

  it('lets a file be written again', async () => {
    const file = join(folder, 'Kim Lee');
    writeFileSync(file, '', { mode: 0o444 });
    await pasted([shellCommandOf('win32', 'allowWriting', windowsPath(file))]);
    expect(statSync(file).mode & 0o200).toBe(0o200);
  });

  it('shows a secret of 32 bytes, and the time', async () => {
    const shown = await pasted([shellCommandOf('win32', 'makeSecret'), shellCommandOf('win32', 'showClock')]);
    expect(shown).toMatch(/^[A-Za-z0-9+/]{43}=\r?$/m);
    expect(shown).toMatch(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\b/);
  });

  it('names a program that the system has', async () => {
    const tasks: readonly ShellTask[] = ['seeRights', 'makePrivate', 'allowWriting', 'takeFolder', 'setClock'];
    const programs = new Set(tasks.map((task) => shellCommandOf('win32', task, 'C:\\').split(' ')[0]));
    const shown = await pasted(
      [...programs].map((program) => `if exist C:\\windows\\system32\\${program}.exe echo has ${program}`),
    );
    // Those that wine has no stand-in for are known by their documentation.
    const documented = ['takeown', 'w32tm'];
    expect([...programs].filter((program) => !shown.includes(`has ${program}`))).toEqual(
      [...programs].filter((program) => documented.includes(program ?? '')),
    );
  });

  it('gives a program the very name', async () => {
    await pasted([`node print.cjs ${NAMES.map((name) => shellWord(name, 'win32')).join(' ')}`]);
    expect(JSON.parse(readFileSync(join(folder, 'answers'), 'utf8'))).toEqual(NAMES);
  });

  it('runs nothing of a name', async () => {
    const words = [
      ...cmdWords('copy aws.cmd made'),
      'a"&copy aws.cmd made&"',
      "$(a)'&copy aws.cmd made&'",
      'a\ncopy aws.cmd made',
    ];
    const echoes = words.map((word) => `echo ${shellWord(word, 'win32')}`);
    // As many as a line can hold: each start of cmd.exe takes its time.
    const lines = Array.from({ length: Math.ceil(echoes.length / 20) }, (_, at) => echoes.slice(at * 20, at * 20 + 20));
    await pasted(lines.map((line) => line.join(' & ')));
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });
});
