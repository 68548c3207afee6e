import { symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles a program of this folder, so that a process of its own starts it without a compiler.
 * @param name - for example `mint-once-program`
 * @param folder - where the program is put, with a link to the packages that it imports
 * @returns its path
 */
export async function bundleProgram(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(name, '-program')}.mjs`);
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*'],
    logLevel: 'error',
  });
  return outfile;
}
