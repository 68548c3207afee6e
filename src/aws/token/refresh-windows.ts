/** From here on before the end a new token is fetched in the background; jittered, so that a fleet does not move as one. */
const ADVISORY_WINDOW_MS = { from: 3 * 60_000, to: 7 * 60_000 };
/** From here on before the end callers wait for a new token. */
const MANDATORY_WINDOW_MS = 60_000;
/** No window is longer than this share of a token's life, so that one that was born short is not minted at each call. */
const WINDOW_SHARE = { advisory: 0.5, mandatory: 0.2 };
/** After failures: twice as long each time, up to the second figure. */
const BACK_OFF_MS = { first: 5_000, last: 120_000 };

/** Wall-clock milliseconds from which on a refresh is due, and from which on callers wait for it. */
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

/**
 * How long to wait after a failure that was preceded by so many in a row; jittered widely, as an outage has brought the
 * fleet into step.
 */
export function backOffMs(failuresBefore: number): number {
  return Math.min(BACK_OFF_MS.first * 2 ** failuresBefore, BACK_OFF_MS.last) * (0.25 + Math.random());
}
