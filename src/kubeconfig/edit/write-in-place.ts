import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { EkspressHome } from '../../plugin/ekspress-home.ts';
import { isMapping } from '../../system/mapping.ts';
import { openFile, readBytes, readText } from '../../system/read-file.ts';
import { replaceFile } from '../../system/replace-file.ts';
import type { FoundFile } from './write-kubeconfig.ts';

/**
 * Writes a file in its place, as kubectl does: owner, group, mode, ACLs, extended attributes and a mount stay. Until
 * the write is complete, the user's own folder has a copy of the old and the new text on disk.
 * @throws the system's error
 */
export async function writeInPlace(home: EkspressHome, { path, bytes }: FoundFile, text: string): Promise<void> {
  const copy = copyPath(home, path);
  const texts = { old: bytes, new: Buffer.from(text) };
  const content = JSON.stringify({ old: texts.old.toString('base64'), new: texts.new.toString('base64') });
  await replaceFile(copy, content, { mode: 0o600, durable: true });
  try {
    await overwrite(path, texts.new);
  } catch (error) {
    await takeBack(path, texts, error);
    await rm(copy, { force: true });
    throw error;
  }
  await rm(copy, { force: true });
}

/**
 * Undoes a write in place that the system has stopped, on a full disk for example: the old text fits into its own place.
 * @throws EKSAuthError INVALID_KUBECONFIG where that is not possible either; the next command tries again
 */
async function takeBack(path: string, texts: Texts, cause: unknown): Promise<void> {
  const now = await readBytes(path).catch(() => undefined);
  if (now === undefined || now.equals(texts.old) || !isCutOff(now, texts)) return;
  try {
    await overwrite(path, texts.old);
  } catch {
    throw new EKSAuthError('INVALID_KUBECONFIG', `${path} was written in part only, and its old text is kept.`, {
      remedy: 'Make room on its disk, then run `ekspress status`, which restores the old text.',
      cause,
    });
  }
}

/**
 * Restores a file whose write in place was cut off by a crash. A file that another program has written since stays as it is.
 */
export async function restoreUnfinished(home: EkspressHome, path: string): Promise<void> {
  const copy = copyPath(home, path);
  const texts = await readCopy(copy);
  if (texts === undefined) return;
  const now = await readBytes(path);
  const complete = now.equals(texts.old) || now.equals(texts.new);
  if (!complete && isCutOff(now, texts)) await overwrite(path, texts.old);
  await rm(copy, { force: true });
}

/** Whether a write of the file was cut off, or is under way. */
export async function isUnfinished(home: EkspressHome, path: string): Promise<boolean> {
  return (await readCopy(copyPath(home, path))) !== undefined;
}

interface Texts {
  readonly old: Buffer;
  readonly new: Buffer;
}

/** Whether a write was cut off: the file has the beginning of the new text, and then the old text. */
function isCutOff(now: Buffer, texts: Texts): boolean {
  let same = 0;
  while (same < now.length && now[same] === texts.new[same]) same += 1;
  const rest = now.subarray(same);
  return rest.length === 0 || rest.equals(texts.old.subarray(same));
}

async function overwrite(path: string, bytes: Buffer): Promise<void> {
  // A link that has replaced the file leads to another one.
  const handle = await openFile(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    let at = 0;
    while (at < bytes.length) at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
    await handle.truncate(bytes.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function copyPath({ folder }: EkspressHome, path: string): string {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return join(folder, `unfinished-${name}.json`);
}

async function readCopy(copy: string): Promise<Texts | undefined> {
  try {
    const value: unknown = JSON.parse(await readText(copy));
    if (!isMapping(value) || typeof value.old !== 'string' || typeof value.new !== 'string') return undefined;
    return { old: Buffer.from(value.old, 'base64'), new: Buffer.from(value.new, 'base64') };
  } catch {
    return undefined;
  }
}
