// Builds dist from src: the code (modules.mjs), the plugin's programs (plugin-programs.mjs) and the declarations
// (declarations.mjs, not with --code-only, which tests use). The build goes into a temporary folder that then replaces
// dist, so that a running process never sees an incomplete build.
//
// With --if-changed nothing is done where dist was already built from these sources: npm runs `prepare` once or twice for
// one install or pack, and `npm ci && npm run demo` asks for dist twice.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  const to = { root, fresh, manifest };
  const { buildModules, buildPluginPrograms, buildDeclarations } = await parts();
  await buildModules(to);
  await buildPluginPrograms(to);
  if (!codeOnly) await buildDeclarations(to);
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
  const filesBelow = (folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort();
  const scripts = ['scripts/build.mjs', 'scripts/third-party-licenses.mjs'];
  const folders = ['src', 'scripts/build', 'scripts/licenses'].flatMap(filesBelow);
  const files = [...folders, ...scripts, 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
  // It says which releases of the packages are in dist/cli.
  if (existsSync(join(root, 'package-lock.json'))) files.push('package-lock.json');
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
  const doors = { ...manifest.exports, ...manifest.imports };
  const entries = Object.values(doors).map((entry) => entry.default ?? entry);
  return [...entries, ...Object.values(manifest.bin), ...manifest.man].every((path) => existsSync(join(root, path)));
}

/** Loads the parts. They need development dependencies, which `npm install --omit=dev` leaves out. */
async function parts() {
  try {
    return {
      ...(await import('./build/modules.mjs')),
      ...(await import('./build/plugin-programs.mjs')),
      ...(await import('./build/declarations.mjs')),
    };
  } catch (cause) {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('the development dependencies are missing: run `npm ci --include=dev`', { cause });
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
