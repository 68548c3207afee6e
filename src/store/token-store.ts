/**
 * A store that the machines of a fleet share, on an engine of yours. It sees sealed bytes under names that reveal
 * nothing, and is never trusted: its failures can cost a mint, but never change an identity or make a call fail. Each
 * call has a time limit.
 */
export interface TokenStore {
  /** The value of this name. Undefined where there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Stores a value and drops it after `lifeMs` milliseconds. */
  set(name: string, value: Uint8Array, lifeMs: number): Promise<unknown>;
  /**
   * Marks the name for `lifeMs` milliseconds, unless it is marked. A mark is not removed, it expires. Without this
   * method, machines that start at the same time mint the same token several times.
   * @returns whether the name was not marked before
   */
  claim?(name: string, lifeMs: number): Promise<boolean>;
}

/**
 * The secret that the members of a fleet share and the store does not know: at least 32 bytes, preferably 32 random
 * ones.
 */
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
   * The tenant that owns the clusters. Tokens made with `credentials` of the caller are shared only if both this name
   * and `identityKey` are given. Default: none.
   */
  readonly tenant?: string | undefined;
}

/**
 * The answer of a fleet. `hit`: a token was taken. `miss`: there is none. `foreign`: a value could not be opened or did
 * not match. `failed` and `paused` describe the store.
 */
export type FleetLookup = 'hit' | 'miss' | 'foreign' | 'failed' | 'paused';
