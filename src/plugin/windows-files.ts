import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readBytes, readText } from '../system/read-file.ts';
import { packageFile } from './package-file.ts';
import { PROGRAM_FILE } from './plugin-hints.ts';
import { parseWindowsSettings, type WindowsSettings } from './windows-settings.ts';

/** The files of the plugin on Windows. */
export interface WindowsFiles {
  /** A copy of node.exe, or another name of it: a hard link. */
  readonly plugin: string;
  /** What it runs. */
  readonly program: string;
  readonly settings: string;
}

/** The files beside an installed plugin. */
export function windowsFiles(plugin: string): WindowsFiles {
  const folder = dirname(plugin);
  return { plugin, program: join(folder, PROGRAM_FILE), settings: join(folder, 'ekspress-exec.json') };
}

/** Whether this is the plugin of Windows. */
export function isWindowsPlugin(path: string): boolean {
  return path.endsWith('.exe');
}

/** The release of this Node, in the words of the settings. */
export function releaseOfNode(): string {
  return `${process.version} ${process.arch}`;
}

/** What the package would install as the program. */
export function packagedProgram(): Promise<Buffer> {
  return readBytes(packageFile(join('dist', 'exec', 'windows.cjs')));
}

/** The settings of an installed plugin, empty where they cannot be read. */
export async function readWindowsSettings(plugin: string): Promise<WindowsSettings> {
  return parseWindowsSettings(await readText(windowsFiles(plugin).settings).catch(() => ''));
}

/** How an installed plugin compares with this package and this Node. */
export interface WindowsState {
  readonly state: 'current' | 'outdated' | 'missing';
  /** What is outdated or missing, in words. */
  readonly reason?: string;
}

/** The state of the plugin on Windows. */
export async function windowsState(plugin: string): Promise<WindowsState> {
  const { program } = windowsFiles(plugin);
  if (!(await stat(plugin).catch(() => undefined))?.isFile()) return { state: 'missing', reason: plugin };
  const present = await readBytes(program).catch(() => undefined);
  if (present === undefined) return { state: 'missing', reason: program };
  const { node } = await readWindowsSettings(plugin);
  if (node !== releaseOfNode()) {
    return {
      state: 'outdated',
      reason: `it is Node ${node || 'of an unknown release'}, and this is ${releaseOfNode()}`,
    };
  }
  const wanted = await packagedProgram().catch(() => undefined);
  if (wanted === undefined || digest(wanted) === digest(present)) return { state: 'current' };
  return { state: 'outdated', reason: 'its program is that of another release of ekspress' };
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
