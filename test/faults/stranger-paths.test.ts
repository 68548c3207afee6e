import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { optionalProgram } from '../support/optional-programs.ts';
import { temporaryFolder } from '../support/temporary.ts';

// No path of a stranger's kubeconfig is looked at, and no name in it is looked up: an automounter, a share or a name server
// would learn of it.

const strace = optionalProgram('strace') ?? '';
const HOST = 'evil-host';
const DOORS =
  'isEKSConfig parseEKSConfig listContexts registerByString registerAllByString attachEKSAuth attachAllEKSAuth mcp';

it.skipIf(!strace)('No path and no host name of a stranger’s kubeconfig is looked at, at any door', () => {
  const home = temporaryFolder('strangers');
  symlinkSync(resolve('node_modules'), join(home, 'node_modules'));
  const program = join(home, 'stranger-paths.mjs');
  const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  buildSync({
    entryPoints: [source('../support/stranger-paths-program.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    banner: { js: "import{createRequire as requiring}from'node:module';const require=requiring(import.meta.url);" },
    alias: { 'ekspress/mcp': source('../../src/mcp/index.ts') },
  });
  const log = join(home, 'strace.log');
  const options = ['-f', '-qq', '-s', '300', '-o', log, '--trace=%file,%net'];
  const env = { HOME: home, PATH: process.env.PATH, NODE_NO_WARNINGS: '1' };
  const words = [...options, process.execPath, program, join(home, 'home'), HOST];
  const { stdout, stderr } = spawnSync(strace, words, { env, encoding: 'utf8', timeout: 100_000 });
  expect(stdout, stderr).toMatch(/^\{/);
  const outcomes: Record<string, number> = JSON.parse(stdout);
  for (const door of DOORS.split(' ')) {
    expect(
      Object.keys(outcomes).some((outcome) => outcome.startsWith(`${door}: `)),
      door,
    ).toBe(true);
  }
  const calls = readFileSync(log, 'latin1').split('\n');
  const begin = calls.findIndex((call) => call.includes('"/begin-of-doors"'));
  const end = calls.findIndex((call) => call.includes('"/end-of-doors"'));
  const telling = (call: string): boolean =>
    call.includes(HOST) ||
    /"\/etc\/(?:hosts|resolv\.conf|nsswitch\.conf|host\.conf)"|sin6?_port=htons\(53\)|nscd/.test(call);
  expect(calls.slice(end).filter(telling).length).toBeGreaterThan(2);
  expect(calls.slice(begin, end).filter(telling)).toEqual([]);
});
