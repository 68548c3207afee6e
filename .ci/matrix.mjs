// node .ci/matrix.mjs [NAME...]: runs `npm test` in the named settings, or in all, each in its own clone. Prints a
// table (setting, passed, failed, skipped, seconds). Exits with 1 if a test failed. Writes the sums `passed failed
// skipped` into the file $EKSPRESS_MATRIX_COUNTS if that is set. Needs Linux on x64. Settings with another user need
// root.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minimalPath } from './minimal-path.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const UNPRIVILEGED_USER = 65_534;
/** The number of tests that must pass, and not be skipped, on a machine with the minimal PATH. */
const LEAST_PASSED = 3300;

/**
 * The settings. `path: 'minimal'`: node, npm, npx, git, sh and coreutils only. `aws`: the `aws` on PATH. `user`: an
 * unprivileged user, after root has run the tests once.
 */
const SETTINGS = {
  'Node 20': { node: 20 },
  'Node 22': { node: 22 },
  'Node 24': { node: 24 },
  'minimal PATH, another user, fresh HOME, Node 24, odd folder, umask 077': {
    ...{ node: 24, path: 'minimal', user: true, umask: '077', folder: `a "b" 'c' Öde Ordner 클론` },
  },
  'minimal PATH, Node 20': { node: 20, path: 'minimal' },
  'another user after root': { node: 20, user: true },
  'folder with blanks, quotes, other letters': { node: 20, folder: `my "own" it's Öde Ordner 클론` },
  'umask 002': { node: 20, umask: '002' },
  'umask 027': { node: 20, umask: '027' },
  'umask 077': { node: 20, umask: '077' },
  'LANG C': { node: 20, env: { LC_ALL: 'C', LANG: 'C' } },
  'LANG de_DE, TZ Asia/Kolkata': { node: 22, env: { LC_ALL: 'de_DE.UTF-8', TZ: 'Asia/Kolkata' } },
  'LANG ko_KR, TZ America/St_Johns': { node: 24, env: { LC_ALL: 'ko_KR.UTF-8', TZ: 'America/St_Johns' } },
  'HOME with blanks': { node: 20, home: `Kim Lee's Öde` },
  'no aws': { node: 20, path: 'minimal', aws: 'absent' },
  'aws is a shim that works under another HOME only': { node: 20, aws: 'shim' },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in SETTINGS));
if (unknown.length > 0) {
  console.error(`matrix: unknown setting ${unknown.map((name) => `"${name}"`).join(', ')}. Settings:`);
  for (const name of Object.keys(SETTINGS)) console.error(`  ${name}`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'ekspress-matrix-'));
chmodSync(work, 0o755);
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const names = asked.length > 0 ? asked : Object.keys(SETTINGS);
const rows = names.map((name, index) => run(name, SETTINGS[name], join(work, String(index))));
printTable(rows);
if (process.env.EKSPRESS_MATRIX_COUNTS) writeFileSync(process.env.EKSPRESS_MATRIX_COUNTS, sum(rows).join(' '));
process.exitCode = rows.every(({ failed, skippedWhole }) => skippedWhole || failed === 0) ? 0 : 1;

