import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from './entry.ts';

/** What is known of a source, from before it was read. */
interface Observation extends Source {
  /** Everything that a change would change, joined. */
  readonly state: string;
}

/** Kernels date files by a clock that ticks every 1 to 10 ms: within one tick a second write leaves no trace. */
const TICK_MS = 20;

/** A file system with whole or even seconds only (FAT, old NFS servers) shows by this. */
const SECOND_NS = 1_000_000_000n;
const COARSE_TICK_MS = 2100;

/** Before the year 2000 no such file was written: a store (Nix, OSTree, a reproducible image) dates all its files alike. */
const CONSTANT_DATES_END_NS = 946_684_800n * SECOND_NS;

/** Watches the files that decide an identity from before they are read until the token is stored. */
export class SourceWatch {
  readonly #seen = new Map<string, Observation>();
  #trouble: string | undefined;

  /** To be awaited before the file at `path` is read, also if it turns out to be absent. Never throws. */
  async reading(path: string): Promise<void> {
    if (this.#trouble !== undefined) return;
    try {
      await this.#observe(path);
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

  async #observe(path: string): Promise<void> {
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
    const { mtimeNs, ctimeNs, size, ino, dev } = await stat(path, { bigint: true });
    if (mtimeNs < 0n) throw new Error('it is dated before 1970');
    const target = mtimeNs < CONSTANT_DATES_END_NS ? await realpath(path) : undefined;
    return { path, mtimeNs, target, state: [mtimeNs, ctimeNs, size, ino, dev].join(' ') };
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return { path, mtimeNs: undefined, target: undefined, state: 'absent' };
  }
}

/** No file under that name; what else can go wrong (EACCES, ELOOP, EIO) leaves the question open. */
function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
