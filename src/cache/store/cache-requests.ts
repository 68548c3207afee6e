import type { EKSAuthError } from '../../errors.ts';
import type { Environment, Logger } from '../../host.ts';
import type { SealKeys } from '../../store/seal-keys.ts';
import type { WaitOptions } from '../directory/exclusively.ts';
import type { FailureKind } from '../entry/failure.ts';
import type { Machine } from '../entry/machine.ts';
import type { CachedToken } from '../entry/shared-token.ts';

/** What {@link TokenCache.read} found. */
export type CacheRead =
  | { readonly hit: true; readonly entry: CachedToken }
  | { readonly hit: false; readonly reason: string };

/** A failure to get a token. */
export interface StoredFailure {
  readonly error: EKSAuthError;
  /** For how many seconds it is remembered. */
  readonly seconds: number;
  /** The command word, if that command failed. */
  readonly command?: string;
  /** The process that asked, if it has a name. */
  readonly asker?: string | undefined;
}

/** A failure that the cache remembers. */
export interface RememberedFailure {
  readonly failure: FailureKind;
  /** One line for the user, with the remedy. */
  readonly message: string;
  /** The processes that have asked and failed. */
  readonly askers: readonly string[];
  /** The line of the file: another attempt has another one. */
  readonly line: string;
}

/** The facts about a reader of the cache. */
export interface CacheReader {
  /** The command word that runs if there is no entry. */
  readonly command: string;
  readonly marginSeconds: number;
  /** The environment of the command: that of the process, overridden by the stanza's `env`. */
  readonly env: Environment;
}

/** Where a cache lies, and how. */
export interface TokenCacheOptions extends WaitOptions {
  readonly directory: string;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Default: the machine that this process runs on. */
  readonly machine?: () => Promise<Machine>;
  /** The keys of sealed entries. Default: entries are plain, as sh reads them. */
  readonly keys?: SealKeys | undefined;
}
