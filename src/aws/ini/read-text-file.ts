import { isAscii } from 'node:buffer';
import type { Recorder } from '../../recording/recorder.ts';
import { Undecidable } from '../undecidable.ts';

/** Why the AWS CLI, too, reads nothing there. Anything else may be a trouble of this process alone. */
const PASSED_OVER: readonly string[] = [
  ...['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'],
  'not a regular file',
];

/**
 * A file as Python reads it in text mode; `undefined` where there is none, where it is not a regular file, or where it may
 * not be read (the AWS CLI passes over all three without a message).
 * @throws Undecidable for text that is not UTF-8, or may be meant in another encoding, and for a file that is there and was
 *   not read: too many files are open, say
 */
export async function readTextFile(path: string, recorder: Recorder): Promise<string | undefined> {
  const read = await recorder.readFile(path);
  if (read.state !== 'file') {
    if (PASSED_OVER.includes(read.code)) return undefined;
    throw new Undecidable(`${path} cannot be read (${read.code})`);
  }
  const { bytes } = read;
  if (isAscii(bytes)) return bytes.toString('latin1');
  const locale = recorder.expand('LC_ALL') || recorder.expand('LC_CTYPE') || recorder.expand('LANG') || '';
  // In the locale `C` Python reads UTF-8. The encoding of a locale that does not name one depends on the machine.
  const utf8 =
    /(?:^|\.)utf-?8(?:@|$)/i.test(locale) || (/^(?:C|POSIX)?$/.test(locale) && recorder.expand('PYTHONUTF8') !== '0');
  if (!utf8) throw new Undecidable(`${path} is not ASCII, and the locale is ${locale}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Undecidable(`${path} is not UTF-8`);
  }
}
