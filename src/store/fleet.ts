import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../host.ts';
import { Breaker } from './breaker.ts';
import { FleetCounts, noteCounts } from './fleet-activity.ts';
import type { SealedFor } from './seal.ts';
import { SealKeys } from './seal-keys.ts';
import type { FleetLookup, FleetOptions, TokenStore } from './token-store.ts';
import { withinTime } from './within-time.ts';

/** A value of a store longer than this is not ours. A server accepts at most 4096 bytes of token. */
const MAX_BYTES = 65_536;
/** How long a claim keeps the other members from making the same thing. */
const CLAIM_MS = 5_000;
/** How long a member waits for the result of another member's claim, and how often it asks the store meanwhile. */
const WAIT_MS = 2_000;
const LOOK_MS = { first: 25, last: 200 };

/** What was found, or why nothing was. */
export type Found<T> =
  | { readonly kind: 'hit'; readonly value: T }
  | { readonly kind: Exclude<FleetLookup, 'hit'>; readonly value?: undefined };

/** Something that one member of a fleet makes for all. */
export interface Shared<T> {
  readonly what: SealedFor;
  /** Reads the text of an opened value. Undefined if it is not good enough. Never throws. */
  readonly read: (text: string) => T | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One member of a fleet. No method fails: any failure of a store is an answer without a value. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #keys: SealKeys;
  readonly #logger: Logger;
  /** One breaker for each method: a store may answer one method and not another. */
  readonly #breakers: Readonly<Record<keyof TokenStore, Breaker>>;
  readonly #waits: Breaker = new Breaker();
  readonly #counts: FleetCounts;

  constructor(options: FleetOptions, logger: Logger) {
    this.#options = options;
    this.#keys = new SealKeys(options);
    this.#logger = logger;
    const breaker = (method: keyof TokenStore) =>
      new Breaker((forMs) => {
        const seconds = Math.round(forMs / 1000);
        logger.warn('the store of the fleet is left alone', { fleet: options.name, method, seconds });
      });
    const breakers = { get: breaker('get'), claim: breaker('claim'), set: breaker('set') };
    this.#breakers = breakers;
    const methods = ['get', 'claim', 'set'] as const;
    this.#counts = new FleetCounts(() => methods.filter((method) => breakers[method].isPaused));
    noteCounts(options, this.#counts);
  }

  /** Finds what another member has made. */
  async find<T>({ what, read }: Shared<T>): Promise<Found<T>> {
    const { store } = this.#options;
    const answer = await this.#ask('get', async () => {
      const seal = await this.#keys.seal();
      const value: unknown = await store.get(this.#nameOf(seal.nameOf(what)));
      if (value === undefined || value === null) return 'none';
      if (!(value instanceof Uint8Array)) throw new Error('the value is not bytes');
      return { seal, value: value.length > MAX_BYTES ? new Uint8Array() : new Uint8Array(value) };
    });
    if (typeof answer === 'string') return { kind: answer === 'none' ? 'miss' : answer };
    const { seal, value } = answer;
    const text = seal.open(what, value);
    const usable = text === undefined ? undefined : read(text);
    if (usable !== undefined) return { kind: 'hit', value: usable };
    return { kind: text === undefined ? 'foreign' : 'miss' };
  }

  /**
   * Claims the right to make something. If another member has the claim, waits for its result.
   * @returns the result of another member, or undefined if the caller must make it
   */
  async claimOrWait<T>(shared: Shared<T>): Promise<T | undefined> {
    const claimed = await this.#claim(shared.what);
    if (claimed === 'won' || claimed === 'lost') this.#counts.claims[claimed] += 1;
    if (claimed !== 'lost' || this.#waits.state === 'paused') return undefined;
    const until = performance.now() + WAIT_MS;
    for (let pause = LOOK_MS.first; performance.now() < until; pause = Math.min(pause * 2, LOOK_MS.last)) {
      await sleep(pause, undefined, { ...(shared.signal && { signal: shared.signal }) }).catch(() => undefined);
      const found = shared.signal?.aborted ? undefined : await this.find(shared);
      if (found === undefined || found.kind === 'failed' || found.kind === 'paused') {
        this.#waits.failed(0);
        this.#counts.waits.gaveUp += 1;
        return undefined;
      }
      if (found.kind !== 'hit') continue;
      this.#waits.succeeded();
      this.#counts.waits.taken += 1;
      return found.value;
    }
    this.#waits.failed(1);
    this.#counts.waits.gaveUp += 1;
    return undefined;
  }

  /**
   * Claims the right to make something that this member does not need itself. Without claims in the store any member may.
   * @returns whether the caller makes it
   */
  async claimForOthers(what: SealedFor): Promise<boolean> {
    const claimed = await this.#claim(what);
    const isOurs = claimed === 'won' || claimed === 'unknown';
    if (isOurs) this.#counts.claims.ahead += 1;
    return isOurs;
  }

  /** Counts what this member leaves to the others for now. */
  leave(): void {
    this.#counts.claims.left += 1;
  }

  /** Hands something to the other members. The caller need not wait for it. */
  async put(what: SealedFor, text: string, lifeMs: number): Promise<void> {
    await this.#ask('set', async () => {
      const seal = await this.#keys.seal();
      await this.#options.store.set(this.#nameOf(seal.nameOf(what)), seal.seal(what, text), Math.ceil(lifeMs));
      return 'none';
    });
  }

  async #claim(what: SealedFor): Promise<'won' | 'lost' | 'unknown' | 'failed' | 'paused'> {
    const { store } = this.#options;
    if (store.claim === undefined) return 'unknown';
    return this.#ask('claim', async () => {
      const seal = await this.#keys.seal();
      const won: unknown = await store.claim?.(`${this.#nameOf(seal.nameOf(what))}:claim`, CLAIM_MS);
      if (typeof won !== 'boolean') throw new Error('the answer to a claim is neither true nor false');
      return won ? ('won' as const) : ('lost' as const);
    });
  }

  #nameOf(name: string): string {
    return `ekspress:1:${this.#options.name}:${name}`;
  }

  async #ask<T>(method: keyof TokenStore, question: () => Promise<T>): Promise<T | 'failed' | 'paused'> {
    const { state } = this.#breakers[method];
    if (state === 'closed') return this.#askNow(method, question);
    // This call tests whether the store is back. No caller waits for it.
    if (state === 'try') void this.#askNow(method, question);
    return 'paused';
  }

  async #askNow<T>(method: keyof TokenStore, question: () => Promise<T>): Promise<T | 'failed'> {
    const breaker = this.#breakers[method];
    const outcome = await withinTime(question);
    if (outcome.kind === 'answered') {
      if (outcome.late) breaker.failed(1);
      else breaker.succeeded();
      return outcome.value;
    }
    // Two silences or three failures open the breaker.
    this.#counts.failures[method] += 1;
    breaker.failed(outcome.kind === 'silent' ? 1.5 : 1);
    this.#logger.debug('the store of the fleet did not answer', { method, why: outcome.kind });
    return 'failed';
  }
}

const MEMBERS = new WeakMap<FleetOptions, Fleet>();

/** The member of these options: managers with the same object share its breaker and its secret. */
export function fleetOf(options: FleetOptions, logger: Logger): Fleet {
  const known = MEMBERS.get(options) ?? new Fleet(options, logger);
  MEMBERS.set(options, known);
  return known;
}
