import type { EntryKey } from '../../cache/sealed/cache-keys.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { HostOptions } from '../../host.ts';
import type { FleetLookup, FleetOptions } from '../../store/token-store.ts';
import type { MintMemory } from '../context/mint-memory.ts';
import type { RefreshTicker } from '../refresh/refresh-ticker.ts';
import type { GivenProvider } from './auth-provider.ts';
import type { GivenCredentials } from './given-credentials.ts';
import type { Token } from './token.ts';
import type { ExecPolicy, TokenSource } from './token-request.ts';

/** Facts about one refresh, successful or failed. */
export interface RefreshFacts {
  /** From asking to the outcome, the wait for other processes included, in milliseconds. */
  readonly durationMs: number;
  /** What the shared cache said; absent where it was not asked (`cache: false`, a forced refresh). */
  readonly lookup?: 'hit' | 'miss';
  /** What the fleet said; absent where it was not asked, or no token was obtained. */
  readonly fleet?: FleetLookup;
}

/** Options of {@link TokenManager} and {@link getEKSToken}. */
export interface TokenManagerOptions extends HostOptions, GivenCredentials, GivenProvider {
  /**
   * The disk cache shared with kubectl. Default: the directory of `EKSPRESS_CACHE_DIR`, else `EKS_TOKEN_CACHE_DIR`, else the
   * folder of `K8S_TOKEN_CACHE_FILE`, else `eks-tokens` in `KUBECACHEDIR`, else `~/.kube/cache/eks-tokens`. `false`: memory only.
   */
  readonly cache?:
    | false
    | {
        /** An absolute path; made where it does not exist, readable by its owner alone. */
        readonly directory?: string | undefined;
        /**
         * Encrypts what this process keeps there, with at least 32 bytes, or a function that reads them (a file, a call of
         * KMS), which is asked again each minute. Only processes with the same key share entries then: for kubectl, the file
         * that `ekspress apply --encrypt` names. Nothing is written to the caches of the AWS CLI. Default: what the
         * kubeconfig says, else plain entries.
         */
        readonly key?: EntryKey | undefined;
      }
    | undefined;
  /** Machines that share tokens through a store. Default: none. */
  readonly fleet?: FleetOptions | undefined;
  /** Whether the kubeconfig's own command may be run where the identity cannot be decided in-process. Default: `allow`. */
  readonly execPolicy?: ExecPolicy | undefined;
  /** How long the kubeconfig's own command may take, in milliseconds. Default: 60,000. */
  readonly execTimeoutMs?: number | undefined;
  /**
   * Asks a person for the current code of an MFA device, given its serial number or ARN, for profiles with `mfa_serial`.
   * Default: where the AWS CLI has no session of that role on disk, the kubeconfig's own command has to ask.
   */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  /** Called after each token that was newly obtained. Its errors are logged. Default: none. */
  readonly onRefreshed?: ((token: Token, source: TokenSource, facts: RefreshFacts) => void) | undefined;
  /** Called when a token could not be obtained, also where an older one is still served. Default: none. */
  readonly onRefreshFailed?: ((error: EKSAuthError, facts: RefreshFacts) => void) | undefined;
  /** @internal The one timer that `startAutoRefresh` enrols in. Default: that of the process. */
  readonly ticker?: RefreshTicker | undefined;
  /** @internal What mints of this process share. Default: nothing. */
  readonly memory?: MintMemory | undefined;
}

/** What a `TokenManager` has done since it was made. */
export interface TokenCounts {
  /** Tokens signed in-process. */
  readonly mint: number;
  /** Tokens printed by the original command. */
  readonly exec: number;
  /** Tokens taken from the shared cache. */
  readonly cache: number;
  /** Tokens that another machine of the fleet made. */
  readonly fleet: number;
  /** Tokens of the `authProvider` that was given. */
  readonly provider: number;
  /** Attempts that ended without a token. */
  readonly failed: number;
  /** Calls that waited for an attempt which another call had begun. */
  readonly joined: number;
  /** Tokens given back through `invalidate`. */
  readonly refused: number;
}

/** What a `TokenManager` holds and has done. Holds no secret. */
export interface TokenStatus {
  /** `empty` before the first token, `valid`, `expired`, or `failed` where the last attempt failed and no token lives. */
  readonly state: 'empty' | 'valid' | 'expired' | 'failed';
  /** Of the token held. */
  readonly expiresAt?: Date;
  /** Where the token held came from. */
  readonly source?: TokenSource;
  /** Whether a new one is being obtained now. */
  readonly refreshing: boolean;
  /** Of the last attempt, where it failed. */
  readonly lastError?: EKSAuthError;
  /** Since the manager was made. */
  readonly counts: TokenCounts;
}
