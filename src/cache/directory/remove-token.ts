import { takeAside } from '../../system/take-aside.ts';
import { readPrivateFile } from './private-file.ts';

/** The token in the text of a file. */
export type TokenIn = (text: string) => string | undefined;

/**
 * Removes the entry if it holds exactly this token. The entry is moved aside before the last check, so that a new entry
 * which is renamed into place meanwhile stays.
 * @throws the system's error, ENOENT included
 */
export async function removeToken(path: string, token: string, tokenIn: TokenIn): Promise<void> {
  if ((await tokenAt(path, tokenIn)) !== token) return;
  await takeAside(path, async (aside) => (await tokenAt(aside, tokenIn)) === token);
}

/** The token of the entry, also of one that is not usable. @throws the system's error */
export async function tokenAt(path: string, tokenIn: TokenIn): Promise<string | undefined> {
  const text = await readPrivateFile(path);
  return text === undefined ? undefined : tokenIn(text);
}
