import { constants, copyFile, link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EKSAuthError } from '../errors.ts';
import { type Environment, overlaid } from '../host.ts';
import { makeFolder } from '../system/make-folder.ts';
import { readBytes } from '../system/read-file.ts';
import { replaceFile, TEMPORARY_NAME, temporaryPath, whileBusy } from '../system/replace-file.ts';
import { runProgram } from '../system/run-program.ts';
import { VERSION } from '../text/version.ts';
import { packageFile } from './package-file.ts';
import { packagedProgram, readWindowsSettings, releaseOfNode, windowsFiles, windowsState } from './windows-files.ts';
import { formatWindowsSettings } from './windows-settings.ts';

/** A virus scanner reads a new program first. */
const START_MS = 60_000;

/** What the plugin on Windows is made of. */
export interface WindowsInstallation {
  /** The path of node.exe. */
  readonly node: string;
  /** Absolute paths of original commands. Those that were recorded before stay known. */
  readonly programs: readonly string[];
  readonly env: Environment;
}

/**
 * Installs the plugin on Windows: a hard link to node.exe, or a copy where the volume or the rights do not allow a link, and
 * the program that it runs. Both are tried before they replace what is there.
 * @throws EKSAuthError INVALID_CONFIG where the copy cannot be started; the system's error
 */
export async function installOnWindows(
  plugin: string,
  { node, programs, env }: WindowsInstallation,
): Promise<'installed' | 'updated' | 'unchanged'> {
  const files = windowsFiles(plugin);
  const folder = dirname(plugin);
  await makeFolder(folder);
  await removeLeftOver(folder);
  const { state } = await windowsState(plugin);
  const known = await readWindowsSettings(plugin);
  const settings = {
    packageFolder: packageFile(''),
    node: releaseOfNode(),
    programs: [...new Set([...programs, ...known.programs])],
  };
  const content = await packagedProgram();
  const copied = state === 'missing' || known.node !== settings.node;
  const staged = {
    plugin: copied ? `${temporaryPath(folder)}.exe` : plugin,
    program: `${temporaryPath(folder)}.cjs`,
  };
  try {
    if (copied) await linkOrCopy(node, staged.plugin);
    await writeFile(staged.program, content, { flag: 'wx', mode: 0o600 });
    await tryStart(staged, env);
    await replaceFile(files.settings, formatWindowsSettings(settings), { mode: 0o600 });
    await replaceFile(files.program, content, { mode: 0o600 });
    if (copied) await swap(staged.plugin, plugin);
  } finally {
    for (const path of [staged.program, ...(copied ? [staged.plugin] : [])]) {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
  if (state === 'missing') return 'installed';
  return state === 'outdated' ? 'updated' : 'unchanged';
}

/** Brings the program up to date after a miss, as the script is. Never throws: an older program still works. */
export async function updateOnWindows(program: string): Promise<void> {
  try {
    const { packageFolder } = await readWindowsSettings(program);
    if (packageFolder !== packageFile('')) return;
    const [present, wanted] = await Promise.all([readBytes(program), packagedProgram()]);
    if (!present.equals(wanted)) await replaceFile(program, wanted, { mode: 0o600 });
  } catch {
    // The next call tries again.
  }
}

/**
 * Removes the plugin. Windows may not remove a program that runs, or another name of it: it is renamed.
 * @returns the files that are left for {@link removeLeftOver}
 */
export async function removeFromWindows(plugin: string): Promise<readonly string[]> {
  const { program, settings } = windowsFiles(plugin);
  for (const path of [plugin, program, settings]) {
    await whileBusy(() => rm(path, { force: true })).catch(() => rename(path, asideOf(path)));
  }
  return removeLeftOver(dirname(plugin));
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_EXCL));
}

/** @throws EKSAuthError INVALID_CONFIG */
async function tryStart(
  staged: { readonly plugin: string; readonly program: string },
  env: Environment,
): Promise<void> {
  const outcome = await runProgram({
    command: staged.plugin,
    args: [staged.program, '--version'],
    env: overlaid(env, { NODE_OPTIONS: '' }),
    timeoutMs: START_MS,
  });
  if (outcome.kind === 'exited' && outcome.stdout.toString('utf8').startsWith(`${VERSION} `)) return;
  const how =
    outcome.kind === 'not-started'
      ? (outcome.error.code ?? outcome.error.message)
      : outcome.kind === 'exited'
        ? `status ${outcome.status}`
        : outcome.kind;
  throw new EKSAuthError(
    'INVALID_CONFIG',
    `A copy of Node in ${dirname(staged.plugin)} does not start (${how}). Nothing was changed.`,
    {
      remedy:
        'A policy may forbid programs in a home folder (AppLocker, a virus scanner): ask who manages this machine.',
    },
  );
}

/** Windows does not replace a program that runs, but it renames one. */
async function swap(staged: string, path: string): Promise<void> {
  try {
    await whileBusy(() => rename(staged, path));
  } catch {
    await rename(path, asideOf(path));
    await rename(staged, path);
  }
}

function asideOf(path: string): string {
  return `${temporaryPath(dirname(path))}.exe`;
}

/** Removes copies that were running when they were replaced. @returns those that still are */
export async function removeLeftOver(folder: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!TEMPORARY_NAME.test(name.replace(/\.(?:exe|cjs)$/, ''))) continue;
    const path = join(folder, name);
    await rm(path, { force: true }).catch(() => left.push(path));
  }
  return left;
}
