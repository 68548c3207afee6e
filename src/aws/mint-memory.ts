import { createHash } from 'node:crypto';
import { EKSAuthError } from '../errors.ts';
import { unlessAborted } from '../system/unless-aborted.ts';
import type { Credentials } from './credentials/credentials.ts';
import { type AWSProfiles, readProfiles } from './ini/profiles.ts';
import type { InstalledCLI, InstalledProgram } from './installed-cli.ts';
import { KnownPlans } from './plan/known-plans.ts';
import type { Plan } from './plan/plan.ts';
import { SigningKeyring } from './sign/signing-keyring.ts';

/** How many pairs of AWS files are kept parsed: enough for many homes, small enough to forget. */
const PARSED_PAIRS = 32;
/** Shared credentials are given up this long before their end, which is when the AWS CLI looks for new ones. */
const SHARING_MARGIN_MS = 15 * 60 * 1000;

interface ParsedPair {
  readonly config: string | undefined;
  readonly credentials: string | undefined;
  readonly profiles: AWSProfiles;
}

/**
 * What the mints of one process may share. Files are read anew each time, but text that has not changed is not parsed
 * again; one `aws` binary is asked for its version once; a thousand clusters behind one login make one call.
 */
export class MintMemory {
  /** Where all versions of the CLI agree. */
  readonly plans: KnownPlans<Plan> = new KnownPlans();
  readonly keyring = new SigningKeyring();
  readonly #parsed: ParsedPair[] = [];
  /** Programs by command and search path, and when they were found. */
  readonly programs = new Map<string, { readonly program: InstalledProgram | undefined; readonly foundAt: number }>();
  readonly #installed = new Map<string, Promise<InstalledCLI | undefined>>();
  readonly #living = new Map<string, Credentials>();
  readonly #pending = new Map<string, Promise<Credentials>>();
  readonly #underWay = new Map<string, { readonly work: Promise<unknown>; readonly signal: AbortSignal | undefined }>();

  /** @throws INISyntaxError */
  profiles(config: string | undefined, credentials: string | undefined): AWSProfiles {
    const known = this.#parsed.find((pair) => pair.config === config && pair.credentials === credentials);
    if (known) return known.profiles;
    const profiles = readProfiles(config, credentials);
    this.#parsed.unshift({ config, credentials, profiles });
    this.#parsed.length = Math.min(this.#parsed.length, PARSED_PAIRS);
    return profiles;
  }

  /** @param binary - path and mtime; an answer that is none is asked for again */
  async installedCLI(binary: string, ask: () => Promise<InstalledCLI | undefined>): Promise<InstalledCLI | undefined> {
    const asked = this.#installed.get(binary) ?? ask();
    this.#installed.set(binary, asked);
    const installed = await asked;
    if (installed === undefined) this.#installed.delete(binary);
    return installed;
  }

  /**
   * One call for all who need the same credentials, now and while they live long enough. Credentials without an end
   * are shared only while they are being fetched.
   * @param parts - everything that decides which credentials these are
   */
  async credentials(parts: unknown, now: () => Date, fetch: () => Promise<Credentials>): Promise<Credentials> {
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64');
    const living = this.#living.get(key);
    if (living && livesOn(living, now())) return living;
    const others = this.#pending.get(key);
    if (!others) return this.#fetch(key, now, fetch);
    try {
      return await others;
    } catch (error) {
      // Who fetched for us had less patience than we have.
      if (error instanceof EKSAuthError && error.code === 'TIMEOUT') return this.credentials(parts, now, fetch);
      throw error;
    }
  }

  /**
   * One piece of work for all who need the same at this moment; the next one is begun anew. It ends with the signal of
   * whoever began it; the others then begin again.
   */
  async inFlight<T>(parts: unknown, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64');
    const others = this.#underWay.get(key);
    if (!others) {
      const own = work().finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, { work: own, signal });
      return own;
    }
    try {
      return await unlessAborted(others.work as Promise<T>, signal);
    } catch (error) {
      if (others.signal?.aborted && !signal?.aborted) return this.inFlight(parts, signal, work);
      throw error;
    }
  }

  async #fetch(key: string, now: () => Date, fetch: () => Promise<Credentials>): Promise<Credentials> {
    const pending = fetch();
    this.#pending.set(key, pending);
    try {
      const credentials = await pending;
      for (const [old, { expiresAt }] of this.#living) if (!expiresAt || expiresAt < now()) this.#living.delete(old);
      if (livesOn(credentials, now())) this.#living.set(key, credentials);
      return credentials;
    } finally {
      this.#pending.delete(key);
    }
  }
}

function livesOn({ expiresAt }: Credentials, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() - now.getTime() >= SHARING_MARGIN_MS;
}
