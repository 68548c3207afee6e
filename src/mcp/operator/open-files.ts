import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { Environment, Host } from '../../host.ts';
import { expandHome } from '../../kubeconfig/read/kubeconfig-paths.ts';
import { MAX_STRING_CHARS } from '../../kubeconfig/read/read-text.ts';
import { readToLimit } from '../../system/read-file.ts';
import { own, sentence } from '../../text/sentence.ts';
import { refusal } from '../refusal.ts';

/** The files that a model may name: all below a folder, and single files. */
export interface OpenPlaces {
  readonly roots: readonly string[];
  readonly files: readonly string[];
}

/** Tells the operator of roots that open nothing: a folder may be missing because of a slip. */
export async function warnOfRoots(roots: readonly string[], { env, logger }: Host): Promise<void> {
  for (const root of roots) {
    const path = resolve(expandHome(root, env));
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) logger.warn('mcp: a root is not a folder, so it opens no files', { path });
  }
}

/**
 * Reads a file that a model has named, if the operator allows its real path. Any other path is refused before the file
 * system is accessed, so that the answer does not reveal which files exist.
 * @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG
 */
export async function readOpenFile(path: string, places: OpenPlaces, env: Environment): Promise<string> {
  const wanted = expandHome(path, env);
  if (!isAbsolute(wanted) || wanted.includes('\0')) throw relativePath(path);
  const lexical = resolve(wanted);
  const given = absolute(places, env);
  const real = await realPlaces(given);
  if (!isOpen(lexical, given) && !isOpen(lexical, real)) throw notOpen(path);
  const target = await realpath(lexical).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!isOpen(target, real)) throw notOpen(path);
  let handle: FileHandle | undefined;
  try {
    // Does not follow a link that has replaced the file meanwhile, and does not wait for a pipe.
    handle = await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const opened = await handle.stat();
    const now = await stat(await realpath(lexical));
    const same = (await realpath(lexical)) === target && now.ino === opened.ino && now.dev === opened.dev;
    if (!same) throw notOpen(path);
    const bytes = opened.isFile() ? await readToLimit(handle, MAX_STRING_CHARS) : undefined;
    if (bytes === undefined) throw noKubeconfig(path);
    return bytes.toString('utf8');
  } catch (cause) {
    throw cause instanceof EKSAuthError ? cause : unreadable(path, cause);
  } finally {
    await handle?.close();
  }
}

function absolute({ roots, files }: OpenPlaces, env: Environment): OpenPlaces {
  const whole = (path: string) => resolve(expandHome(path, env));
  return { roots: roots.map(whole), files: files.map(whole) };
}

async function realPlaces({ roots, files }: OpenPlaces): Promise<OpenPlaces> {
  return { roots: await realPaths(roots), files: await realPaths(files) };
}

/** Leaves out paths that do not exist. */
async function realPaths(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  return found.filter((path) => path !== undefined);
}

function isOpen(path: string, { roots, files }: OpenPlaces): boolean {
  return files.includes(path) || roots.some((root) => isBelow(path, root));
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function relativePath(path: string): EKSAuthError {
  return refusal(
    'INVALID_CONFIG',
    sentence`${path} is neither the text of a kubeconfig nor an absolute path.`,
    own('Pass the whole text of the kubeconfig, or a path that begins with / or ~/.'),
  );
}

function notOpen(path: string): EKSAuthError {
  return refusal(
    'INVALID_CONFIG',
    sentence`${path} is not in a folder that the operator has opened to this server.`,
    own(
      'Pass the text of the kubeconfig instead, or ask the operator to start the server with --root <folder> or --trust-kubeconfig <path>.',
    ),
  );
}

/** How a model goes on without this file. */
const OTHER_FILE = own(
  'Pass another path, or leave kubeconfig out and pass a context that list_eks_clusters shows as available.',
);

function noKubeconfig(path: string): EKSAuthError {
  return refusal(
    'INVALID_KUBECONFIG',
    sentence`${path} is not a regular file, or is too large for a kubeconfig.`,
    OTHER_FILE,
  );
}

function unreadable(path: string, cause: unknown): EKSAuthError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const message =
    code === 'ENOENT' ? sentence`There is no file ${path}.` : sentence`${path} cannot be read (${own(code)}).`;
  return refusal('INVALID_KUBECONFIG', message, OTHER_FILE, cause);
}
