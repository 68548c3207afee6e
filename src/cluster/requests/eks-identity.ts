import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { profileInForce } from '../../aws/stanza/profile-in-force.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import type { TokenManagerOptions } from '../../aws/token/token-provider.ts';
import type { EKSAuthError } from '../../errors.ts';
import { hostFrom } from '../../host.ts';

/** The EKS config of a cluster with its TokenManager, made on first use since most clusters of a fleet are idle. */
export class EKSIdentity {
  readonly config: EKSAuthConfig;
  readonly #makeOptions: () => TokenManagerOptions;
  #options: TokenManagerOptions | undefined;
  #tokens: TokenManager | undefined;
  #closed: (() => EKSAuthError) | undefined;

  constructor(config: EKSAuthConfig, options: () => TokenManagerOptions) {
    this.config = config;
    this.#makeOptions = options;
  }

  /** The options of its tokens. */
  get options(): TokenManagerOptions {
    this.#options ??= this.#makeOptions();
    return this.#options;
  }

  /** The AWS profile of the tokens; undefined where the caller provides credentials or tokens, or no profile is set. */
  get profile(): string | undefined {
    return this.findsCredentials ? profileInForce(this.config, hostFrom(this.options).env) : undefined;
  }

  /** Whether the credentials are those that the AWS CLI would find, and not the caller's. */
  get findsCredentials(): boolean {
    const { credentials, authProvider } = this.options;
    return credentials === undefined && authProvider === undefined;
  }

  /** The first use starts the background refresh. */
  get tokens(): TokenManager {
    if (this.#tokens === undefined) {
      this.#tokens = new TokenManager(this.config, this.options);
      if (this.#closed) this.#tokens.close(this.#closed);
      else this.#tokens.startAutoRefresh();
    }
    return this.#tokens;
  }

  /** Ends the background refresh. */
  stop(): void {
    this.#tokens?.stop();
  }

  /** Every later request for a token fails with this reason. */
  close(reason: () => EKSAuthError): void {
    this.#closed = reason;
    this.#tokens?.close(reason);
  }
}
