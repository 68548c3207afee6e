// node test/compat/run.mjs [22|24|--install-only] [VITEST-OPTION...]: what stands on client-node, under the Nodes and the client-node
// that test/compat/package.json names; under all of them where none is asked for. The tree's own Node and client-node
// are `npm test`'s to try.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = fileURLToPath(new URL('package.json', import.meta.url));
const versions = JSON.parse(readFileSync(wanted, 'utf8')).dependencies;
// Below node_modules: what the folder does not hold itself, Node finds among the tree's own packages.
const folder = join(root, 'node_modules', '.cache', 'compat');

const nodes = Object.keys(versions).flatMap((name) => /^node-(\d+)$/.exec(name)?.[1] ?? []);
const [first = '', ...others] = process.argv.slice(2);
const installOnly = first === '--install-only';
const asked = /^\d+$/.test(first) ? [first] : nodes;
const options = /^\d+$/.test(first) ? others : process.argv.slice(2);

if (process.platform !== 'linux' || process.arch !== 'x64') fail('the Nodes that it tries are those of Linux on x64');
if (!asked.every((node) => nodes.includes(node))) fail(`no such Node; there are ${nodes.join(' and ')}`);
install();
if (!installOnly) process.exitCode = asked.map(test).every(Boolean) ? 0 : 1;

/** Fills the cached folder, unless it holds these very versions; a half-filled one never takes its place. */
function install() {
  if (existsSync(join(folder, 'package.json')) && sameText(join(folder, 'package.json'), wanted)) return;
  const fresh = `${folder}-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  cpSync(wanted, join(fresh, 'package.json'));
  const quietly = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', ...quietly], { cwd: fresh, stdio: 'inherit' });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    const names = Object.entries(versions).map(([name, version]) =>
      version.replace(/^npm:|^(?=\d)/, (prefix) => (prefix ? '' : `${name}@`)),
    );
    fail(`npm cannot install ${names.join(', ')}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/** Runs the suite under one Node, which is also the one that programs of ours find in PATH. */
function test(node) {
  const bin = join(folder, 'node_modules', `node-${node}`, 'bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, EKSPRESS_COMPAT: folder };
  const version = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).stdout?.trim();
  if (version === undefined) fail(`node-${node} does not start`);
  console.log(`\nNode ${version}, @kubernetes/client-node ${versions['@kubernetes/client-node']}`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
  const args = [vitest, 'run', '--root', root, '--config', config, ...options];
  return spawnSync(join(bin, 'node'), args, { cwd: root, env, stdio: 'inherit' }).status === 0;
}

function sameText(one, other) {
  return readFileSync(one, 'utf8') === readFileSync(other, 'utf8');
}

function fail(reason) {
  console.error(`test:compat: ${reason}`);
  process.exit(1);
}
