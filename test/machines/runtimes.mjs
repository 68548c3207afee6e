// npm run test:runtimes [-- WORDS OF VITEST]: the library, its clients and the manager in Bun and in Deno. They are EKSPRESS_BUN and
// EKSPRESS_DENO, those of PATH, or those of the registry; a runtime that is not available is skipped by name.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheOf, fetchBinary, firstLine, runFile } from './machine.mjs';

const MUSL = existsSync('/etc/alpine-release');
const { platform, arch, env } = process;

/** Each with its package for this machine, the file in it, and the words before a program. */
const RUNTIMES = [
  {
    name: 'Bun',
    given: env.EKSPRESS_BUN,
    release: `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}${MUSL ? '-musl' : ''}@1.4`,
    file: 'bin/bun',
    words: [],
  },
  {
    name: 'Deno',
    given: env.EKSPRESS_DENO,
    release: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}@2`,
    file: 'deno',
    words: ['run', '-A', '--no-lock'],
  },
];

for (const { name, given, release, file, words } of RUNTIMES) {
  const binary = given ?? find(name, release, file);
  if (binary !== undefined) runFile('runtimes', { EKSPRESS_TEST_RUNTIME: [name, binary, ...words].join(' ') });
}

function find(name, release, file) {
  const program = name.toLowerCase();
  if (runs(program)) return program;
  const cache = cacheOf(program);
  const binary = join(cache, program);
  try {
    if (!existsSync(binary)) fetchBinary(release, file, cache, binary);
    if (runs(binary)) return binary;
    console.log(`skipped: the tests in ${name} (it does not start here)`);
  } catch (error) {
    console.log(`skipped: the tests in ${name} (the package ${release} is not available: ${firstLine(error)})`);
  }
  return undefined;
}

function runs(program) {
  return spawnSync(program, ['--version']).status === 0;
}
