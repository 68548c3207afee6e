import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EKSAuthError } from '../errors.ts';
import type { Logger } from '../host.ts';
import { type CachedToken, cachedToken, type StoredMint } from './cached-token.ts';
import { collectGarbage } from './collect.ts';
import { type Circumstances, type Entry, formatEntry, toldUntil } from './entry.ts';
import { type ExclusiveWork, exclusively, type Patience } from './exclusively.ts';
import { type FailureClass, failureClass, formatFailure, parseFailure } from './failure.ts';
import { type CachePlace, circumstancesOf, findAt, findEntry, type Happening, type Reader } from './find-entry.ts';
import type { CacheKey } from './key.ts';
import { type Machine, readMachine } from './machine.ts';
import { prepareDirectory } from './own-directory.ts';
import { isCertificateText, isTokenText } from './parse-entry.ts';
import { createPrivateFile } from './private-file.ts';
import { removeToken, tokenAt } from './remove-token.ts';
import { DEFAULT_MARGIN_SECONDS, TELL_LIFE_SECONDS } from './rules.ts';
import { SourceWatch } from './source-watch.ts';
import { makeMoment, makeStamps } from './stamps.ts';

/** What {@link TokenCache.read} found. */
export type CacheRead =
  | { readonly hit: true; readonly entry: CachedToken }
  | { readonly hit: false; readonly reason: string };

/** A failure to get a token. */
export interface StoredFailure {
  readonly error: EKSAuthError;
  /** How long it is remembered. */
  readonly seconds: number;
  /** The command word, if it was that command which failed. */
  readonly command?: string;
}

/** What is remembered of a failure. */
export interface RememberedFailure {
  readonly failure: FailureClass;
  /** One line for people, with the remedy. */
  readonly message: string;
}

/** What lies beside an entry while there is none to be had. */
const FAILURE_ENDING = '.error';

export interface TokenCacheOptions extends Patience {
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
  readonly #place: CachePlace;
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #patience: Patience;

  constructor({ directory, now, logger, waitMs, machine = readMachine }: TokenCacheOptions) {
    this.#place = { directory, now, machine };
    this.#directory = directory;
    this.#logger = logger;
    this.#patience = { waitMs };
  }

