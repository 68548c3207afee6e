import { dirname, isAbsolute } from 'node:path';
import type { Environment } from '../../host.ts';
import { type EkspressHome, writeThere } from '../../plugin/ekspress-home.ts';
import { installScript, packageFolder } from '../../plugin/plugin-script.ts';
import { isNode, recordedNode } from '../../plugin/recorded-node.ts';
import { isWindowsPlugin } from '../../plugin/windows-files.ts';
import { installOnWindows } from '../../plugin/windows-install.ts';
import { findProgram } from '../../system/find-program.ts';

/** The installed script. */
export interface InstalledScript {
  readonly path: string;
  readonly was: 'installed' | 'updated' | 'unchanged';
  /** Original commands that are not on PATH now. kubectl could not run them either. */
  readonly notFound: readonly string[];
}

/**
 * Installs the script with the absolute paths of Node, of this package, and of the original commands and their folders; on
 * Windows the copy of Node that is the plugin there.
 * @throws EKSAuthError INVALID_CONFIG
 */
export async function install(
  home: EkspressHome,
  commands: readonly string[],
  env: Environment,
): Promise<InstalledScript> {
  const folders = new Set<string>();
  const programs = new Set<string>();
  const notFound: string[] = [];
  for (const command of new Set(commands)) {
    if (command.includes('/') || (isWindowsPlugin(home.script) && command.includes('\\'))) {
      if (isAbsolute(command)) programs.add(command);
      continue;
    }
    const found = findProgram(command, env);
    if (found === undefined) notFound.push(command);
    else {
      folders.add(dirname(found));
      programs.add(found);
    }
  }
  if (isWindowsPlugin(home.script)) {
    const node = isNode(process.versions) ? process.execPath : (findProgram('node', env) ?? process.execPath);
    const installation = { node, programs: [...programs], env };
    const was = await writeThere(home, () => installOnWindows(home.script, installation));
    return { path: home.script, was, notFound };
  }
  const settings = {
    node: recordedNode(env),
    packageFolder: packageFolder(),
    commandFolders: [...folders],
    programs: [...programs].filter((path) => !/[:\n]/.test(path)),
  };
  const was = await writeThere(home, () => installScript(home.script, settings));
  return { path: home.script, was, notFound };
}
