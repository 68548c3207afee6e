import { isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ageMs, lookAtFile } from './look.ts';
import { NOTHING_READ, type RecordedFile, type Recording } from './recording.ts';

/** Kernels date files by a clock that ticks every 1 to 10 ms: within one tick a second write leaves no trace. */
const TICK_MS = 20;

/** A file system with whole or even seconds only (FAT, old NFS servers) shows by this. */
const SECOND_NS = 1_000_000_000n;
const COARSE_TICK_MS = 2100;

/** Watches the files that decide an identity from before they are read until the mint has ended. */
export class SourceWatch {
  readonly #seen = new Map<string, RecordedFile>();
  #trouble: string | undefined;

  /** To be awaited before the file at `path` is read, also if it turns out to be absent. Never throws. */
  async reading(path: string): Promise<void> {
    if (this.#trouble !== undefined) return;
    try {
      await this.#look(path);
    } catch (error) {
      this.#trouble = cannotBeWatched(path, error);
    }
  }

  /** What was read, or why nothing made of it may be stored: a file has changed meanwhile, for example. */
  async finish({ hostBound = false }: { readonly hostBound?: boolean } = {}): Promise<Recording | string> {
    if (this.#trouble !== undefined) return this.#trouble;
    for (const before of this.#seen.values()) {
      try {
        if (stateOf(await lookAtFile(before.path)) !== stateOf(before)) return `${before.path} has changed meanwhile`;
      } catch (error) {
        return cannotBeWatched(before.path, error);
      }
    }
    return { ...NOTHING_READ, files: [...this.#seen.values()], hostBound };
  }

  async #look(path: string): Promise<void> {
    if (!isAbsolute(path)) throw new Error('its place depends on the working directory');
    let file = await lookAtFile(path);
    const age = ageMs(file);
    if (age >= 0 && age < TICK_MS) {
      await sleep(TICK_MS - age);
      file = await lookAtFile(path);
    }
    const before = this.#seen.get(path);
    if (before && stateOf(before) !== stateOf(file)) throw new Error('it changed between two reads');
    this.#seen.set(path, file);
    const onlySeconds = file.state === 'file' && file.mtimeNs % SECOND_NS === 0n;
    if (onlySeconds && Math.abs(ageMs(file)) < COARSE_TICK_MS) {
      throw new Error('it has just been written, on a file system that dates by seconds');
    }
  }
}

/** Everything that a change would change, joined. */
function stateOf({ state, target = '', mtimeNs, ctimeNs, size, inode }: RecordedFile): string {
  return [state, mtimeNs, ctimeNs, size, inode, target].join(' ');
}

function cannotBeWatched(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `${path} cannot be watched (${code ?? message})`;
}
