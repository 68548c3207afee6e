import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import { SealKeys } from '../../store/seal-keys.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { type EntryFiles, plainFiles, SCOPE_OF_ENTRIES, sealedFiles, sealOfEntries } from './entry-files.ts';
import { DEFAULT_KEY_FILE, KEY_BYTES, keyBytes, keyFilePath, makeKeyFile, readKeyFile } from './key-file.ts';

/** The key of a cache directory, or a function that reads it: it is asked again each minute. */
export type EntryKey = string | Uint8Array | (() => string | Uint8Array | Promise<string | Uint8Array>);

/**
 * The keys for entries that a caller encrypts.
 * @throws EKSAuthError INVALID_CONFIG for a value that cannot be a key
 */
export function keysOf(key: EntryKey): SealKeys {
  if (typeof key === 'function') return keysFrom(async () => checked(await key()));
  const bytes = checked(key);
  return keysFrom(() => bytes);
}

/** The keys for entries that a kubeconfig wants encrypted. Only the key file in memory is made where it is absent. */
export function keysOfFile(named: string, env: Environment): SealKeys {
  const path = keyFilePath(named, env);
  return keysFrom(async () => {
    if (path === undefined) throw new Error('no key: XDG_RUNTIME_DIR is not set');
    if (named === DEFAULT_KEY_FILE && readKeyFile(path) === 'absent') await makeKeyFile(path);
    const bytes = readKeyFile(path);
    if (typeof bytes === 'string') throw new Error(`no key: ${path} is ${bytes}`);
    return bytes;
  });
}

/** How the entries of a kubeconfig are read, or why they cannot be. Nothing is made. */
export function filesToRead(encrypt: string | undefined, env: Environment): EntryFiles | string {
  if (encrypt === undefined) return plainFiles;
  const path = keyFilePath(encrypt, env);
  if (path === undefined) return 'no key: XDG_RUNTIME_DIR is not set';
  const bytes = readKeyFile(path);
  return typeof bytes === 'string' ? `no key: ${path} is ${bytes}` : sealedFiles(sealOfEntries(bytes));
}

function keysFrom(secret: () => Uint8Array | Promise<Uint8Array>): SealKeys {
  return new SealKeys({ name: SCOPE_OF_ENTRIES, secret });
}

function checked(key: string | Uint8Array): Uint8Array {
  const bytes = typeof key === 'string' || key instanceof Uint8Array ? keyBytes(key) : undefined;
  if (bytes !== undefined) return bytes;
  throw new EKSAuthError('INVALID_CONFIG', `The cache key given to ekspress is not ${KEY_BYTES} bytes or more.`, {
    remedy: `Pass { key }: a text or bytes, or a function that reads them. \`${shellCommand('makeSecret')}\` makes one.`,
  });
}
