import { lstat, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readKubeconfigText } from './read-text.ts';

/** kubectl writes in some milliseconds; a lock that stays longer has been left. */
const PATIENCE_MS = 1_000;
const POLL_MS = 20;

/**
 * The text of a kubeconfig that nobody is writing at the moment: kubectl empties the file before it fills it again, under
 * its lock, and the AWS CLI does the same without one.
 * @returns undefined where there is no such file
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export async function readSettledText(path: string): Promise<string | undefined> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const before = await marks(path);
    const outcome = await readKubeconfigText(path).then(
      (text) => ({ text }),
      (error: unknown) => ({ error }),
    );
    const after = await marks(path);
    const settled =
      !before.locked && !after.locked && before.version === after.version && !('error' in outcome && after.young);
    if (settled || Date.now() >= until) {
      if ('error' in outcome) throw outcome.error;
      return outcome.text;
    }
    await sleep(POLL_MS);
  }
}

async function marks(path: string) {
  const [file, lock] = await Promise.all([stat(path), lstat(`${path}.lock`)].map((one) => one.catch(() => undefined)));
  return {
    locked: lock !== undefined,
    version: file && `${file.ino} ${file.size} ${file.mtimeMs}`,
    young: file !== undefined && Math.abs(Date.now() - file.mtimeMs) < PATIENCE_MS,
  };
}
