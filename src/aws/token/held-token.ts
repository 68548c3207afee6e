import type { EKSAuthError } from '../../errors.ts';
import { canLookLater, refreshWindows } from '../refresh/refresh-windows.ts';
import { Token } from './token.ts';
import type { TokenStatus } from './token-provider.ts';
import type { ObtainedToken } from './token-request.ts';

/** If the wall clock was set back by more than this, the token comes from the future and is minted again. */
const CLOCK_TOLERANCE_MS = 2_000;

/** The token that a manager hands out, compared with the wall clock. `now` is in milliseconds. */
export class HeldToken {
  readonly token: Token;
  readonly obtained: ObtainedToken;
  readonly #refreshAt: number;
  readonly #waitFrom: number;

  constructor(obtained: ObtainedToken) {
    this.token = new Token(obtained.token, obtained.expiresAt);
    this.obtained = obtained;
    const { refreshAt, waitFrom } = refreshWindows(obtained);
    this.#refreshAt = refreshAt;
    this.#waitFrom = waitFrom;
  }

  /** Whether a provider of the caller has handed out the same token again. */
  isRepeatedBy({ via, token }: ObtainedToken): boolean {
    return via === 'provider' && token === this.obtained.token;
  }

  /** Whether it may still be used as a fallback, if there is no newer one. */
  isAlive(now: number): boolean {
    return now < this.obtained.expiresAt.getTime();
  }

  /** Whether it is time to look for the next one in the background. */
  isDue(now: number): boolean {
    return now >= this.#refreshAt;
  }

  /** Whether calls need not wait for the next one yet. */
  isFresh(now: number): boolean {
    return now < this.#waitFrom && !this.isFromTheFuture(now);
  }

  /** Whether the next one can be left to another machine for now. */
  async canLookLater(now: number): Promise<boolean> {
    const { expiresAt, isCurrent } = this.obtained;
    return canLookLater(expiresAt.getTime(), now) && !this.isFromTheFuture(now) && (await isCurrent());
  }

  /** When it was signed; undefined where the clock says that it has not been yet. */
  mintedBy(now: number): Date | undefined {
    return this.isFromTheFuture(now) ? undefined : this.obtained.mintedAt;
  }

  /** Whether the clock has been set back since. */
  isFromTheFuture(now: number): boolean {
    return now < this.obtained.mintedAt.getTime() - CLOCK_TOLERANCE_MS;
  }
}

/** What a manager says of its token and of its last failure. */
export function statusOf(
  held: HeldToken | undefined,
  lastError: EKSAuthError | undefined,
  now: number,
): Omit<TokenStatus, 'refreshing' | 'counts'> {
  const state = held?.isAlive(now) ? 'valid' : lastError ? 'failed' : held ? 'expired' : 'empty';
  return {
    state,
    ...(held && { expiresAt: held.obtained.expiresAt, source: held.obtained.via }),
    ...(lastError && { lastError }),
  };
}
