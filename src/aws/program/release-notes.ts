import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ownsDirectory, prepareDirectory } from '../../cache/directory/own-directory.ts';
import { createPrivateFile, readPrivateFile } from '../../cache/directory/private-file.ts';
import { parseMapping } from '../../system/mapping.ts';

/**
 * The releases of installed `aws` programs, in the cache directory: one file for each program. A release is valid while
 * the program's stamp (dates, size and inode of its file) stays the same.
 */
export class ReleaseNotes {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The release that was written down for this program. Never throws. */
  async read(path: string, stamp: string): Promise<string | undefined> {
    try {
      if (!(await ownsDirectory(this.#directory))) return undefined;
      const { path: of, stamp: then, release } = parseMapping((await readPrivateFile(this.#pathOf(path))) ?? '') ?? {};
      return of === path && then === stamp && typeof release === 'string' ? release : undefined;
    } catch {
      return undefined;
    }
  }

  /** Never throws. If nothing can be written, the next process asks the program again. */
  async write(path: string, stamp: string, release: string): Promise<void> {
    try {
      await prepareDirectory(this.#directory);
      await createPrivateFile(this.#pathOf(path), `${JSON.stringify({ path, stamp, release })}\n`, Date.now() / 1000);
    } catch {
      // The next process asks the program again.
    }
  }

  #pathOf(path: string): string {
    return join(this.#directory, `aws-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.release`);
  }
}
