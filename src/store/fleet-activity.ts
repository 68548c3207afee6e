import type { FleetOptions, TokenStore } from './token-store.ts';

/** What one member of a fleet and its store have done, since the start. */
export interface FleetActivity {
  /** Claims to make a token for all: `won` by this process, `lost` to another member, `left` to the others, or made `ahead`. */
  readonly claims: {
    /** This process made the token. */
    readonly won: number;
    /** Another member had the claim. */
    readonly lost: number;
    /** This process did not claim: it would have called AssumeRole, and its token lived on for a while. */
    readonly left: number;
    /** This process made a token that it did not need itself yet: it had just got credentials of the role. */
    readonly ahead: number;
  };
  /** Waits for the token of the member that had the claim. */
  readonly waits: {
    /** Its token was taken. */
    readonly taken: number;
    /** No token came in time, so this process made its own. */
    readonly gaveUp: number;
  };
  /** Questions that the store has not answered or has answered with nonsense, by its methods. */
  readonly failures: Readonly<Record<keyof TokenStore, number>>;
  /** The methods of the store that are left alone now, after failures in a row. */
  readonly paused: readonly (keyof TokenStore)[];
}

/** Counts what a member of a fleet does. */
export class FleetCounts {
  readonly claims = { won: 0, lost: 0, left: 0, ahead: 0 };
  readonly waits = { taken: 0, gaveUp: 0 };
  readonly failures = { get: 0, set: 0, claim: 0 };
  readonly #pausedNow: () => readonly (keyof TokenStore)[];

  constructor(pausedNow: () => readonly (keyof TokenStore)[]) {
    this.#pausedNow = pausedNow;
  }

  activity(): FleetActivity {
    return {
      claims: { ...this.claims },
      waits: { ...this.waits },
      failures: { ...this.failures },
      paused: this.#pausedNow(),
    };
  }
}

const COUNTS = new WeakMap<FleetOptions, FleetCounts>();

/** The counts of the member of these options are read without the modules of a fleet, which are loaded when a token is needed. */
export function noteCounts(options: FleetOptions, counts: FleetCounts): void {
  COUNTS.set(options, counts);
}

export function fleetActivityOf(options: FleetOptions): FleetActivity {
  return (COUNTS.get(options) ?? new FleetCounts(() => [])).activity();
}
