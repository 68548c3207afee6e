import type { EKSAuthError } from '../../errors.ts';
import type { Logger } from '../../host.ts';
import { callListener } from '../../system/call-listener.ts';
import type { Token } from './token.ts';
import type { RefreshFacts, TokenManagerOptions } from './token-provider.ts';
import type { ObtainedToken } from './token-request.ts';

/** Tells the listeners of a manager how one attempt ended. */
export class AttemptListeners {
  readonly #options: TokenManagerOptions;
  readonly #logger: Logger;
  readonly #looked: boolean;
  readonly #began: number = performance.now();

  /** @param looked whether the attempt looks into the shared cache */
  constructor(options: TokenManagerOptions, logger: Logger, looked: boolean) {
    this.#options = options;
    this.#logger = logger;
    this.#looked = looked;
  }

  refreshed(token: Token, { via, fleet }: ObtainedToken): void {
    const facts = { ...this.#facts(via === 'cache' ? 'hit' : 'miss'), ...(fleet && { fleet }) };
    callListener(this.#logger, () => this.#options.onRefreshed?.(token, via, facts));
  }

  failed(error: EKSAuthError): void {
    callListener(this.#logger, () => this.#options.onRefreshFailed?.(error, this.#facts('miss')));
  }

  #facts(lookup: 'hit' | 'miss'): RefreshFacts {
    return { durationMs: performance.now() - this.#began, ...(this.#looked && { lookup }) };
  }
}
