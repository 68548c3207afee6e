import type { Machine } from '../../src/cache/entry/machine.ts';

/** Where one case takes place: a home with AWS files and a cache, made for it alone. */
export interface HitWorld {
  readonly root: string;
  readonly home: string;
  /** The directory of the entries, and the entry that was stored. */
  readonly directory: string;
  readonly entry: string;
  /** `~/.aws/credentials`: there, and an hour old. */
  readonly credentials: string;
  /** `~/.aws/config`: absent. */
  readonly config: string;
}

/** What was stored; defaults: a token of now, minted in-process for the words and variables of the question. */
export interface HitMint {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly secondsAgo?: number;
  /** Seconds that clients are told; default 840. */
  readonly life?: number;
  readonly command?: string;
  readonly unattended?: boolean;
  readonly hostBound?: boolean;
  /** What the machine of the writer had of its own; the rest is this machine's. */
  readonly machine?: { [K in keyof Machine]?: Machine[K] | undefined };
  /** Further files that were read, below the home. */
  readonly sources?: readonly string[];
  /** The mint asked a server. */
  readonly network?: boolean;
  /** Names of variables that a path brought in. */
  readonly expanded?: readonly string[];
  /** Names of programs that were looked for on PATH. */
  readonly programs?: readonly string[];
  /** Done to the world before the sources are read. */
  readonly before?: (world: HitWorld) => void;
}

/**
 * One question to the cache and its answer: `hit` and `miss` by every reader; `node` where Node hits and the script has
 * to leave the decision to it. In words and variables `{home}` stands for the home.
 */
export interface HitCase {
  readonly title: string;
  readonly verdict: 'hit' | 'miss' | 'node';
  /** Why not, as Node says; undefined for a hit. */
  readonly reason?: string;
  /** Why not, as the script says, where it differs. */
  readonly scriptReason?: string | readonly string[];
  readonly words?: readonly string[];
  /** Over HOME, which is always set. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stored?: HitMint;
  /** Done between the mint and the question. */
  readonly after?: (world: HitWorld) => void;
  /** What a hit has to print; default v1beta1. */
  readonly apiVersion?: 'v1' | 'v1beta1';
  /** Needs root, to act as another user. */
  readonly asRoot?: boolean;
}
