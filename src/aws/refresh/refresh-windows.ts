/**
 * How long before its end a token is refreshed in the background: a random time in this range, so that the processes of
 * a fleet do not refresh at the same moment.
 */
const ADVISORY_WINDOW_MS = { from: 3 * 60_000, to: 7 * 60_000 };
/** How long before its end calls wait for a new token. */
const MANDATORY_WINDOW_MS = 60_000;
/** A window is at most this share of a token's life, so that a token with a short life is not replaced at each call. */
const WINDOW_SHARE = { advisory: 0.5, mandatory: 0.2 };
/** When a refresh that is left to another machine is tried again, and how much life the token must have for that. */
const LOOK_LATER_MS = { from: 20_000, to: 60_000, left: 200_000 };
/** The pause after a failure. It doubles with each further failure, up to `last`. */
const BACK_OFF_MS = { first: 5_000, last: 120_000 };

/** When a refresh is due, and from when on calls wait for it, in milliseconds of the wall clock. */
export interface RefreshWindows {
  readonly refreshAt: number;
  readonly waitFrom: number;
}

/** When to replace a token. A token that was adopted late in its life is replaced no later than one that was minted here. */
export function refreshWindows({ mintedAt, expiresAt }: { mintedAt: Date; expiresAt: Date }): RefreshWindows {
  const end = expiresAt.getTime();
  const life = end - mintedAt.getTime();
  const { from, to } = ADVISORY_WINDOW_MS;
  return {
    refreshAt: end - Math.min(from + Math.random() * (to - from), life * WINDOW_SHARE.advisory),
    waitFrom: end - Math.min(MANDATORY_WINDOW_MS, life * WINDOW_SHARE.mandatory),
  };
}

/** Whether a token that ends at this moment lives long enough to look later. */
export function canLookLater(end: number, now: number): boolean {
  return end - now > LOOK_LATER_MS.left;
}

/** How long to wait before the next look. */
export function lookLaterMs(): number {
  return LOOK_LATER_MS.from + Math.random() * (LOOK_LATER_MS.to - LOOK_LATER_MS.from);
}

/**
 * How long to wait after a failure. The random factor is wide, because an outage brings the processes of a fleet into
 * step.
 * @param failuresBefore how many failures came directly before this one
 */
export function backOffMs(failuresBefore: number): number {
  return Math.min(BACK_OFF_MS.first * 2 ** failuresBefore, BACK_OFF_MS.last) * (0.25 + Math.random());
}
