import { isAscii } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { Environment } from '../../host.ts';
import { Undecidable } from '../undecidable.ts';

/**
 * A file as Python reads it in text mode; `undefined` where there is none, where it is no regular file, or where it may
 * not be read (the AWS CLI passes over all three without a word).
 *
 * Synchronous, because the AWS files are small and local: each asynchronous read costs several times what it waits for.
 * @throws Undecidable for text that is not UTF-8, or may be meant in another encoding
 */
export function readTextFile(path: string, env: Environment): string | undefined {
  const bytes = readBytes(path);
  if (bytes === undefined) return undefined;
  if (isAscii(bytes)) return bytes.toString('latin1');
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  // In the locale `C` Python reads UTF-8. What any other means without saying so is up to the machine.
  const utf8 = /(?:^|\.)utf-?8(?:@|$)/i.test(locale) || (/^(?:C|POSIX)?$/.test(locale) && env.PYTHONUTF8 !== '0');
  if (!utf8) throw new Undecidable(`${path} is not ASCII, and the locale is ${locale}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Undecidable(`${path} is not UTF-8`);
  }
}

function readBytes(path: string): Buffer | undefined {
  if (path === '') return undefined;
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
