// Builds dist from src. The bundler makes one file per entry and shared chunks, because loading a hundred small modules
// takes longer than running them. The compiler makes the declarations (not with --code-only, which tests use). The
// build goes into a temporary folder that then replaces dist, so that a running process never sees an incomplete build.
//
// The plugin's two programs are one CommonJS file each, which Node starts sooner than modules and chunks.
//
// The command-line program is a bundle of its own in dist/cli. It contains the packages that only it needs, the MCP server
// among them, and their licences: a service that installs the library does not install them.
//
// With --if-changed nothing is done where dist was already built from these sources: npm runs `prepare` once or twice for
// one install or pack, and `npm ci && npm run demo` asks for dist twice.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thirdPartyLicenses } from './third-party-licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const fresh = join(root, `dist-${process.pid}.tmp`);
const previous = join(root, `dist-${process.pid}.old`);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** The command-line program. */
const CLI = 'dist/cli/main.js';
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
  const licenses = readdirSync(join(root, 'scripts/licenses')).map((name) => `scripts/licenses/${name}`);
  const scripts = ['scripts/build.mjs', 'scripts/third-party-licenses.mjs', ...licenses.sort()];
  const files = [...sources.sort(), ...scripts, 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
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
  const built = new Set([...exported, ...Object.values(manifest.bin)]);
  built.delete(CLI);
  const common = {
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outdir: fresh,
    outbase: 'src',
    logLevel: 'warning',
    plugins: [{ name: 'own files', setup: ownFiles }],
  };
  await build({
    ...common,
    entryPoints: sourcesOf([...built]),
    packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
  });
  const { metafile } = await build({
    ...common,
    entryPoints: sourcesOf([CLI]),
    alias: { 'ekspress/mcp': './src/mcp/index.ts' },
    // What the library needs too, the client library that a user chooses, and the kit that the demo starts.
    external: [...Object.keys(manifest.dependencies), '@kubernetes/client-node', 'ekspress/testing'],
    chunkNames: 'cli/chunks/[name]-[hash]',
    minify: true,
    legalComments: 'none',
    metafile: true,
  });
  const ofThePlugin = {
    ...{ ...common, splitting: false, format: 'cjs', minify: true },
    outExtension: { '.js': '.cjs' },
  };
  await build({
    ...ofThePlugin,
    entryPoints: ['src/exec/hit.ts'],
    plugins: [{ name: 'hit', setup: hitFiles }],
    // `require` finds main.cjs without the loader of modules.
    supported: { 'dynamic-import': false },
  });
  // The same for Windows, where it stands alone in the home of a user.
  await build({
    ...ofThePlugin,
    entryPoints: ['src/exec/windows.ts'],
    plugins: [
      { name: 'hit', setup: hitFiles },
      { name: 'own files', setup: ownFiles },
    ],
  });
  await build({
    ...ofThePlugin,
    entryPoints: ['src/exec/main.ts'],
    packages: 'external',
    define: { 'import.meta.url': 'ownURL' },
    banner: { js: "const ownURL = require('url').pathToFileURL(__filename).href;" },
  });
  writeFileSync(join(fresh, 'cli', 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(root, metafile));
  await writeManPage(build, common);
  writeLazyYAML();
  writeOwnURL();
}

/** Writes the manual page, which a program of the sources prints from the table of the commands. */
async function writeManPage(build, common) {
  const program = join(fresh, 'cli', 'print-man-page.mjs');
  await build({
    ...common,
    splitting: false,
    outdir: undefined,
    outfile: program,
    entryPoints: ['src/cli/shell/print-man-page.ts'],
    packages: 'external',
    // This program runs before dist exists, so it has its own copies of the files that lie there.
    plugins: [],
  });
  const { status, stdout } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  rmSync(program);
  if (status !== 0) throw new Error('the manual page could not be written');
  writeFileSync(join(root, ...manifest.man).replace(dist, fresh), stdout);
}

/** Of the reader of hits: what a miss needs is another file, and what few hits need of Node is loaded when they do. */
function hitFiles({ onLoad, onResolve }) {
  onResolve({ filter: /\/main\.ts$/ }, () => ({ path: './main.cjs', external: true }));
  const crypto = ['createHash', 'randomBytes', 'hkdfSync', 'createHmac', 'createCipheriv', 'createDecipheriv'];
  const lazy = { 'node:crypto': crypto, 'node:child_process': ['spawn', 'spawnSync'] };
  onResolve({ filter: /^node:(crypto|child_process)$/ }, ({ path }) => ({ path, namespace: 'lazy' }));
  onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => {
    const lazily = (name) =>
      `export const ${name} = (...words) => process.getBuiltinModule('${path}').${name}(...words);`;
    return { contents: lazy[path].map(lazily).join('\n'), loader: 'js' };
  });
}

/** What the bundler does with three files. */
function ownFiles({ onLoad, onResolve }) {
  // A bundle of a service that contains ours has no package.json beside it.
  const contents = `export const VERSION = ${JSON.stringify(manifest.version)};`;
  onLoad({ filter: /[\\/]src[\\/]text[\\/]version\.ts$/ }, () => ({ contents, loader: 'js' }));
  onResolve({ filter: /\/load-yaml\.cjs$/ }, () => ({ path: '#load-yaml', external: true }));
  onResolve({ filter: /\/own-url\.ts$/ }, () => ({ path: '#own-url', external: true }));
}

/**
 * Writes the two files that `#load-yaml` stands for. Bundlers take the CommonJS file, whose `require` they see. Node takes
 * the other one: its first import of a CommonJS file costs 6 ms, in each program that imports the library.
 */
function writeLazyYAML() {
  copyFileSync(join(root, 'src/kubeconfig/read/load-yaml.cjs'), join(fresh, 'load-yaml.cjs'));
  const lines = [
    "import { createRequire } from 'node:module';",
    'const require = createRequire(import.meta.url);',
    "export default () => require('yaml');",
  ];
  writeFileSync(join(fresh, 'load-yaml.js'), `${lines.join('\n')}\n`);
}

/**
 * Writes the two files that `#own-url` stands for. Bundlers take the one without `import.meta`, which says that the folder of
 * the package is not known.
 */
function writeOwnURL() {
  writeFileSync(join(fresh, 'own-url.js'), 'export const OWN_URL = import.meta.url;\n');
  writeFileSync(join(fresh, 'own-url.cjs'), "exports.OWN_URL = '';\n");
}

/** The sources of built entries. One that does not exist is the package check's to complain about. */
function sourcesOf(entries) {
  const sources = entries.map((path) => path.replace(/^(\.\/)?dist\/(.*)\.js$/, 'src/$2.ts'));
  return sources.filter((path) => path.endsWith('.ts') && existsSync(join(root, path)));
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
  removeUnreachable();
}

/** Removes the declarations that no entry of the package leads to: nothing can import them. */
function removeUnreachable() {
  const reached = new Set();
  const reach = (path) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const [, , target] of readFileSync(path, 'utf8').matchAll(/(["'])(\.[^"']*)\.js\1/g)) {
      reach(join(dirname(path), `${target}.d.ts`));
    }
  };
  for (const { types } of Object.values(manifest.exports)) if (types) reach(join(fresh, types.replace('./dist/', '')));
  const declared = readdirSync(fresh, { recursive: true }).filter((path) => path.endsWith('.d.ts'));
  for (const name of declared) if (!reached.has(join(fresh, name))) rmSync(join(fresh, name));
  // From the innermost outwards.
  const folders = readdirSync(fresh, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const folder of folders
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .reverse()) {
    if (readdirSync(folder).length === 0) rmdirSync(folder);
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