  /** The living token of this identity, with at least `marginSeconds` left of what clients are told. */
  async read(key: CacheKey, reader: Reader): Promise<CacheRead> {
    try {
      const found = await findEntry(this.#place, key, reader);
      if (typeof found === 'string') return { hit: false, reason: found };
      await this.#refine(key, found);
      return { hit: true, entry: cachedToken(found) };
    } catch (error) {
      return { hit: false, reason: isMissing(error) ? 'no entry' : `the cache cannot be read: ${describe(error)}` };
    }
  }

  /**
   * Lets one process at a time make the token of this identity; the others wait, as long as {@link Patience} says, and
   * take what it has stored. Where the cache is in trouble everybody works alone.
   */
  async exclusively<T>(key: CacheKey, work: ExclusiveWork<T>): Promise<T> {
    try {
      if (key.unusable !== undefined) throw new Error(key.unusable);
      await prepareDirectory(this.#directory);
    } catch (error) {
      this.#logger.debug('cache: no lock', describe(error));
      return work.work();
    }
    return exclusively(this.#pathOf(key, '.lock'), work, this.#patience);
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
    const { token, certificate, mintedAt: at, expiresAt: until, command, unattended, hostBound } = minted;
    try {
      if (!(token === '' && certificate) && !isTokenText(token)) {
        throw new Error('the token holds characters that no token has');
      }
      if (certificate && !isCertificateText(certificate)) throw new Error('the certificate is no plain PEM');
      const entry = {
        ...(await this.#circumstances(key, watch, { at, until, command, unattended, hostBound })),
        token,
        certificate,
      };
      const present = await findEntry(this.#place, key, { command: command ?? '', marginSeconds: 0 }).catch(
        () => 'none',
      );
      if (typeof present !== 'string' && present.minted > entry.minted) return 'kept-newer';
      await this.#write(key, entry);
      await this.#tidy(key);
      return 'stored';
    } catch (error) {
      this.#logger.debug('cache: the token is not shared', describe(error));
      return 'skipped';
    }
  }

  /**
   * Remembers for `seconds` that there is no token to be had, until a source changes or a token is stored. Only what
   * would fail again is remembered; {@link failureClass} says what that is.
   */
  async storeFailure(key: CacheKey, { error, seconds, command }: StoredFailure, watch: SourceWatch): Promise<void> {
    const failure = failureClass(error.code);
    if (failure === undefined || seconds < 1) return;
    try {
      const at = this.#place.now();
      const until = new Date(at.getTime() + seconds * 1000);
      const happening = { at, until, command, unattended: false, hostBound: true };
      const circumstances = await this.#circumstances(key, watch, happening);
      const text = formatFailure({ ...circumstances, failure, message: `${failure}: ${error.remedy}` });
      await createPrivateFile(this.#pathOf(key, FAILURE_ENDING), text, toldUntil(circumstances));
    } catch (trouble) {
      this.#logger.debug('cache: a failure is not remembered', describe(trouble));
    }
  }

  /** What {@link TokenCache.storeFailure} remembers of this identity; undefined if it may be tried. */
  async readFailure(key: CacheKey, command: string): Promise<RememberedFailure | undefined> {
    try {
      const reader = { command, marginSeconds: 0 };
      const found = await findAt(this.#place, key, FAILURE_ENDING, parseFailure, reader);
      return typeof found === 'string' ? undefined : { failure: found.failure, message: found.message };
    } catch {
      return undefined;
    }
  }

  /** Removes the entry if it holds exactly this token: a newer one of another process stays. */
  async drop(key: CacheKey, token: string): Promise<void> {
    try {
      if (key.unusable === undefined) await removeToken(this.#pathOf(key), token);
    } catch (error) {
      if (!isMissing(error)) this.#logger.debug('cache: an entry could not be removed', describe(error));
    }
  }

  /** @throws Error if nothing may be written down, with the reason */
  async #circumstances(key: CacheKey, watch: SourceWatch, happening: Happening): Promise<Circumstances> {
    if (key.unusable !== undefined) throw new Error(key.unusable);
    await prepareDirectory(this.#directory);
    const sources = await watch.settle();
    if (typeof sources === 'string') throw new Error(sources);
    const precision = await makeStamps(this.#directory, sources);
    const circumstances = await circumstancesOf(this.#place, key, happening, { sources, precision });
    await makeMoment(this.#directory, circumstances.minted);
    return circumstances;
  }

  /**
   * Dated at the moment from which a reader wants a new one: sh compares that with the clock of the kernel, and the
   * collector knows an expired entry without opening it.
   */
  async #write(key: CacheKey, entry: Entry): Promise<void> {
    const dated = toldUntil(entry) - DEFAULT_MARGIN_SECONDS;
    await createPrivateFile(this.#pathOf(key), formatEntry(entry), dated);
  }

  /** An entry made right after a change of its sources was marked as too fresh for some shells: that wears off. */
  async #refine(key: CacheKey, entry: Entry): Promise<void> {
    // The moment of a token that lives long outlives its stamp, which is collected an hour after its last use.
    if (entry.life > TELL_LIFE_SECONDS) await makeMoment(this.#directory, entry.minted).catch(() => undefined);
    // Encoded characters keep sh away for good.
    if (entry.precision === 'whole' || key.identity.includes('%')) return;
    try {
      const refined = { ...entry, precision: await makeStamps(this.#directory, entry.sources) };
      if (formatEntry(refined) === formatEntry(entry)) return;
      if ((await tokenAt(this.#pathOf(key))) === entry.token) await this.#write(key, refined);
    } catch (error) {
      this.#logger.debug('cache: an entry could not be refined', describe(error));
    }
  }

  async #tidy(key: CacheKey): Promise<void> {
    try {
      // The bash tools that used these names before kept a fingerprint beside each entry; it describes it no more.
      for (const ending of ['.meta', FAILURE_ENDING]) await rm(this.#pathOf(key, ending), { force: true });
      await collectGarbage(this.#directory);
    } catch (error) {
      this.#logger.debug('cache: old files could not be removed', describe(error));
    }
  }

  #pathOf(key: CacheKey, ending = ''): string {
    return join(this.#directory, `${key.fileName}${ending}`);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
