// Builds dist from src. The bundler makes one file per entry and shared chunks, because loading a hundred small modules
// takes longer than running them. The compiler makes the declarations (not with --code-only, which tests use). The
// build goes into a temporary folder that then replaces dist, so that a running process never sees an incomplete build.
//
// --if-changed: does nothing if dist was built from these sources. npm runs `prepare` up to twice for one install or
// pack, and `npm ci && npm run demo` needs dist twice.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const fresh = join(root, `dist-${process.pid}.tmp`);
const previous = join(root, `dist-${process.pid}.old`);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const codeOnly = process.argv.includes('--code-only');
const inputs = digestOfInputs();

if (process.argv.includes('--if-changed') && isCurrent()) process.exit(0);
try {
  await bundle();
  if (!codeOnly) declare();
  makeExecutable();
  writeFileSync(join(fresh, '.built-from'), `${inputs} ${codeOnly ? 'code' : 'code and declarations'}\n`);
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(`build: ${error.message}; dist is unchanged`);
  process.exit(1);
}
if (existsSync(dist)) renameSync(dist, previous);
renameSync(fresh, dist);
rmSync(previous, { recursive: true, force: true });

/** The SHA-256 of all inputs of the build. */
function digestOfInputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const files = [...sources.sort(), 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

/** Whether dist was built from these inputs, has declarations if they are needed, and is complete. */
function isCurrent() {
  const mark = join(dist, '.built-from');
  const [digest, ...parts] = existsSync(mark) ? readFileSync(mark, 'utf8').trim().split(' ') : [];
  if (digest !== inputs || !(codeOnly || parts.includes('declarations'))) return false;
  const entries = Object.values(manifest.exports).map((entry) => entry.default ?? entry);
  return [...entries, ...Object.values(manifest.bin)].every((path) => existsSync(join(root, path)));
}

/** Loads the bundler. It is a development dependency, which `npm install --omit=dev` leaves out. */
async function bundler() {
  try {
    return await import('esbuild');
  } catch (cause) {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('the development dependencies are missing: run `npm ci --include=dev`', { cause });
  }
}

async function bundle() {
  const { build } = await bundler();
  const exported = Object.values(manifest.exports).map((entry) => entry.default ?? '');
  const built = new Set([...exported, ...Object.values(manifest.bin), 'dist/exec/main.js']);
  const sources = [...built].map((path) => path.replace(/^(\.\/)?dist\/(.*)\.js$/, 'src/$2.ts'));
  await build({
    absWorkingDir: root,
    // The package check reports entries that do not exist.
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
  // The compiler rewrites `./x.ts` in code only. Some tools do not resolve it in declarations.
  for (const name of readdirSync(fresh, { recursive: true }).filter((path) => path.endsWith('.d.ts'))) {
    const text = readFileSync(join(fresh, name), 'utf8');
    writeFileSync(join(fresh, name), text.replace(/(\bfrom |\bimport\()(["'])(\.[^"']*)\.ts\2/g, '$1$2$3.js$2'));
  }
}

/** Makes the bins executable. npm does so on install, but the bins are also run from the working tree. */
function makeExecutable() {
  for (const path of Object.values(manifest.bin)) {
    const built = path.startsWith('dist/') ? join(fresh, path.slice('dist/'.length)) : join(root, path);
    if (existsSync(built)) chmodSync(built, 0o755);
    else console.warn(`build: package.json names a bin that does not exist: ${path}`);
  }
}
