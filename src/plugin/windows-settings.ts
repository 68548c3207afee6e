import { isMapping } from '../system/mapping.ts';

/** What the installed plugin on Windows knows about the machine: `ekspress-exec.json` beside it. */
export interface WindowsSettings {
  /** Folder of the package, which makes tokens. Without it, the original command does. */
  readonly packageFolder: string;
  /** The release of the copied Node, for example `v22.11.0 x64`. */
  readonly node: string;
  /** Absolute paths of the original commands, in the order in which they were found. */
  readonly programs: readonly string[];
}

/** The settings in a text. What cannot be read is empty. */
export function parseWindowsSettings(text: string): WindowsSettings {
  try {
    const value: unknown = JSON.parse(text);
    const { packageFolder = '', node = '', programs = [] } = isMapping(value) ? value : {};
    const paths = Array.isArray(programs) ? programs.filter((path) => typeof path === 'string') : [];
    return { packageFolder: String(packageFolder), node: String(node), programs: paths };
  } catch {
    return { packageFolder: '', node: '', programs: [] };
  }
}

/** The text of the settings. */
export function formatWindowsSettings(settings: WindowsSettings): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

/** PATH, with the folders of the recorded programs at its end: programs that a desktop starts may have a shorter one. */
export function searchPath({ programs }: WindowsSettings, PATH = ''): string {
  const folders = programs
    .map((path) => path.slice(0, path.lastIndexOf('\\')))
    .filter((folder) => !folder.includes(';'));
  return [...(PATH === '' ? [] : [PATH]), ...new Set(folders)].join(';');
}
