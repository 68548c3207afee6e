// Builds the modules: the doors of the library and the command-line program, in one build, so that what both need is in
// dist once.
//
// Loading a hundred small modules takes longer than running them, so what the library starts with is three chunks, and
// what several commands of the program need is two. What is loaded on demand has chunks of its own.
//
// The program contains the packages that only it needs, the MCP server among them, and their licences: a service that
// installs the library does not install them. Therefore src/mcp is built twice: for the door `ekspress/mcp`, whose user
// brings these packages, and for the program.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { minify, parse } from 'rolldown/utils';
import { thirdPartyLicenses } from '../third-party-licenses.mjs';
import { STAND_APART, VERSION_FILE, versionModule } from './own-files.mjs';

const TARGET = 'node20';
/** The command-line program, and the files of nothing else. */
const CLI = 'cli/main';
const OF_PROGRAM = /[\\/]src[\\/]cli[\\/]/;
/** It follows the name of a file of src/mcp that is built for the program. */
const FOR_CLI = '?cli';
/**
 * In the place of the MCP server's reader of JSON schemas, a third of its size. It judges what a user types into a form of a
 * server, and ours shows none.
 */
const VALIDATOR = 'no-forms.mjs';

export async function buildModules({ root, fresh, manifest }) {
  const doors = Object.values(manifest.exports).flatMap(({ default: path }) => path ?? []);
  const library = doors.map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, '$1'));
  const sources = [...library, CLI].map((name) => [name, join(root, 'src', `${name}.ts`)]);
  // One that does not exist is the package check's to complain about.
  const input = Object.fromEntries(sources.filter(([, path]) => existsSync(path)));
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: (id) => id.startsWith('node:') || builtinModules.includes(id),
    plugins: [ownModules(root, manifest)],
    preserveEntrySignatures: 'allow-extension',
    transform: { target: TARGET },
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({
    format: 'esm',
    comments: { legal: false },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups: groupsOf(input), includeDependenciesRecursively: false },
  });
  await bundle.close();
  const ofLibrary = reached(output, library, (chunk) => [...chunk.imports, ...chunk.dynamicImports]);
  const stray = output.find(
    ({ fileName, moduleIds }) => ofLibrary.has(fileName) && moduleIds.some((id) => OF_PROGRAM.test(id)),
  );
  if (stray) throw new Error(`the library would load ${stray.fileName}, which is of the program`);
  for (const chunk of output) write(join(fresh, chunk.fileName), await small(chunk, ofLibrary.has(chunk.fileName)));
  const packaged = output.flatMap(({ moduleIds }) => moduleIds);
  write(join(fresh, 'cli', 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(root, packaged));
  await writeManPage(root, fresh, manifest);
  writeLazyYAML(root, fresh);
  writeOwnURL(fresh);
}

/** What belongs to us, to the user's own packages, and into the program. */
function ownModules(root, manifest) {
  const mcp = join(root, 'src', 'mcp') + sep;
  const ofUser = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  const onlyMCP = /^(@modelcontextprotocol\/|zod($|\/))/;
  return {
    name: 'own modules',
    resolveId(id, importer = '') {
      for (const [file, name] of STAND_APART) if (file.test(id)) return { id: name, external: true };
      if (id === 'ekspress/mcp') return `${mcp}index.ts${FOR_CLI}`;
      if (id === 'ekspress/testing') return join(root, 'src', 'testing', 'index.ts');
      if (ofUser.some((name) => id === name || id.startsWith(`${name}/`))) {
        // A package that the program contains may import another one of them.
        const contained = onlyMCP.test(id) && (importer.endsWith(FOR_CLI) || !importer.startsWith(join(root, 'src')));
        return contained ? undefined : { id, external: true };
      }
      if (/\/ajvProvider-[^/]*$/.test(id)) return VALIDATOR;
      if (!importer.endsWith(FOR_CLI) || !id.startsWith('.')) return undefined;
      const path = resolve(dirname(importer), id);
      return path.startsWith(mcp) ? path + FOR_CLI : path;
    },
    load(id) {
      if (VERSION_FILE.test(id)) return versionModule(manifest);
      if (id === VALIDATOR) return 'export const n = class {};';
      if (!id.endsWith(FOR_CLI)) return undefined;
      return { code: readFileSync(id.slice(0, -FOR_CLI.length), 'utf8'), moduleType: 'ts' };
    },
  };
}

