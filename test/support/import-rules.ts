import { dirname } from 'node:path/posix';
import type { Import, SourceFile } from './source-file.ts';

/** The ground floor. */
const GROUND = ['system', 'text', 'errors', 'host', 'options'];

/** The floors on which what a mint reads is recorded, and what comes of it is shared. */
const SHARED = ['cache', 'recording', 'store', ...GROUND];

/** What lies below each folder of src. Whatever is not named here may not be imported. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  errors: ['text'],
  host: ['errors', 'text'],
  options: ['errors', 'host', 'text'],
  system: ['errors', 'host', 'text'],
  text: [],
  recording: GROUND,
  cache: ['recording', 'store', ...GROUND],
  store: GROUND,
  plugin: SHARED,
  kubeconfig: ['plugin', ...SHARED],
  aws: ['kubeconfig', 'plugin', ...SHARED],
  cluster: ['aws', 'kubeconfig', 'plugin', ...SHARED],
  index: ['cluster', 'aws', 'kubeconfig', 'plugin', ...SHARED],
  cli: ['cluster', 'aws', 'kubeconfig', 'plugin', ...SHARED],
  exec: ['aws', 'kubeconfig', 'plugin', ...SHARED],
  metrics: ['cluster', 'aws', 'kubeconfig', 'plugin', ...SHARED],
  mcp: ['cluster', 'aws', 'kubeconfig', 'plugin', ...SHARED],
  testing: ['errors', 'options'],
  valkey: ['store', ...GROUND],
};

/** The one folder that may import a package, and whether only by `import type` and `import()`. */
const OWNERS: readonly { readonly package: RegExp; readonly folder: string; readonly lazily: boolean }[] = [
  { package: /^yaml$/, folder: 'kubeconfig', lazily: false },
  { package: /^@aws-sdk\//, folder: 'aws', lazily: true },
  { package: /^@kubernetes\/client-node$/, folder: 'cluster', lazily: true },
  { package: /^@modelcontextprotocol\/server$/, folder: 'mcp', lazily: false },
  { package: /^zod$/, folder: 'mcp', lazily: false },
  { package: /^(@clack\/core|diff|string-width)$/, folder: 'cli', lazily: false },
  { package: /^@opentelemetry\/api$/, folder: 'metrics', lazily: true },
];

/** From one roof to another by the package's own doors: the demo plays a user, `ekspress mcp` is a program of its own. */
const DOORS: readonly { readonly folder: RegExp; readonly specifier: string }[] = [
  { folder: /^src\/cli\/demo\//, specifier: 'ekspress/testing' },
  { folder: /^src\/cli\//, specifier: 'ekspress/mcp' },
];

/** Who may read `process.env`: the file that turns it into a Host, and the roofs that run as programs. */
const READS_ENVIRONMENT = /^src\/(host\.ts|cli\/|exec\/)/;

/** The rooms of a mint: they see the outside through the recorder, so that the recording holds all that was read. */
const MINT_ROOMS = /^src\/aws\/(context|credentials|endpoint|http|ini|mint|plan|program|sign)\//;
/** One makes the folder of a file that the recorder writes, one says when logins end and makes no token. */
const NOT_OF_A_MINT = ['src/aws/credentials/cli-cache.ts', 'src/aws/mint/sign-in.ts'];
/** What reads files and finds programs around the recorder. */
const AROUND_THE_RECORDER =
  /^(node:(fs|fs\/promises|os|child_process)|src\/system\/(find-program|replace-file)\.ts|src\/recording\/(look|observe)\.ts)$/;

export const MAX_LINES = 250;

/** Violations of one file, each as `file:line imports 'x': the rule`. */
export function violationsOf(file: SourceFile): string[] {
  const found = file.imports.flatMap((one) => {
    const broken = one.target.kind === 'file' ? brokenLayer(file, one) : brokenOwnership(file, one);
    const rule = broken ?? readAroundRecorder(file, one);
    return rule ? [`${file.path}:${one.line} imports '${one.specifier}': ${rule}`] : [];
  });
  if (!READS_ENVIRONMENT.test(file.path)) {
    found.push(...file.environmentReads.map((line) => `${file.path}:${line} reads process.env: take a Host instead`));
  }
  if (!/^src\/(host\.ts|testing\/)/.test(file.path)) {
    const rule = 'adds variables to an environment: use overlaid() of src/host.ts';
    found.push(...file.overlays.map((line) => `${file.path}:${line} ${rule}`));
  }
  if (file.lines > MAX_LINES)
    found.push(`${file.path} has ${file.lines} lines: at most ${MAX_LINES}, one subject each`);
  return found;
}

function readAroundRecorder({ path }: SourceFile, { target, kind }: Import): string | undefined {
  if (kind === 'type' || !MINT_ROOMS.test(path) || NOT_OF_A_MINT.includes(path)) return undefined;
  return AROUND_THE_RECORDER.test(target.name) ? 'a mint reads through the recorder only' : undefined;
}

function folderOf(path: string): string {
  return path.replace(/^src\//, '').replace(/(\/.*|\.ts)$/, '');
}

function brokenLayer(file: SourceFile, { target }: Import): string | undefined {
  const from = folderOf(file.path);
  const to = folderOf(target.name);
  if (!target.name.startsWith('src/')) return 'src imports nothing outside of src';
  // The one file that is no module: see its head.
  if (target.name === 'src/kubeconfig/read/load-yaml.cjs') return undefined;
  if (!target.name.endsWith('.ts')) return 'relative imports name the .ts file';
  const below = BELOW[from];
  if (!below) return `the layers do not know src/${from}: give it a place in the import rule first`;
  if (from === to || below.includes(to)) return undefined;
  return `imports go down only; below ${from} lies ${below.join(', ') || 'nothing'}`;
}

function brokenOwnership(file: SourceFile, { target, kind, specifier }: Import): string | undefined {
  const from = folderOf(file.path);
  if (target.kind === 'builtin') return target.name.startsWith('node:') ? undefined : `write node:${target.name}`;
  const door = DOORS.some((one) => one.specifier === specifier && one.folder.test(file.path));
  if (door && kind !== 'eager') return undefined;
  const owner = OWNERS.find((one) => one.package.test(target.name));
  if (!owner) return `${target.name} has no owner among the folders of src`;
  if (owner.folder !== from) return `only src/${owner.folder} imports ${target.name}`;
  if (owner.lazily && kind === 'eager') return `${target.name} is loaded lazily: import type, or import()`;
  return undefined;
}

/** Cycles among the files, type-only and lazy imports included, each as `a -> b -> a`. */
export function cyclesOf(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push([...trail.slice(start), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (target.kind === 'file') walk(target.name, [...trail, path]);
    }
    done.add(path);
  };
  for (const file of files) walk(file.path, []);
  return cycles;
}

/** Below the roofs, which folder asks for which: two folders that need each other are one room, or one is misplaced. */
const ROOMS = /^src\/(options|system|text|recording|plugin|cache|store|kubeconfig|aws|cluster)\b/;

/** Cycles among the folders below the roofs, each as `a -> b -> a`. */
export function folderCyclesOf(files: readonly SourceFile[]): string[] {
  const folders = new Map<string, Import[]>();
  for (const { path, imports } of files) {
    if (!ROOMS.test(path)) continue;
    const from = dirname(path);
    const others = imports
      .filter(({ target }) => target.kind === 'file' && ROOMS.test(target.name) && dirname(target.name) !== from)
      .map((one) => ({ ...one, target: { kind: 'file' as const, name: dirname(one.target.name) } }));
    folders.set(from, [...(folders.get(from) ?? []), ...others]);
  }
  return cyclesOf(
    [...folders].map(([path, imports]) => ({ path, lines: 0, imports, environmentReads: [], overlays: [] })),
  );
}

/** A folder with more files than this is not sorted. */
export const MAX_FILES = 20;

/** Folders with too many loose files, each as `src/a: 25 files`. */
export function crowdedFolders(files: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > MAX_FILES).map(([folder, count]) => `${folder}: ${count} files`);
}

/** Packages that loading `entry` loads with it, each with the way there: `src/index.ts -> src/a.ts -> yaml`. */
export function eagerPackages(entry: string, files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { target, kind } of byPath.get(path)?.imports ?? []) {
      if (kind !== 'eager') continue;
      if (target.kind === 'package') found.push([...trail, path, target.name].join(' -> '));
      if (target.kind === 'file') walk(target.name, [...trail, path]);
    }
  };
  walk(entry, []);
  return found;
}
