// The unit tests under Node for Windows: vitest itself runs in wine. Its compilers are those for WebAssembly, because wine lacks
// what the native ones need. Tests of what only Unix has are skipped by name, with the reason of unix-only.json.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine } from '../machines/machine.mjs';
import { cache, node, prefix, root, skip } from './wine.mjs';

const folder = join(cache, 'unit');
/** What the tests read. */
const PARTS = [
  'package.json',
  'package-lock.json',
  'src',
  'test',
  'scripts',
  'bin',
  'docs',
  'README.md',
  'CHANGELOG.md',
  'dist',
  'tsconfig.json',
];
const COMPILERS = { vite: '7.3.8', esbuild: 'npm:esbuild-wasm@0.28.2', rollup: 'npm:@rollup/wasm-node@4.68.4' };

/** @param filters paths of tests, all without them @returns whether all that ran passed */
export function runUnitTests(filters) {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = {
    private: true,
    dependencies: own.dependencies,
    devDependencies: { ...own.devDependencies, ...COMPILERS },
    overrides: { vite: '$vite', esbuild: '$esbuild', rollup: '$rollup' },
  };
  installPackages(JSON.stringify(wanted));
  for (const part of PARTS) {
    rmSync(join(folder, part), { recursive: true, force: true });
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  const report = join(cache, 'unit.json');
  rmSync(report, { force: true });
  const at = (path) => `Z:${path.replaceAll('/', '\\')}`;
  const words = [
    '--config',
    'test/windows/unit.config.mjs',
    '--reporter=json',
    `--outputFile=${at(report)}`,
    ...filters,
  ];
  const { status } = spawnSync('wine', [node, join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...words], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...{ PATH: process.env.PATH, HOME: cache, WINEPREFIX: prefix, WINEDEBUG: '-all', WINEPATH: at(cache) },
      ...{ LC_ALL: 'C.UTF-8', NODE_SKIP_PLATFORM_CHECK: '1' },
    },
  });
  if (!existsSync(report)) {
    console.error(`The unit tests did not run in wine (status ${status}).`);
    return false;
  }
  return told(JSON.parse(readFileSync(report, 'utf8')), filters.length > 0);
}

function installPackages(manifest) {
  const stamp = join(folder, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  const words = [
    'install',
    '--os=win32',
    '--cpu=x64',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
  ];
  try {
    execFileSync('npm', words, { cwd: folder, stdio: 'pipe' });
  } catch (error) {
    skip(`the packages of the unit tests cannot be installed: ${firstLine(error)}`);
  }
  writeFileSync(stamp, manifest);
}

/** Prints what failed, what was skipped for which reason, and the counts. */
function told({ testResults, numPassedTests }, isPart) {
  const failed = [];
  const known = new Set();
  let skipped = 0;
  for (const { name, message, assertionResults } of testResults) {
    const file = name.replaceAll('\\', '/').replace(/^.*\/unit\/test\/unit\//, '');
    if (assertionResults.length === 0) failed.push(`${file}: ${message}`);
    for (const { status, fullName, failureMessages } of assertionResults) {
      known.add(`${file} ${fullName}`);
      if (status === 'failed') failed.push(`${file} ${fullName}\n    ${failureMessages.join('\n').split('\n')[0]}`);
      else if (status !== 'passed') skipped += 1;
    }
  }
  const lists = Object.entries(JSON.parse(readFileSync(join(root, 'test', 'windows', 'unix-only.json'), 'utf8')));
  for (const [reason, files] of lists) {
    const count = Object.values(files).flat().length;
    console.log(`skipped on Windows: ${count} unit tests (${reason})`);
    for (const [file, tests] of Object.entries(files)) {
      const gone = tests.filter((test) => !known.has(`${file} ${test}`));
      if (!isPart)
        failed.push(...gone.map((test) => `${file} ${test}\n    stands in unix-only.json, and there is no such test`));
    }
  }
  for (const one of failed) console.error(`failed in wine: ${one}`);
  console.log(`unit tests in wine: ${numPassedTests} passed, ${failed.length} failed, ${skipped} skipped`);
  return failed.length === 0;
}