/**
 * What goes together into one file, by the modules that a start of the program, `ekspress status` and the library need:
 *
 * | | of the library, too | of the program alone |
 * | the start | core | start |
 * | status | reading | commands |
 * | the rest | library | more-commands, where several commands need it |
 *
 * Status is what prompts of shells ask for, and most of what the other commands begin with.
 */
function groupsOf(input) {
  const program = dirname(input[CLI]);
  let sets;
  const find = (context) => {
    const behind = (...paths) => imported(paths, context);
    const start = behind(input[CLI], join(program, 'version.ts'));
    return { library: behind(input.index), start, status: behind(join(program, 'status', 'command.ts')) };
  };
  const name = (id, context) => {
    sets ??= find(context);
    const { library, start, status } = sets;
    if (library.has(id)) return start.has(id) ? 'core' : status.has(id) ? 'reading' : 'library';
    // The program itself waits for what it loads, which must not wait for the program.
    if (!OF_PROGRAM.test(id) || id === input[CLI]) return null;
    return start.has(id) ? 'start' : status.has(id) ? 'commands' : null;
  };
  return [
    { name, debugName: 'by the start' },
    { name: 'more-commands', test: OF_PROGRAM, minShareCount: 2 },
  ];
}

/** The modules that some import from the start, and those that they import. */
function imported(starts, context) {
  const found = new Set(starts);
  for (const id of found) for (const next of context.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

/** The chunks that lie behind the named entries. */
function reached(output, names, nextOf) {
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set(names.map((name) => `${name}.js`));
  for (const name of found) for (const next of nextOf(chunks.get(name))) if (chunks.has(next)) found.add(next);
  return found;
}

/**
 * Makes a chunk small. In the library the names of functions and classes stay: they are what a stack trace and a reader of
 * dist have. Each statement has a line, because Node shows the line from which an uncaught error comes.
 */
async function small({ fileName, code }, ofLibrary) {
  const keepNames = { function: ofLibrary, class: ofLibrary };
  const mangle = { toplevel: !ofLibrary, keepNames };
  const options = {
    module: true,
    compress: { target: TARGET, keepNames },
    mangle,
    codegen: { removeWhitespace: true },
  };
  const { code: result, errors } = await minify(fileName, code, options);
  if (errors.length > 0) throw new Error(`${fileName} could not be made small: ${errors[0].message}`);
  return inLines(fileName, result);
}

async function inLines(fileName, code) {
  const { program } = await parse(fileName, code);
  const starts = new Set();
  const visit = (value) => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    const { type, body, consequent } = value;
    const lines = /^(Program|BlockStatement|StaticBlock|ClassBody)$/.test(type)
      ? body
      : type === 'SwitchCase'
        ? consequent
        : [];
    for (const { start } of lines) if (start > 0) starts.add(start);
    Object.values(value).forEach(visit);
  };
  visit(program);
  const places = [0, ...[...starts].sort((a, b) => a - b), code.length];
  return places
    .slice(1)
    .map((end, index) => code.slice(places[index], end))
    .join('\n');
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Writes the manual page, which a program of the sources prints from the table of the commands. */
async function writeManPage(root, fresh, manifest) {
  const program = join(fresh, 'cli', 'print-man-page.mjs');
  const bundle = await rolldown({
    cwd: root,
    input: join(root, 'src/cli/shell/print-man-page.ts'),
    platform: 'node',
    external: (id) => !/^[./]|^@oxc-project\//.test(id),
    transform: { target: TARGET },
  });
  // This program runs before dist exists, so it has its own copies of the files that stand apart.
  await bundle.write({ format: 'esm', file: program, codeSplitting: false });
  await bundle.close();
  const { status, stdout } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  rmSync(program);
  if (status !== 0) throw new Error('the manual page could not be written');
  writeFileSync(join(root, ...manifest.man).replace(join(root, 'dist'), fresh), stdout);
}

/**
 * Writes the two files that `#load-yaml` stands for. Bundlers take the CommonJS file, whose `require` they see. Node takes
 * the other one: its first import of a CommonJS file costs 6 ms, in each program that imports the library.
 */
function writeLazyYAML(root, fresh) {
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
function writeOwnURL(fresh) {
  writeFileSync(join(fresh, 'own-url.js'), 'export const OWN_URL = import.meta.url;\n');
  writeFileSync(join(fresh, 'own-url.cjs'), "exports.OWN_URL = '';\n");
}
