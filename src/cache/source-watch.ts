import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from './entry.ts';

/** A source as it was just before it was read. */
interface Observation extends Source {
  /** All properties that differ after a change, joined. */
  readonly state: string;
  /**
   * The mtime was set instead of written by the kernel: by an archive, a copy that keeps dates, or a store. Another file
   * may have the same one.
   */
  readonly dated: boolean;
}

/** Kernels date files by a clock that ticks every 1 to 10 ms. A second write within one tick does not change the mtime. */
const TICK_MS = 20;

/** File systems that date by whole or even seconds (FAT, old NFS servers) are recognised by mtimes without a fraction. */
const SECOND_NS = 1_000_000_000n;
const COARSE_TICK_MS = 2100;

/** Watches the files that decide an identity, from before they are read until the token is stored. */
export class SourceWatch {
  readonly #seen = new Map<string, Observation>();
  #trouble: string | undefined;

  /** Call and await this before the file at `path` is read, also if the file may be absent. Never throws. */
  async reading(path: string): Promise<void> {
    if (this.#trouble !== undefined) return;
    try {
      const { dated, target } = await this.#observe(path);
      // Then the folder is watched too: the kernel dates it when another file replaces this one.
      if (dated) await this.#observe(dirname(target ?? path));
    } catch (error) {
      this.#trouble = cannotBeWatched(path, error);
    }
  }

  /** The sources as they were read, or why a token made from them must not be kept: one has changed, for example. */
  async finish(): Promise<readonly Source[] | string> {
    if (this.#trouble !== undefined) return this.#trouble;
    for (const before of this.#seen.values()) {
      try {
        if ((await observe(before.path)).state !== before.state) return `${before.path} has changed meanwhile`;
      } catch (error) {
        return cannotBeWatched(before.path, error);
      }
    }
    return [...this.#seen.values()];
  }

  async #observe(path: string): Promise<Observation> {
    if (!isAbsolute(path)) throw new Error('its place depends on the working directory');
    let observation = await observe(path);
    const age = ageMs(observation);
    if (age !== undefined && age >= 0 && age < TICK_MS) {
      await sleep(TICK_MS - age);
      observation = await observe(path);
    }
    const before = this.#seen.get(path);
    if (before && before.state !== observation.state) throw new Error('it changed between two reads');
    this.#seen.set(path, observation);
    const { mtimeNs = 1n } = observation;
    const onlySeconds = mtimeNs % SECOND_NS === 0n;
    if (onlySeconds && Math.abs(ageMs(observation) ?? 0) < COARSE_TICK_MS) {
      throw new Error('it has just been written, on a file system that dates by seconds');
    }
    return observation;
  }
}

/** Milliseconds since the file was written. By the machine's clock, not an injected one: the kernel dates files by it. */
export function ageMs({ mtimeNs }: Source): number | undefined {
  return mtimeNs === undefined ? undefined : Date.now() - Number(mtimeNs / 1_000_000n);
}

/** Whether the source is unchanged since the entry was made. Never throws. */
export async function isUnchanged(source: Source): Promise<boolean> {
  try {
    const now = await observe(source.path);
    return now.mtimeNs === source.mtimeNs && now.target === source.target;
  } catch {
    return false;
  }
}

function cannotBeWatched(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `${path} cannot be watched (${code ?? message})`;
}

async function observe(path: string): Promise<Observation> {
  try {
    const [{ mtimeNs, ctimeNs, size, ino, dev }, real] = await Promise.all([
      stat(path, { bigint: true }),
      realpath(path),
    ]);
    if (mtimeNs < 0n) throw new Error('it is dated before 1970');
    const apart = ctimeNs > mtimeNs ? ctimeNs - mtimeNs : mtimeNs - ctimeNs;
    const dated = apart > SECOND_NS || mtimeNs % SECOND_NS === 0n;
    const target = real === path ? undefined : real;
    return { path, mtimeNs, target, dated, state: [real, mtimeNs, ctimeNs, size, ino, dev].join(' ') };
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return { path, mtimeNs: undefined, target: undefined, dated: false, state: 'absent' };
  }
}

/** Whether the error says that the file does not exist. Other errors (EACCES, ELOOP, EIO) do not say it. */
function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
