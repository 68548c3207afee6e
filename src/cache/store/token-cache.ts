import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../host.ts';
import type { Recording } from '../../recording/recording.ts';
import type { SealKeys } from '../../store/seal-keys.ts';
import { collectGarbage } from '../directory/collect-garbage.ts';
import { type ExclusiveWork, exclusively, type WaitOptions } from '../directory/exclusively.ts';
import { prepareDirectory } from '../directory/own-directory.ts';
import { createPrivateFile } from '../directory/private-file.ts';
import { removeEntry } from '../directory/remove-entry.ts';
import { removeToken, type TokenIn, tokenAt } from '../directory/remove-token.ts';
import { makeStamps, makeTimeStamp } from '../directory/stamps.ts';
import { type Entry, type EntryFacts, formatEntry, toldUntil } from '../entry/entry.ts';
import { failureKind, failureMessage, formatFailure, parseFailure } from '../entry/failure.ts';
import { readMachine } from '../entry/machine.ts';
import { outsideOf, recordedOutside } from '../entry/outside.ts';
import { isCertificateText, isTokenText, parseEntry } from '../entry/parse-entry.ts';
import { cachedToken, type StoredMint } from '../entry/shared-token.ts';
import type { CacheKey } from '../identity/key.ts';
import { DEFAULT_MARGIN_SECONDS, TELL_LIFE_SECONDS } from '../rules.ts';
import { type FileKind, plainFiles, sealedFiles } from '../sealed/entry-files.ts';
import type { CacheRead, CacheReader, RememberedFailure, StoredFailure, TokenCacheOptions } from './cache-requests.ts';
import { type CachePlace, type EntryInput, entryFacts, findAt, findEntry, readAt } from './find-entry.ts';

/**
 * The cache on disk that services and the exec plugin share. No method throws: if something is wrong with the cache,
 * reads are misses and writes do nothing, with a line for the logger at debug.
 */
export class TokenCache {
  readonly #place: CachePlace;
  readonly directory: string;
  /** Set where the entries are sealed. Then nothing else that a mint keeps may lie on disk in clear. */
  readonly keys: SealKeys | undefined;
  readonly #logger: Logger;
  readonly #wait: WaitOptions;

  constructor({ directory, now, logger, waitMs, machine = readMachine, keys }: TokenCacheOptions) {
    const files = async () => (keys ? sealedFiles(await keys.seal()) : plainFiles);
    this.#place = { directory, now, machine, files };
    this.directory = directory;
    this.keys = keys;
    this.#logger = logger;
    this.#wait = { waitMs };
  }

