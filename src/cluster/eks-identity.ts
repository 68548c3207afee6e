import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import { profileInForce } from '../aws/profile-in-force.ts';
import { TokenManager } from '../aws/token-manager.ts';
import type { TokenManagerOptions } from '../aws/token-provider.ts';
import type { EKSAuthError } from '../errors.ts';
import { hostFrom } from '../host.ts';

/** Whose tokens go out. Their manager is made for the first who asks: most clusters of a fleet wait long for that. */
export class EKSIdentity {
  readonly config: EKSAuthConfig;
  readonly #options: TokenManagerOptions;
  #tokens: TokenManager | undefined;
  #closed: (() => EKSAuthError) | undefined;

  constructor(config: EKSAuthConfig, options: TokenManagerOptions) {
    this.config = config;
    this.#options = options;
  }

  /** Whose credentials make the tokens; undefined where the caller brings them, or no profile is named. */
  get profile(): string | undefined {
    return this.#options.credentials ? undefined : profileInForce(this.config, hostFrom(this.#options).env);
  }

  /** Kept fresh from their first use on. */
  get tokens(): TokenManager {
    if (this.#tokens === undefined) {
      this.#tokens = new TokenManager(this.config, this.#options);
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
