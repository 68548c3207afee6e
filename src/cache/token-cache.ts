import { randomBytes } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../host.ts';
import { collectGarbage } from './collect.ts';
import { type Entry, formatEntry, toldUntil } from './entry.ts';
import { type ExclusiveWork, exclusively } from './exclusively.ts';
import { objection } from './judge.ts';
import type { CacheKey } from './key.ts';
import { type Machine, readMachine } from './machine.ts';
import { ownsDirectory, prepareDirectory } from './own-directory.ts';
import { isTokenText, parseEntry } from './parse-entry.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';
import { DEFAULT_MARGIN_SECONDS } from './rules.ts';
import { isUnchanged, SourceWatch } from './source-watch.ts';
import { makeStamps } from './stamps.ts';

/** A token to be shared. Times are cut to whole seconds. */
export interface StoredMint {
  readonly token: string;
  /** X-Amz-Date of the token. */
  readonly mintedAt: Date;
  /** What clients are told. */
  readonly expiresAt: Date;
  /** The command word, if the token was printed by that command: then only the same word may use it. */
  readonly command?: string;
  /** Minting it again needs no person and runs no foreign program. */
  readonly unattended: boolean;
  /** The credentials belong to this host or container: no other may use the token. */
  readonly hostBound: boolean;
}

/** A token found in the cache. The token is hidden from `inspect` and `JSON.stringify`. */
export interface CachedToken {
  readonly token: string;
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  readonly unattended: boolean;
}

/** What {@link TokenCache.read} found. */
export type CacheRead =
  | { readonly hit: true; readonly entry: CachedToken }
  | { readonly hit: false; readonly reason: string };

export interface TokenCacheOptions {
  readonly directory: string;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Default: the machine that we run on. */
  readonly machine?: () => Promise<Machine>;
}

/**
 * The cache on disk that services and the exec plugin share. No method throws: whatever is wrong with the cache is a
 * miss on reading and nothing on writing, with a line for the logger at debug.
 */
export class TokenCache {
  readonly #directory: string;
  readonly #now: () => Date;
  readonly #logger: Logger;
  readonly #machine: () => Promise<Machine>;

  constructor(options: TokenCacheOptions) {
    this.#directory = options.directory;
    this.#now = options.now;
    this.#logger = options.logger;
    this.#machine = options.machine ?? readMachine;
  }

  /** The living token of this identity, with at least `marginSeconds` left of what clients are told. */
  async read(
    key: CacheKey,
    { command, marginSeconds }: { command: string; marginSeconds: number },
  ): Promise<CacheRead> {
    try {
      const found = await this.#find(key, command, marginSeconds);
      if (typeof found === 'string') return { hit: false, reason: found };
      await this.#refine(key, found);
      return { hit: true, entry: cachedToken(found) };
    } catch (error) {
      return { hit: false, reason: isMissing(error) ? 'no entry' : `the cache cannot be read: ${describe(error)}` };
    }
  }

