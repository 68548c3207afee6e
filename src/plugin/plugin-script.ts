import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../system/make-folder.ts';
import { readText } from '../system/read-file.ts';
import { replaceFile } from '../system/replace-file.ts';
import { quoted, unquoted } from '../text/shell-word.ts';
import { packageFile } from './package-file.ts';
import { isWindowsPlugin, windowsState } from './windows-files.ts';

/** What the installed script knows about the machine. It is filled in at the top of the script. */
export interface ScriptSettings {
  /** Absolute path of Node. */
  readonly node: string;
  /** Folder of this package. */
  readonly packageFolder: string;
  /** Folders in which original commands were found. Programs that a desktop starts have a short PATH. */
  readonly commandFolders: readonly string[];
  /** Paths of the original commands. Where kubectl has a policy about plugins, the script runs no other programs. */
  readonly programs: readonly string[];
}

/** The package that this file belongs to. */
export function packageFolder(): string {
  return packageFile('');
}

/**
 * Installs the script atomically, unless the same one is installed already.
 * @throws the system's error
 */
export async function installScript(
  path: string,
  settings: ScriptSettings,
): Promise<'installed' | 'updated' | 'unchanged'> {
  const present = await readText(path).catch(() => undefined);
  const known = present === undefined ? undefined : settingsOf(present);
  const commandFolders = [...new Set([...settings.commandFolders, ...(known?.commandFolders ?? [])])];
  const programs = [...new Set([...settings.programs, ...(known?.programs ?? [])])];
  const wanted = fillIn(await template(settings.packageFolder), { ...settings, commandFolders, programs });
  if (present === wanted && ((await lstat(path)).mode & 0o777) === 0o755) return 'unchanged';
  await replace(path, wanted);
  return present === undefined ? 'installed' : 'updated';
}

/** Whether the installed plugin is the one that this package would install with the same settings. */
export async function scriptState(path: string): Promise<'current' | 'outdated' | 'missing'> {
  if (isWindowsPlugin(path)) return (await windowsState(path)).state;
  const present = await readText(path).catch(() => undefined);
  if (present === undefined) return 'missing';
  const wanted = await template(packageFolder()).catch(() => undefined);
  return wanted === undefined || present === fillIn(wanted, settingsOf(present)) ? 'current' : 'outdated';
}

/** The settings at the top of an installed script. */
export async function readScriptSettings(path: string): Promise<ScriptSettings | undefined> {
  const present = await readText(path).catch(() => undefined);
  return present === undefined ? undefined : settingsOf(present);
}

/**
 * Replaces an installed script that is older than this package, and keeps its settings. Used on a miss, so it never
 * throws. It leaves files alone that this package has not installed.
 */
export async function updateScript(path: string): Promise<void> {
  try {
    const stats = await lstat(path);
    const user = process.geteuid?.();
    if (!stats.isFile() || (user !== undefined && stats.uid !== user)) return;
    const present = await readText(path);
    const settings = settingsOf(present);
    if (settings.packageFolder !== packageFolder()) return;
    const wanted = fillIn(await template(settings.packageFolder), settings);
    if (present !== wanted) await replace(path, wanted);
  } catch {
    // An outdated script still works.
  }
}

const SETTING = {
  node: /^ekspress_node=(.*)$/m,
  packageFolder: /^ekspress_package=(.*)$/m,
  commandFolders: /^ekspress_path=(.*)$/m,
  programs: /^ekspress_programs=(.*)$/m,
} as const;

function fillIn(text: string, { node, packageFolder: folder, commandFolders, programs }: ScriptSettings): string {
  return text
    .replace(SETTING.node, () => `ekspress_node=${quoted(node)}`)
    .replace(SETTING.packageFolder, () => `ekspress_package=${quoted(folder)}`)
    .replace(SETTING.commandFolders, () => `ekspress_path=${quoted(commandFolders.join(':'))}`)
    .replace(SETTING.programs, () => `ekspress_programs=${quoted(programs.join(':'))}`);
}

function settingsOf(text: string): ScriptSettings {
  const read = (pattern: RegExp) => unquoted(pattern.exec(text)?.[1] ?? '');
  const list = (pattern: RegExp) =>
    read(pattern)
      .split(':')
      .filter((part) => part !== '');
  return {
    node: read(SETTING.node),
    packageFolder: read(SETTING.packageFolder),
    commandFolders: list(SETTING.commandFolders),
    programs: list(SETTING.programs),
  };
}

async function template(folder: string): Promise<string> {
  return readText(join(folder, 'bin', 'ekspress-exec'));
}

async function replace(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await replaceFile(path, text, { mode: 0o755 });
}
