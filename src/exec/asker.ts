import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isOurs, readPrivateFileSync } from '../cache/directory/private-file.ts';
import type { Entry } from '../cache/entry/entry.ts';
import type { CacheKey } from '../cache/identity/key.ts';
import type { EntryFiles } from '../cache/sealed/entry-files.ts';
import type { Environment } from '../host.ts';

/** A token younger than this is the answer to a refusal: ten seconds, and two that rounding takes. */
const YOUNG_SECONDS = 12;
/** A question of the same process counts as a second one for so long after the answer, in hundredths of a second. */
const REFUSED_BETWEEN = { least: 5, most: 1000 };

/** What is known of the entry that a process asks for. */
export interface AskedEntry {
  readonly entry: Entry;
  readonly key: CacheKey;
  readonly directory: string;
  readonly files: EntryFiles;
}

/**
 * The process that asks for an entry that Node reads: an encrypted one, on Windows any. The same process asking again within
 * seconds has had its token refused. The script does the same for plain entries (`ek_check_refusal`, `ek_note`, `ek_serve`), and
 * names the process for this one.
 */
export class Asker {
  readonly #asked: AskedEntry;
  /** Hundredths of a second, by the uptime where there is one. Undefined where no question could be a second one. */
  readonly #clock: number | undefined;
  /** Process id, start time and name; without /proc the id alone. */
  readonly #name: string;
  #again = '-';

  constructor(asked: AskedEntry, { EKSPRESS_PARENT = '' }: Environment) {
    const [, clock, name = ''] = /^(\d{1,12}) (\d+(?: .*)?)$/s.exec(EKSPRESS_PARENT) ?? [];
    this.#asked = asked;
    this.#clock = clock === undefined ? undefined : Number(clock);
    this.#name = name;
  }

  /** Whether the server has refused this token, as far as that can be guessed. */
  wasRefused(): boolean {
    const { entry, key, files } = this.#asked;
    if (this.#clock === undefined || Date.now() / 1000 - entry.minted < YOUNG_SECONDS) return false;
    try {
      const text = readPrivateFileSync(this.#notePath());
      const line = text === undefined ? undefined : files.open(key, 'asked', text);
      const [, at, again = '', name] = /^(\d{1,12}) (\S+) (.*)$/s.exec(line ?? '') ?? [];
      const since = this.#clock - Number(at);
      if (name !== this.#name || !(since > REFUSED_BETWEEN.least && since < REFUSED_BETWEEN.most)) return false;
      this.#again = again;
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Says in the words of the script which token will do.
   * @returns whether that is a guess: this token may be served once more, where no other can be made
   */
  wantNewer(env: Record<string, string | undefined>): boolean {
    const minted = `${this.#asked.entry.minted}`;
    const guess = this.#again !== minted;
    env.EKSPRESS_NEWER_THAN = minted;
    if (guess) env.EKSPRESS_GUESS = '1';
    return guess;
  }

  /**
   * Writes down which process got the entry, and that it has been served once more. Never throws.
   * @param again - the mint of a token that was served in spite of a refusal
   */
  note(again?: number): void {
    if (this.#clock === undefined) return;
    const { key, files } = this.#asked;
    const line = `${clockNow()} ${again ?? '-'} ${this.#name}`;
    // Where others can write to the directory, a link or a pipe may have that name.
    const { O_WRONLY, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    write(this.#notePath(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, files.close(key, 'asked', line));
  }

  /**
   * In the last third of the entry's life one process for all has it renewed in the background, where that needs no person
   * and no foreign program. Never throws.
   */
  renew(words: readonly string[]): void {
    const { entry, key, directory, files } = this.#asked;
    const left = entry.minted + entry.life - Date.now() / 1000;
    const [program, script = ''] = process.argv;
    if (!entry.unattended || left * 3 >= entry.life || program === undefined) return;
    try {
      const { O_WRONLY, O_CREAT, O_EXCL } = constants;
      const path = join(directory, `${files.nameOf(key, 'renewal')}${entry.minted}`);
      // Another process renews it, or nothing can be written.
      if (!write(path, O_WRONLY | O_CREAT | O_EXCL, files.close(key, 'renewal', `${process.pid}`))) return;
      const env = { ...process.env, EKSPRESS_BACKGROUND: '1', EKSPRESS_NEWER_THAN: `${entry.minted}` };
      // kubectl waits until every process has closed its pipe.
      spawn(program, [script, ...words], { env, detached: true, stdio: 'ignore', windowsHide: true }).unref();
    } catch {
      // The next call makes a token itself.
    }
  }

  #notePath(): string {
    const { key, directory, files } = this.#asked;
    return join(directory, `${files.nameOf(key, 'asked')}${Number.parseInt(this.#name, 10) & 7}`);
  }
}

/** Writes a file of this user. @returns whether it was written */
function write(path: string, flags: number, text: string): boolean {
  try {
    const file = openSync(path, flags, 0o600);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || !isOurs(stats)) return false;
      ftruncateSync(file);
      writeSync(file, Buffer.from(text, 'latin1'));
      return true;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** The clock that the script has told the time by, in hundredths of a second; on Windows the wall clock. */
export function clockNow(): number {
  if (process.platform === 'win32') return Math.floor(Date.now() / 10);
  try {
    return Math.floor(Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 100);
  } catch {
    return Math.floor(Date.now() / 1000) * 100;
  }
}
