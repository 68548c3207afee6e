import { createHash } from 'node:crypto';
import { EKSAuthError } from '../../errors.ts';
import type { RecordedFile } from '../../recording/recording.ts';
import { Urgency } from '../gate/urgency.ts';
import type { Credentials } from './credentials.ts';

/** Shared credentials are dropped this long before their end, which is when the AWS CLI looks for new ones. */
export const SHARING_MARGIN_MS: number = 15 * 60 * 1000;

/** The result of a request for credentials. */
export interface Fetched {
  readonly credentials: Credentials;
  /** The file of the AWS CLI into which the credentials were written. Every mint that waited for them records it. */
  readonly written?: RecordedFile | undefined;
}

interface Pending {
  readonly fetched: Promise<Fetched>;
  /** The urgency of the mint that fetches. */
  readonly urgency: Urgency;
}

/** Temporary credentials that the mints of one process share: a thousand clusters behind one login make one call. */
export class SharedCredentials {
  readonly #living = new Map<string, Credentials>();
  readonly #pending = new Map<string, Pending>();

  /**
   * One call for all that need the same credentials, now and while they live long enough. Credentials without an end
   * are shared only while they are being fetched.
   * @param parts everything that decides which credentials these are
   * @param urgency whether a caller waits; it is passed on to a call that is under way already
   */
  async get(
    parts: unknown,
    now: () => Date,
    fetch: () => Promise<Fetched>,
    urgency: Urgency = new Urgency(true),
  ): Promise<Fetched> {
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64');
    const living = this.#living.get(key);
    if (living && livesOn(living, now())) return { credentials: living };
    const others = this.#pending.get(key);
    if (!others) return this.#fetch(key, now, fetch, urgency);
    const leave = urgency.onRaised(() => others.urgency.raise());
    try {
      return await others.fetched;
    } catch (error) {
      // The call that fetched had a shorter time limit than this one.
      if (error instanceof EKSAuthError && error.code === 'TIMEOUT') return this.get(parts, now, fetch, urgency);
      throw error;
    } finally {
      leave();
    }
  }

  async #fetch(key: string, now: () => Date, fetch: () => Promise<Fetched>, urgency: Urgency): Promise<Fetched> {
    const pending = { fetched: fetch(), urgency };
    this.#pending.set(key, pending);
    try {
      const fetched = await pending.fetched;
      const { credentials } = fetched;
      for (const [old, { expiresAt }] of this.#living) if (!expiresAt || expiresAt < now()) this.#living.delete(old);
      if (livesOn(credentials, now())) this.#living.set(key, credentials);
      return fetched;
    } finally {
      this.#pending.delete(key);
    }
  }
}

function livesOn({ expiresAt }: Credentials, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() - now.getTime() >= SHARING_MARGIN_MS;
}
