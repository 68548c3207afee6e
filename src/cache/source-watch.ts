import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from './entry.ts';

/** What is known of a source, from before it was read. */
interface Observation extends Source {
  /** Everything that a change would change, joined. */
  readonly state: string;
  /**
   * It did not get its date by being written: an archive, a copy that keeps dates, or a store gave it one, and may give
   * the same one to another file.
   */
  readonly dated: boolean;
}

/** Kernels date files by a clock that ticks every 1 to 10 ms: within one tick a second write leaves no trace. */
const TICK_MS = 20;

/** A file system with whole or even seconds only (FAT, old NFS servers) shows by this. */
const SECOND_NS = 1_000_000_000n;
const COARSE_TICK_MS = 2100;

/** Watches the files that decide an identity from before they are read until the token is stored. */
export class SourceWatch {
  readonly #seen = new Map<string, Observation>();
  #trouble: string | undefined;

  /** To be awaited before the file at `path` is read, also if it turns out to be absent. Never throws. */
  async reading(path: string): Promise<void> {
    if (this.#trouble !== undefined) return;
    try {
      const { dated, target } = await this.#observe(path);
      // Then its folder tells when another file takes its place: that is dated by the kernel alone.
      if (dated) await this.#observe(dirname(target ?? path));
    } catch (error) {
      this.#trouble = cannotBeWatched(path, error);
    }
  }

  /** The sources as they were read, or why nothing made of them may be kept: one has changed meanwhile, for example. */
  async settle(): Promise<readonly Source[] | string> {
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

/** Milliseconds since the file was written, by this machine's clock (not an injected one: the kernel dates files). */
export function ageMs({ mtimeNs }: Source): number | undefined {
  return mtimeNs === undefined ? undefined : Date.now() - Number(mtimeNs / 1_000_000n);
}

/** Whether the source is what it was when the entry was made. Never throws. */
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

/** No file under that name; what else can go wrong (EACCES, ELOOP, EIO) leaves the question open. */
function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
