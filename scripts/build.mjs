// Makes dist of src. Code by the bundler: one file for each entry and shared chunks, as a hundred small modules cost more
// to load than to run. Declarations by the compiler, file by file (not with --code-only, which tests use). Everything is
// written to a folder of its own and swapped in whole, so whoever runs dist meanwhile never meets half a build.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const fresh = join(root, `dist-${process.pid}.tmp`);
const previous = join(root, `dist-${process.pid}.old`);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

try {
  await bundle();
  if (!process.argv.includes('--code-only')) declare();
  makeExecutable();
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(`build: ${error.message}; dist is as it was`);
  process.exit(1);
}
if (existsSync(dist)) renameSync(dist, previous);
renameSync(fresh, dist);
rmSync(previous, { recursive: true, force: true });

async function bundle() {
  const exported = Object.values(manifest.exports).map((entry) => entry.default ?? '');
  const built = new Set([...exported, ...Object.values(manifest.bin), 'dist/exec/main.js']);
  const sources = [...built].map((path) => path.replace(/^(\.\/)?dist\/(.*)\.js$/, 'src/$2.ts'));
  await build({
    absWorkingDir: root,
    // An entry that does not exist is the package check's to complain about.
    entryPoints: sources.filter((path) => path.endsWith('.ts') && existsSync(join(root, path))),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outdir: fresh,
    outbase: 'src',
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  });
}

function declare() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh];
  if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0) {
    throw new Error('the compiler found errors');
  }
  // The compiler rewrites `./x.ts` in code only. In declarations it would resolve as well, but not with every tool.
  for (const name of readdirSync(fresh, { recursive: true }).filter((path) => path.endsWith('.d.ts'))) {
    const text = readFileSync(join(fresh, name), 'utf8');
    writeFileSync(join(fresh, name), text.replace(/(\bfrom |\bimport\()(["'])(\.[^"']*)\.ts\2/g, '$1$2$3.js$2'));
  }
}

/** npm makes a bin executable on install, but the bins are also run right out of the working tree. */
function makeExecutable() {
  for (const path of Object.values(manifest.bin)) {
    const built = path.startsWith('dist/') ? join(fresh, path.slice('dist/'.length)) : join(root, path);
    if (existsSync(built)) chmodSync(built, 0o755);
    else console.warn(`build: package.json names a bin that does not exist: ${path}`);
  }
}
