import { lstat, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readKubeconfigText } from './read-text.ts';

/** kubectl writes a file in some milliseconds. A lock that stays longer was left by a killed process. */
const PATIENCE_MS = 1_000;
const POLL_MS = 20;

/**
 * The text of a kubeconfig, read when no other program is writing it. kubectl empties the file before it writes it, under
 * its lock; the AWS CLI does the same without a lock.
 * @param oneOfSeveral - as for readKubeconfigText
 * @returns undefined if there is no such file
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export async function readSettledText(path: string, oneOfSeveral = false): Promise<string | undefined> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const before = await marks(path);
    if (before.isPipe) return readKubeconfigText(path, oneOfSeveral);
    const outcome = await readKubeconfigText(path, oneOfSeveral).then(
      (text) => ({ text }),
      (error: unknown) => ({ error }),
    );
    const after = await marks(path);
    const settled =
      !before.locked && !after.locked && before.version === after.version && !(isNothing(outcome) && after.young);
    if (settled || Date.now() >= until) {
      if ('error' in outcome) throw outcome.error;
      return outcome.text;
    }
    await sleep(POLL_MS);
  }
}

/** Whether the file is empty or cut off, as it is for a moment while it is written. */
function isNothing(outcome: { text: string | undefined } | { error: unknown }): boolean {
  return 'error' in outcome || outcome.text === undefined;
}

async function marks(path: string) {
  const [file, lock] = await Promise.all([stat(path), lstat(`${path}.lock`)].map((one) => one.catch(() => undefined)));
  return {
    isPipe: file?.isFIFO() === true,
    locked: lock !== undefined,
    version: file && `${file.ino} ${file.size} ${file.mtimeMs}`,
    young: file !== undefined && Math.abs(Date.now() - file.mtimeMs) < PATIENCE_MS,
  };
}