/** Runs the tests in a fresh clone. Returns a row of the table, with the counts of the test runner's report. */
function run(name, setting, place) {
  const began = Date.now();
  if (setting.user && process.getuid() !== 0) return { name, skippedWhole: 'only root can become another user' };
  console.log(`\n=== ${name}`);
  mkdirSync(place);
  const folder = join(place, setting.folder ?? 'clone');
  const home = join(place, setting.home ?? 'home');
  mkdirSync(home);
  clone(folder);
  if (setting.user) for (const path of [folder, home]) changeOwner(path);
  const report = join(place, 'out', 'report.json');
  mkdirSync(join(place, 'out'));
  chmodSync(join(place, 'out'), 0o777);
  const env = {
    HOME: home,
    PATH: pathOf(setting, place, folder),
    TMPDIR: temporaryFolder(place),
    NO_COLOR: '1',
    CI: 'true',
    ...setting.env,
  };
  const line = `umask ${setting.umask ?? '022'}; exec npm test -- --reporter=default --reporter=json --outputFile.json="$1"`;
  const user = setting.user ? { uid: UNPRIVILEGED_USER, gid: UNPRIVILEGED_USER } : {};
  const { status } = spawnSync('/bin/sh', ['-c', line, 'sh', report], { cwd: folder, env, stdio: 'inherit', ...user });
  const { passed, failed, skipped } = countsOf(report);
  const few = setting.path === 'minimal' && passed < LEAST_PASSED;
  if (few) console.log(`only ${passed} tests passed; at least ${LEAST_PASSED} must pass`);
  rmSync(place, { recursive: true, force: true });
  // A suite that does not load, or an error outside a test, is not in the counts of the report.
  const more = (status !== 0 && failed === 0) || few ? 1 : 0;
  return { name, passed, failed: failed + more, skipped, seconds: Math.round((Date.now() - began) / 1000) };
}

/** Clones the committed tree and copies node_modules, like `npm ci` but without the registry. */
function clone(folder) {
  must('git', ['clone', '--quiet', '--no-local', root, folder]);
  cpSync(join(root, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  rmSync(join(folder, 'node_modules', '.vite'), { recursive: true, force: true });
  rmSync(join(folder, 'node_modules', '.vite-temp'), { recursive: true, force: true });
}

function changeOwner(path) {
  const paths = [path, ...readdirSync(path, { recursive: true }).map((name) => join(path, name))];
  for (const each of paths) lchownSync(each, UNPRIVILEGED_USER, UNPRIVILEGED_USER);
}

function temporaryFolder(place) {
  const folder = join(place, 't');
  mkdirSync(folder);
  chmodSync(folder, 0o1777);
  return folder;
}

function pathOf(setting, place, folder) {
  const bin = join(place, 'bin');
  mkdirSync(bin);
  const node = nodeOf(setting.node, folder);
  if (setting.aws === 'shim') writeShim(join(bin, 'aws'));
  if (setting.path === 'minimal') {
    minimalPath(bin, node);
    return bin;
  }
  symlinkSync(node, join(bin, 'node'));
  return `${bin}:${process.env.PATH}`;
}

/** Writes a version manager's shim that works only under another user's HOME. */
function writeShim(path) {
  const text = `#!/usr/bin/env bash
set -e
program="\${0##*/}"
export PYENV_ROOT="\${HOME}/.pyenv"
exec "\${HOME}/.pyenv/libexec/pyenv" exec "$program" "$@"
`;
  writeFileSync(path, text, { mode: 0o755 });
}

/** The path of the current Node, or of the one in test/compat, which `npm run test:compat` installs. */
function nodeOf(major, folder) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const inside = join('node_modules', '.cache', 'compat', 'node_modules', `node-${major}`, 'bin', 'node');
  if (!existsSync(join(root, inside))) must(process.execPath, [join(root, 'test/compat/run.mjs'), '--install-only']);
  const path = join(folder, inside);
  if (!existsSync(path)) {
    mkdirSync(join(path, '..'), { recursive: true });
    cpSync(join(root, inside), path);
  }
  return path;
}

function must(program, args) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
}

function countsOf(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

/** Passed, failed and skipped tests of all rows. A skipped setting counts as one. */
function sum(rows) {
  const of = (count) => rows.reduce((total, row) => total + (row[count] ?? 0), 0);
  return [of('passed'), of('failed'), of('skipped') + rows.filter(({ skippedWhole }) => skippedWhole).length];
}

function printTable(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name, ...cells) => `${name.padEnd(width)}  ${cells.map((cell) => String(cell).padStart(7)).join('  ')}`;
  console.log(`\n${line('setting', 'passed', 'failed', 'skipped', 'seconds')}`);
  for (const { name, passed, failed, skipped, seconds, skippedWhole } of rows) {
    console.log(
      skippedWhole ? `${name.padEnd(width)}  skipped: ${skippedWhole}` : line(name, passed, failed, skipped, seconds),
    );
  }
}
