/**
 * A store that the machines of a fleet share, on an engine of yours. It sees sealed bytes under names that say nothing,
 * and is never trusted: whatever it does costs a mint, never an identity and never a failure. Each call has a time limit.
 */
export interface TokenStore {
  /** The value of this name. Undefined where there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Stores a value and drops it after `lifeMs` milliseconds. */
  set(name: string, value: Uint8Array, lifeMs: number): Promise<unknown>;
  /**
   * Marks the name for `lifeMs` milliseconds, unless it is marked. A mark is never given back, it ends. Without this
   * method machines that start in step mint the same token several times.
   * @returns whether the name was not marked before
   */
  claim?(name: string, lifeMs: number): Promise<boolean>;
}

/** What the members of a fleet know and the store does not: at least 32 bytes, best 32 random ones. */
export type FleetSecret = string | Uint8Array;

/** A fleet: machines that share EKS tokens, and never credentials, through a store. */
export interface FleetOptions {
  /** The same for all members: letters, digits, `.`, `_` and `-`, at most 64. It is part of the names in the store. */
  readonly name: string;
  /** Where sealed tokens lie. `ekspress/valkey` makes one of a client for Valkey or Redis. */
  readonly store: TokenStore;
  /**
   * At least 32 bytes, or a function that reads them (a file, a call of KMS): it is asked again each minute. Members with
   * another secret are another fleet.
   */
  readonly secret: FleetSecret | (() => FleetSecret | Promise<FleetSecret>);
  /**
   * Whose clusters these are. Tokens made with `credentials` of the caller are shared only where both this name and
   * `identityKey` are given.
   */
  readonly tenant?: string;
}

/** What a fleet answered: `hit` was taken, `foreign` did not open or did not fit, `failed` and `paused` tell of the store. */
export type FleetLookup = 'hit' | 'miss' | 'foreign' | 'failed' | 'paused';
