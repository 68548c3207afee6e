import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import type { TokenManager } from '../aws/token-manager.ts';
import type { EKSAuthError } from '../errors.ts';

/** Whose tokens go out. Their manager is made for the first who asks: most clusters of a fleet wait long for that. */
export class EKSIdentity {
  readonly config: EKSAuthConfig;
  readonly #make: (config: EKSAuthConfig) => TokenManager;
  #tokens: TokenManager | undefined;
  #closed: (() => EKSAuthError) | undefined;

  constructor(config: EKSAuthConfig, make: (config: EKSAuthConfig) => TokenManager) {
    this.config = config;
    this.#make = make;
  }

  /** Kept fresh from their first use on. */
  get tokens(): TokenManager {
    if (this.#tokens === undefined) {
      this.#tokens = this.#make(this.config);
      if (this.#closed) this.#tokens.close(this.#closed);
      else this.#tokens.startAutoRefresh();
    }
    return this.#tokens;
  }

  /** Refreshes no more. */
  stop(): void {
    this.#tokens?.stop();
  }

  /** Hands out no more tokens. */
  close(reason: () => EKSAuthError): void {
    this.#closed = reason;
    this.#tokens?.close(reason);
  }
}
