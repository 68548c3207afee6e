import type { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Host, hostFrom } from '../../host.ts';
import { checkOptions } from '../../options/check-options.ts';
import { MintMemory } from '../context/mint-memory.ts';
import { LeftToOthers } from '../left-to-others.ts';
import { RefreshFailures } from '../refresh/refresh-failures.ts';
import { type RefreshTicker, TICKER_OF_PROCESS } from '../refresh/refresh-ticker.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import type { ClusterIdentity } from '../stanza/stanza.ts';
import { asAuthError, givenUp } from '../unexpected-failure.ts';
import { AttemptListeners } from './attempt-listeners.ts';
import { type AWSAuthProvider, checkOneSource, type TokenRequestOptions } from './auth-provider.ts';
import { configFrom } from './config-from.ts';
import { HeldToken, statusOf } from './held-token.ts';
import { obtainToken } from './obtain-token.ts';
import { invalidateGiven } from './provided-token.ts';
import { dropShared, sharedCacheOf } from './shared-entry.ts';
import type { Token } from './token.ts';
import type { TokenManagerOptions, TokenStatus } from './token-provider.ts';
import type { ObtainRequest } from './token-request.ts';
import { checkRequest, NO_OPTIONS, TOKEN_MANAGER_SCHEMA } from './token-schemas.ts';
import { Waiters } from './waiters.ts';

/**
 * The tokens of one cluster, with the semantics of a readers-writer lock: readers of a valid token never wait, not even
 * while a refresh runs; there is one writer; readers of an expired token wait for it.
 * @example
 * ```ts
 * import { TokenManager } from 'ekspress';
 *
 * using manager = new TokenManager({ clusterName: 'dev', region: 'us-east-1' });
 * manager.startAutoRefresh();
 * const { token, expiresAt } = await manager.getValidToken();
 * console.log(token.length, expiresAt.toISOString());
 * ```
 */
export class TokenManager implements AWSAuthProvider, Disposable {
  readonly #config: EKSAuthConfig;
  readonly #host: Host;
  readonly #options: TokenManagerOptions;
  readonly #cache: TokenCache | undefined = undefined;
  readonly #ticker: RefreshTicker;
  readonly #request: ObtainRequest;
  #held: HeldToken | undefined;
  #writer: Promise<Token> | undefined;
  #forced: Promise<Token> | undefined;
  #underWay: AbortController | undefined;
  readonly #waiters = new Waiters((reason) => this.#giveUp(reason));
  #refused: string | undefined;
  readonly #failures = new RefreshFailures();
  #leaveTicker: (() => void) | undefined;
  #closed: (() => EKSAuthError) | undefined;
  readonly #counts = { mint: 0, exec: 0, cache: 0, fleet: 0, provider: 0, failed: 0, joined: 0, refused: 0 };

