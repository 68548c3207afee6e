import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ownsDirectory, prepareDirectory } from '../../cache/directory/own-directory.ts';
import { createPrivateFile, readPrivateFile } from '../../cache/directory/private-file.ts';
import type { SealKeys } from '../../store/seal-keys.ts';
import { parseMapping } from '../../system/mapping.ts';

const KIND = 'release';

/**
 * The releases of installed `aws` programs, in the cache directory: one file for each program. A release is valid while
 * the program's stamp (dates, size and inode of its file) stays the same.
 */
export class ReleaseNotes {
  readonly #directory: string;
  readonly #keys: SealKeys | undefined;

  /** @param keys - of sealed notes. Without them notes are plain */
  constructor(directory: string, keys?: SealKeys) {
    this.#directory = directory;
    this.#keys = keys;
  }

  /** The release that was written down for this program. Never throws. */
  async read(path: string, stamp: string): Promise<string | undefined> {
    try {
      if (!(await ownsDirectory(this.#directory))) return undefined;
      const { path: of, stamp: then, release } = parseMapping(await this.#readNote(path)) ?? {};
      return of === path && then === stamp && typeof release === 'string' ? release : undefined;
    } catch {
      return undefined;
    }
  }

  /** Never throws. If nothing can be written, the next process asks the program again. */
  async write(path: string, stamp: string, release: string): Promise<void> {
    try {
      await prepareDirectory(this.#directory);
      const text = `${JSON.stringify({ path, stamp, release })}\n`;
      const sealed = (await this.#keys?.seal())?.seal({ kind: KIND, identity: path }, text);
      const written = sealed === undefined ? text : Buffer.from(sealed).toString('latin1');
      await createPrivateFile(this.#pathOf(path), written, Date.now() / 1000);
    } catch {
      // The next process asks the program again.
    }
  }

  async #readNote(path: string): Promise<string> {
    const text = (await readPrivateFile(this.#pathOf(path))) ?? '';
    if (this.#keys === undefined) return text;
    return (await this.#keys.seal()).open({ kind: KIND, identity: path }, Buffer.from(text, 'latin1')) ?? '';
  }

  #pathOf(path: string): string {
    const digest = createHash('sha256').update(path).digest('hex').slice(0, 16);
    return join(this.#directory, `aws-${digest}.${this.#keys ? 'sealed-' : ''}release`);
  }
}