  /** The valid token of this identity. The expiry that clients are told is at least `marginSeconds` ahead. */
  async read(key: CacheKey, { env, ...reader }: CacheReader): Promise<CacheRead> {
    try {
      const found = await findEntry(this.#place, key, { ...reader, outside: outsideOf(key, env) });
      if (typeof found === 'string') return { hit: false, reason: found };
      if (this.keys === undefined) await this.#refine(key, found);
      return { hit: true, entry: cachedToken(found) };
    } catch (error) {
      return { hit: false, reason: isMissing(error) ? 'no entry' : `the cache cannot be read: ${describe(error)}` };
    }
  }

  /**
   * Lets one process at a time make the token of this identity. The others wait, as long as {@link WaitOptions} allows,
   * and take the token that it has stored. If the cache is in trouble, each process works alone.
   */
  async exclusively<T>(key: CacheKey, work: ExclusiveWork<T>): Promise<T> {
    let lock: string;
    try {
      if (key.unusable !== undefined) throw new Error(key.unusable);
      await prepareDirectory(this.directory);
      lock = await this.#pathOf(key, 'lock');
    } catch (error) {
      this.#logger.debug('cache: no lock', describe(error));
      return work.work();
    }
    return exclusively(lock, work, this.#wait);
  }

  /**
   * Stores a token for all processes. `kept-newer`: the cache holds one that was minted later. `skipped`: nothing was
   * written, because the token stays in this process, or the cache is in trouble.
   * @param recording - what the mint read, or why nothing may be stored
   */
  async store(
    key: CacheKey,
    minted: StoredMint,
    recording: Recording | string,
  ): Promise<'stored' | 'kept-newer' | 'skipped'> {
    const { token, certificate, mintedAt: at, expiresAt: until, command, unattended } = minted;
    try {
      if (!(token === '' && certificate) && !isTokenText(token)) {
        throw new Error('the token has characters that are not allowed in tokens');
      }
      if (certificate && !isCertificateText(certificate)) throw new Error('the certificate is not plain PEM');
      const facts = await this.#facts(key, recording, { at, until, command, unattended });
      const entry = { ...facts, token, certificate };
      const present = await this.#present(key, recording, command);
      if (present !== undefined && present.minted > entry.minted) return 'kept-newer';
      await this.#write(key, entry);
      await this.#tidy(key);
      return 'stored';
    } catch (error) {
      this.#logger.debug('cache: the token is not shared', describe(error));
      return 'skipped';
    }
  }

  /**
   * Remembers a failure for `seconds`, until a source changes or a token is stored. Only failures that would happen again
   * are remembered: see {@link failureKind}.
   */
  async storeFailure(
    key: CacheKey,
    { error, seconds, command, asker }: StoredFailure,
    recording: Recording | string,
  ): Promise<void> {
    const failure = failureKind(error.code);
    if (failure === undefined || seconds < 1) return;
    try {
      const at = this.#place.now();
      const until = new Date(at.getTime() + seconds * 1000);
      const onThisHost = typeof recording === 'string' ? recording : { ...recording, hostBound: true };
      const facts = await this.#facts(key, onThisHost, { at, until, command, unattended: false });
      const askers = [...(asker === undefined ? [] : [asker]), ...(await this.#askersBefore(key, facts))];
      const text = formatFailure({ ...facts, failure, askers, message: failureMessage(error) });
      await this.#create(key, 'failure', text, toldUntil(facts));
    } catch (trouble) {
      this.#logger.debug('cache: a failure is not remembered', describe(trouble));
    }
  }

  /** The failure of this identity that {@link TokenCache.storeFailure} remembered, or undefined. */
  async readFailure(
    key: CacheKey,
    { command, env }: Pick<CacheReader, 'command' | 'env'>,
  ): Promise<RememberedFailure | undefined> {
    try {
      const reader = { command, marginSeconds: 0, outside: outsideOf(key, env) };
      const found = await findAt(this.#place, key, 'failure', parseFailure, reader);
      if (typeof found === 'string') return undefined;
      const { failure, message, askers } = found;
      return { failure, message, askers, line: formatFailure(found) };
    } catch {
      return undefined;
    }
  }

  /** The processes beside the failure that a new one replaces. */
  async #askersBefore(key: CacheKey, { identity }: EntryFacts): Promise<readonly string[]> {
    const files = await this.#place.files();
    const parse = (text: string) => parseFailure(files.open(key, 'failure', text) ?? '');
    const before = await readAt(await this.#pathOf(key, 'failure'), parse).catch(() => 'none');
    return typeof before !== 'string' && before.identity === identity ? before.askers : [];
  }

  /** Removes the entry if it holds exactly this token. A newer token of another process stays. */
  async drop(key: CacheKey, token: string): Promise<void> {
    try {
      if (key.unusable !== undefined) return;
      await removeToken(await this.#pathOf(key, 'entry'), token, await this.#tokenIn(key));
    } catch (error) {
      if (!isMissing(error)) this.#logger.debug('cache: an entry could not be removed', describe(error));
    }
  }

  /** The facts that an entry records. @throws Error with the reason if nothing may be recorded */
  async #facts(key: CacheKey, recording: Recording | string, input: EntryInput): Promise<EntryFacts> {
    if (key.unusable !== undefined) throw new Error(key.unusable);
    if (typeof recording === 'string') throw new Error(recording);
    if (recording.memoryOnly !== undefined) throw new Error(recording.memoryOnly);
    await prepareDirectory(this.directory);
    // Stamps are for sh, which reads no sealed entry.
    const precision = this.keys ? 'node' : await makeStamps(this.directory, recording.files);
    const facts = await entryFacts(this.#place, key, input, recording, precision);
    if (this.keys === undefined) await makeTimeStamp(this.directory, facts.minted);
    return facts;
  }

  /**
   * Writes the entry. Its mtime is the moment from which readers want a new token: sh compares that with the kernel's
   * clock, and the garbage collector recognises an expired entry without opening it.
   */
  async #write(key: CacheKey, entry: Entry): Promise<void> {
    const dated = toldUntil(entry) - DEFAULT_MARGIN_SECONDS;
    await this.#create(key, 'entry', formatEntry(entry), dated);
  }

  async #create(key: CacheKey, kind: FileKind, line: string, seconds: number): Promise<void> {
    const files = await this.#place.files();
    await createPrivateFile(join(this.directory, files.nameOf(key, kind)), files.close(key, kind, line), seconds);
  }

  /** The usable entry that a new one would replace. */
  async #present(key: CacheKey, recording: Recording | string, command = ''): Promise<Entry | undefined> {
    if (typeof recording === 'string') return undefined;
    const reader = { command, marginSeconds: 0, outside: recordedOutside(key, recording) };
    const present = await findEntry(this.#place, key, reader).catch(() => 'none');
    return typeof present === 'string' ? undefined : present;
  }

  /**
   * Some shells cannot use an entry that was made right after a change of its sources. Some time later the entry can be
   * refined for all shells.
   */
  async #refine(key: CacheKey, entry: Entry): Promise<void> {
    // A token that lives long would outlive its time stamp, which is collected an hour after its last use.
    if (entry.life > TELL_LIFE_SECONDS) await makeTimeStamp(this.directory, entry.minted).catch(() => undefined);
    // With encoded characters an entry is never for sh.
    if (entry.precision === 'whole' || key.identity.includes('%')) return;
    try {
      const refined = { ...entry, precision: await makeStamps(this.directory, entry.files) };
      if (formatEntry(refined) === formatEntry(entry)) return;
      const present = await tokenAt(await this.#pathOf(key, 'entry'), await this.#tokenIn(key));
      if (present === entry.token) await this.#write(key, refined);
    } catch (error) {
      this.#logger.debug('cache: an entry could not be refined', describe(error));
    }
  }

  async #tidy(key: CacheKey): Promise<void> {
    try {
      await rm(await this.#pathOf(key, 'failure'), { force: true });
      if (this.keys) await removeEntry(this.directory, key.fileName);
      // The bash tools that used these names before kept a fingerprint beside each entry. It does not fit this entry.
      else await rm(join(this.directory, `${key.fileName}.meta`), { force: true });
      await collectGarbage(this.directory);
    } catch (error) {
      this.#logger.debug('cache: old files could not be removed', describe(error));
    }
  }

  async #pathOf(key: CacheKey, kind: FileKind): Promise<string> {
    return join(this.directory, (await this.#place.files()).nameOf(key, kind));
  }

  async #tokenIn(key: CacheKey): Promise<TokenIn> {
    const files = await this.#place.files();
    return (text) => {
      const line = files.open(key, 'entry', text);
      return line === undefined ? undefined : parseEntry(line)?.token;
    };
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