  /**
   * Lets one process at a time make the token of this identity; the others wait (10 seconds at most) and take what it
   * has stored. Where the cache is in trouble everybody works alone.
   */
  async exclusively<T>(key: CacheKey, work: ExclusiveWork<T>): Promise<T> {
    try {
      if (key.unusable !== undefined) throw new Error(key.unusable);
      await prepareDirectory(this.#directory);
    } catch (error) {
      this.#logger.debug('cache: no lock', describe(error));
      return work.work();
    }
    return exclusively(join(this.#directory, `${key.fileName}.lock`), work);
  }

  /** To be told of every file that decides the identity, before it is read. */
  watchSources(): SourceWatch {
    return new SourceWatch();
  }

  /**
   * Shares a token. `kept-newer`: the same identity has one that was minted later. `skipped`: nothing was written, as
   * a source changed while the token was made, or the cache is in trouble.
   */
  async store(key: CacheKey, minted: StoredMint, watch: SourceWatch): Promise<'stored' | 'kept-newer' | 'skipped'> {
    try {
      if (key.unusable !== undefined) return this.#skip(key.unusable);
      await prepareDirectory(this.#directory);
      const sources = await watch.settle();
      if (typeof sources === 'string') return this.#skip(sources);
      const precision = await makeStamps(this.#directory, sources);
      const entry = this.#entryOf(key, minted, await this.#machine(), { sources, precision });
      const present = await this.#find(key, minted.command ?? '', 0).catch(() => 'none');
      if (typeof present !== 'string' && present.minted > entry.minted) return 'kept-newer';
      await this.#write(key, entry);
      await this.#tidy(key);
      return 'stored';
    } catch (error) {
      return this.#skip(describe(error));
    }
  }

  /** Removes the entry if it holds exactly this token: a newer one of another process stays. */
  async drop(key: CacheKey, token: string): Promise<void> {
    const path = join(this.#directory, key.fileName);
    try {
      if (key.unusable !== undefined || (await this.#tokenAt(path)) !== token) return;
      // Moved away before the last look, so that an entry which is renamed into place meanwhile is not lost.
      const aside = join(this.#directory, `.ekspress-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
      await rename(path, aside);
      if ((await this.#tokenAt(aside)) !== token) await link(aside, path).catch(() => undefined);
      await rm(aside, { force: true });
    } catch (error) {
      if (!isMissing(error)) this.#logger.debug('cache: an entry could not be removed', describe(error));
    }
  }

  async #find(key: CacheKey, command: string, marginSeconds: number): Promise<Entry | string> {
    if (key.unusable !== undefined) return key.unusable;
    if (!(await ownsDirectory(this.#directory))) return 'the cache directory belongs to another user';
    const text = await readPrivateFile(join(this.#directory, key.fileName));
    if (text === undefined) return 'not a file of ours';
    const entry = parseEntry(text);
    if (!entry) return 'not an entry of this format';
    const now = Math.floor(this.#now().getTime() / 1000);
    const { identity } = key;
    const problem = objection(entry, { identity, command, now, marginSeconds, machine: await this.#machine() });
    if (problem !== undefined) return problem;
    for (const source of entry.sources) if (!(await isUnchanged(source))) return 'a source has changed';
    return entry;
  }

  #entryOf(key: CacheKey, minted: StoredMint, machine: Machine, from: Pick<Entry, 'sources' | 'precision'>): Entry {
    const { token, command, unattended, hostBound } = minted;
    if (!isTokenText(token)) throw new Error('the token holds characters that no token has');
    const at = Math.floor(minted.mintedAt.getTime() / 1000);
    const life = Math.floor(minted.expiresAt.getTime() / 1000) - at;
    if (at + life <= this.#now().getTime() / 1000) throw new Error('the token has ended');
    const { hostName, bootId, uptimeSeconds } = machine;
    const sinceMint = this.#now().getTime() / 1000 - at;
    const uptimeMinted = uptimeSeconds === undefined ? 0 : Math.floor(uptimeSeconds - sinceMint);
    return {
      identity: key.identity,
      command,
      unattended,
      hostName: hostBound ? hostName : undefined,
      bootId,
      uptimeMinted: uptimeMinted > 0 ? uptimeMinted : undefined,
      minted: at,
      life,
      token,
      ...from,
    };
  }

  /**
   * Dated at the moment from which a reader wants a new one: sh compares that with the clock of the kernel, and the
   * collector knows an expired entry without opening it.
   */
  async #write(key: CacheKey, entry: Entry): Promise<void> {
    const dated = toldUntil(entry) - DEFAULT_MARGIN_SECONDS;
    await createPrivateFile(join(this.#directory, key.fileName), formatEntry(entry), dated);
  }

  /** An entry made right after a change of its sources was marked as too fresh for some shells: that wears off. */
  async #refine(key: CacheKey, entry: Entry): Promise<void> {
    // Encoded characters keep sh away for good.
    if (entry.precision === 'whole' || key.identity.includes('%')) return;
    try {
      const refined = { ...entry, precision: await makeStamps(this.#directory, entry.sources) };
      if (formatEntry(refined) === formatEntry(entry)) return;
      if ((await this.#tokenAt(join(this.#directory, key.fileName))) === entry.token) await this.#write(key, refined);
    } catch (error) {
      this.#logger.debug('cache: an entry could not be refined', describe(error));
    }
  }

  async #tidy(key: CacheKey): Promise<void> {
    try {
      // The bash tools that used these names before kept a fingerprint beside each entry; it describes it no more.
      await rm(join(this.#directory, `${key.fileName}.meta`), { force: true });
      await collectGarbage(this.#directory);
    } catch (error) {
      this.#logger.debug('cache: old files could not be removed', describe(error));
    }
  }

  async #tokenAt(path: string): Promise<string | undefined> {
    const text = await readPrivateFile(path);
    return text === undefined ? undefined : parseEntry(text)?.token;
  }

  #skip(reason: string): 'skipped' {
    this.#logger.debug('cache: the token is not shared', reason);
    return 'skipped';
  }
}

function cachedToken(entry: Entry): CachedToken {
  const { token, unattended } = entry;
  const shown = { mintedAt: new Date(entry.minted * 1000), expiresAt: new Date(toldUntil(entry) * 1000), unattended };
  return Object.defineProperty(shown as CachedToken, 'token', { value: token, enumerable: false });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