  /**
   * @param cluster the result of a parser, or a cluster by its name
   * @throws EKSAuthError INVALID_CONFIG
   */
  constructor(cluster: EKSAuthConfig | ClusterIdentity, options: TokenManagerOptions = {}) {
    checkOptions('TokenManager', options, TOKEN_MANAGER_SCHEMA);
    this.#config = configFrom(cluster);
    this.#options = options;
    this.#host = hostFrom(options);
    this.#ticker = options.ticker ?? TICKER_OF_PROCESS;
    checkOneSource(options);
    if (options.authProvider === undefined) this.#cache = sharedCacheOf(options, this.#host, this.#config.encrypt);
    const { execPolicy = 'allow', execTimeoutMs, mfaCode, fleet, memory = new MintMemory() } = options;
    const own = { config: this.#config, host: this.#host, cache: this.#cache, fleet, memory, given: options };
    this.#request = { ...own, execPolicy, execTimeoutMs, mfaCode, stdio: 'captured', caller: 'own' };
  }

  /**
   * A token that is valid now: the one in memory, else the one that another process shared, else a new one.
   * @throws EKSAuthError the reason why there is no token, such as SESSION_EXPIRED or NO_CREDENTIALS; TIMEOUT where `stop()` ends the wait
   */
  async getValidToken(options: TokenRequestOptions = NO_OPTIONS): Promise<Token> {
    checkRequest('getValidToken', options);
    this.#throwIfDone(options.signal);
    const held = this.#held;
    if (held !== undefined) {
      const now = this.#host.now().getTime();
      if (held.isFresh(now)) {
        if (held.isDue(now) && !this.#failures.backingOff(now)) void this.#refresh();
        return held.token;
      }
      if (this.#failures.justFailed(now) && held.isAlive(now) && !held.isFromTheFuture(now)) return held.token;
    }
    try {
      return await this.#waiters.wait(this.#write(false), options);
    } catch (error) {
      // While the old token lives, a failed refresh is reported and the old token served.
      if (this.#held?.isAlive(this.#host.now().getTime()) && error instanceof EKSAuthError) return this.#held.token;
      throw error;
    }
  }

  /** The same as {@link TokenManager.getValidToken}. */
  getToken(options?: TokenRequestOptions): Promise<Token> {
    return this.getValidToken(options);
  }

  /**
   * A token minted after this call, whatever memory and the shared cache hold. Concurrent calls share one mint.
   * @throws EKSAuthError as {@link TokenManager.getValidToken}, also while an older token is valid: SESSION_EXPIRED, NETWORK, …
   */
  async refreshToken(options: TokenRequestOptions = NO_OPTIONS): Promise<Token> {
    checkRequest('refreshToken', options);
    this.#throwIfDone(options.signal);
    return this.#waiters.wait(this.#write(true), options);
  }

  /** Forgets exactly this token, which a server has refused, here and in the shared cache. A newer token stays. */
  async invalidate(token: string): Promise<void> {
    if (this.#refused !== token) this.#counts.refused += 1;
    this.#refused = token;
    if (this.#held?.obtained.token === token) this.#held = undefined;
    await invalidateGiven(this.#options, token, this.#host.logger);
    await dropShared(this.#request, token);
  }

  /** Keeps the token fresh ahead of time from its first use on, by one timer that holds no process open. */
  startAutoRefresh(): void {
    if (!this.#closed)
      this.#leaveTicker ??= this.#ticker.enrol({
        isDue: () => {
          const now = this.#host.now().getTime();
          return this.#held?.isDue(now) === true && !this.#failures.backingOff(now);
        },
        refresh: () => this.#refresh(),
      });
  }

  /** Leaves the timer and ends what is under way, with TIMEOUT for waiting calls. The manager may be used again. */
  stop(): void {
    this.#giveUp(new Error('the token manager was stopped'));
    this.#leaveTicker?.();
    this.#leaveTicker = undefined;
  }

  /** The same as {@link TokenManager.stop}, for `using`. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** @internal Stops it for good: each later call for a token fails with this error. */
  close(reason: () => EKSAuthError): void {
    this.#closed = reason;
    this.stop();
    this.#held = undefined;
  }

  /** A snapshot for dashboards and logs. */
  status(): TokenStatus {
    const kept = statusOf(this.#held, this.#failures.last, this.#host.now().getTime());
    return { ...kept, refreshing: this.#writer !== undefined, counts: { ...this.#counts } };
  }

  /**
   * The one writer. A forced write waits for one that runs (which may have taken an older token from the cache) and
   * then mints; calls that ask for it meanwhile share it.
   */
  #write(fresh: boolean): Promise<Token> {
    const joined = fresh ? this.#forced : this.#writer;
    if (joined !== undefined) {
      this.#counts.joined += 1;
      return joined;
    }
    if (!fresh) return this.#start(false);
    const forced: Promise<Token> = this.#startAfterWriter(() => this.#forced === forced);
    this.#forced = forced;
    return forced;
  }

  async #startAfterWriter(isWanted: () => boolean): Promise<Token> {
    do await this.#writer?.catch(() => undefined);
    while (this.#writer !== undefined && isWanted());
    if (!isWanted()) throw givenUp(new Error('the token manager was stopped'), this.#closed);
    // A call from here on asks for a mint after this one.
    this.#forced = undefined;
    return this.#start(true);
  }

  #start(fresh: boolean): Promise<Token> {
    const writer = this.#obtain(fresh).finally(() => {
      if (this.#writer === writer) this.#writer = undefined;
    });
    this.#writer = writer;
    return writer;
  }

  /** Background refresh. */
  async #refresh(): Promise<void> {
    if (this.#writer === undefined)
      await this.#waiters.wait(this.#write(false), { ahead: true }).catch(() => undefined);
  }

  /** Drops the pending work; the next call starts over. */
  #giveUp(reason: unknown): void {
    this.#underWay?.abort(reason);
    this.#underWay = undefined;
    this.#writer = undefined;
    this.#forced = undefined;
  }

  async #obtain(fresh: boolean): Promise<Token> {
    const underWay = new AbortController();
    this.#underWay = underWay;
    const urgency = this.#waiters.attempt();
    const listeners = new AttemptListeners(this.#options, this.#host.logger, this.#cache !== undefined && !fresh);
    try {
      // The held token is about to be replaced: the cache must give a newer one.
      const newerThan = this.#held?.mintedBy(this.#host.now().getTime());
      const canLookLater = async () => (await this.#held?.canLookLater(this.#host.now().getTime())) === true;
      const asked = { fresh, refused: this.#refused, newerThan, canLookLater, signal: underWay.signal, urgency };
      const obtained = await obtainToken({ ...this.#request, ...asked });
      if (this.#closed) throw this.#closed();
      const isRepeated = this.#held?.isRepeatedBy(obtained);
      const held = new HeldToken(obtained);
      this.#held = held;
      this.#failures.clear();
      if (isRepeated) return held.token;
      this.#counts[obtained.via] += 1;
      listeners.refreshed(held.token, obtained);
      return held.token;
    } catch (cause) {
      if (underWay.signal.aborted) throw givenUp(underWay.signal.reason, this.#closed);
      if (cause instanceof LeftToOthers) {
        // Meanwhile a call may have begun to wait, or a server may have refused the held token.
        if (this.#held === undefined || urgency.isRaised) return this.#obtain(false);
        this.#failures.lookLater(this.#host.now().getTime());
        return this.#held.token;
      }
      const error = asAuthError(cause);
      // A token of an earlier configuration is not a fallback for the present one.
      if (this.#held && !(await this.#held.obtained.isCurrent())) this.#held = undefined;
      this.#counts.failed += 1;
      this.#failures.record(error, this.#host.now().getTime());
      listeners.failed(error);
      throw error;
    } finally {
      if (this.#underWay === underWay) this.#underWay = undefined;
    }
  }

  #throwIfDone(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed();
  }
}
