import { lstat, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readKubeconfigText } from './read-text.ts';

/** kubectl writes in some milliseconds; a lock that stays longer has been left. */
const PATIENCE_MS = 1_000;
const POLL_MS = 20;

/**
 * The text of a kubeconfig that nobody is writing at the moment: kubectl empties the file before it fills it again, under
 * its lock, and the AWS CLI does the same without one.
 * @param oneOfSeveral as for readKubeconfigText
 * @returns undefined where there is no such file
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export async function readSettledText(path: string, oneOfSeveral = false): Promise<string | undefined> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const before = await marks(path);
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

/** Empty or cut off, as a file is for a moment that is being written. */
function isNothing(outcome: { text: string | undefined } | { error: unknown }): boolean {
  return 'error' in outcome || outcome.text === undefined;
}

async function marks(path: string) {
  const [file, lock] = await Promise.all([stat(path), lstat(`${path}.lock`)].map((one) => one.catch(() => undefined)));
  return {
    locked: lock !== undefined,
    version: file && `${file.ino} ${file.size} ${file.mtimeMs}`,
    young: file !== undefined && Math.abs(Date.now() - file.mtimeMs) < PATIENCE_MS,
  };
}
