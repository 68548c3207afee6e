import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ownsDirectory, prepareDirectory } from '../../cache/directory/own-directory.ts';
import { createPrivateFile, readPrivateFile } from '../../cache/directory/private-file.ts';
import { parseMapping } from '../../system/mapping.ts';

/**
 * Which release an installed `aws` is, in the cache directory: one file per program. It holds while the program's stamp (dates,
 * size and inode of its file) is the same.
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

  /** Never throws: where nothing can be written, the next process asks the program again. */
  async write(path: string, stamp: string, release: string): Promise<void> {
    try {
      await prepareDirectory(this.#directory);
      await createPrivateFile(this.#pathOf(path), `${JSON.stringify({ path, stamp, release })}\n`, Date.now() / 1000);
    } catch {
      // A miss for the next process.
    }
  }

  #pathOf(path: string): string {
    return join(this.#directory, `aws-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.release`);
  }
}
