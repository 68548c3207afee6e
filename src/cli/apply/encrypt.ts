import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { DEFAULT_KEY_FILE, keyFilePath, makeKeyFile, readKeyFile } from '../../cache/sealed/key-file.ts';
import { clearEntries } from '../../cache/store/manage-entries.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, homeDirectory } from '../../host.ts';
import { isInHome, tilde } from '../../plugin/ekspress-home.ts';
import { APPLY } from '../../text/apply-words.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { UsageError } from '../command.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';
import { entryNamesOf } from '../contexts/entry-names.ts';

/** The key file that the options ask for, empty for the one in memory. Undefined: none. @throws UsageError */
export function readKeyOptions(values: {
  readonly encrypt: boolean;
  readonly 'key-file'?: string | undefined;
}): string | undefined {
  const file = values['key-file'];
  if (file !== undefined && !values.encrypt) throw new UsageError('--key-file goes with --encrypt.');
  if (file === '') throw new UsageError('--key-file needs the path of a file.');
  return values.encrypt ? (file === undefined ? DEFAULT_KEY_FILE : resolve(file)) : undefined;
}

/** Makes the key file if there is none. @throws EKSAuthError if a file there cannot be the key */
export async function prepareKey(encrypt: string, env: Environment): Promise<void> {
  const path = keyFilePath(encrypt, env);
  if (path === undefined) {
    throw new EKSAuthError('INVALID_CONFIG', 'There is no place in memory for a key: XDG_RUNTIME_DIR is not set.', {
      remedy: `Name a key file outside of what is copied: \`${APPLY} --encrypt --key-file FILE\`.`,
    });
  }
  const shown = tilde(path, env);
  try {
    if (readKeyFile(path) === 'absent') await makeKeyFile(path);
  } catch (error) {
    throw new EKSAuthError('INVALID_CONFIG', `${shown} could not be made (${(error as NodeJS.ErrnoException).code}).`, {
      remedy: `Look at the folder: \`${shellCommand('seeRightsOfFolder', tilde(dirname(path), env))}\`.`,
      cause: error,
    });
  }
  const problem = readKeyFile(path);
  if (typeof problem !== 'string') return;
  throw new EKSAuthError('INVALID_CONFIG', `The key ${shown} is not used: it is ${problem}.`, {
    remedy:
      problem === 'open to other users'
        ? `Run \`${shellCommand('makePrivate', shown)}\`.`
        : `Remove it: \`${shellCommand('removeFile', shown)}\`.`,
  });
}

/** Removes the tokens that lie there in clear. @returns notes on what others still keep in clear */
export async function removePlain(encrypt: string, env: Environment): Promise<readonly string[]> {
  await clearEntries(cacheDirectory(env), new Date(), ({ state }) => state !== 'foreign' && state !== 'sealed');
  const notes: string[] = [];
  const path = keyFilePath(encrypt, env);
  if (path !== undefined && isInHome(path, env)) {
    notes.push(`the key ${tilde(path, env)} lies in your home: a copy of the home holds it beside the tokens.`);
  }
  const caches = join(homeDirectory(env), '.aws', 'cli', 'cache');
  const kept = await readdir(caches).catch(() => []);
  if (kept.some((name) => name.endsWith('.json'))) {
    const folder = tilde(caches, env);
    notes.push(
      `${folder} holds credentials in clear. ekspress no longer writes there. Remove them: ${shellCommand('removeJSONFiles', folder)}`,
    );
  }
  return notes;
}

/** Removes the encrypted entries of contexts. What runs next reads none of them, and only this command still knows their names. */
export async function clearEncrypted(contexts: readonly DescribedContext[], env: Environment): Promise<void> {
  const encrypted = contexts.filter(({ config }) => config?.encrypt !== undefined);
  const names = new Set(encrypted.flatMap((context) => entryNamesOf(context, env)));
  if (names.size > 0) await clearEntries(cacheDirectory(env), new Date(), ({ fileName }) => names.has(fileName));
}
