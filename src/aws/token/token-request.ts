import type { TokenCache } from '../../cache/store/token-cache.ts';
import type { Host } from '../../host.ts';
import type { FleetLookup, FleetOptions } from '../../store/token-store.ts';
import type { MintMemory } from '../context/mint-memory.ts';
import type { Urgency } from '../gate/urgency.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import type { AWSAuthProvider } from './auth-provider.ts';
import type { Caller } from './caller.ts';
import type { GivenCredentials } from './given-credentials.ts';

/**
 * Which commands of a kubeconfig may be run: `allow`: any command that its users name. `eks-only`: none; EKS commands
 * get in-process tokens.
 */
export type ExecPolicy = 'allow' | 'eks-only';

/**
 * Where a token came from: the shared cache, our own signature, the kubeconfig's own command, another machine of the fleet, or
 * the `authProvider` that was given.
 */
export type TokenSource = 'cache' | 'mint' | 'exec' | 'fleet' | 'provider';

/** What the caller brings: keys, or a source of tokens. */
export interface Given extends GivenCredentials {
  readonly authProvider?: AWSAuthProvider | undefined;
}

/** The token that is wanted, and what may be done to get it. */
export interface ObtainRequest {
  readonly config: EKSAuthConfig;
  readonly host: Host;
  /** Absent: nothing is read from disk or written there. */
  readonly cache?: TokenCache | undefined;
  /** Absent: no other machine is asked. */
  readonly fleet?: FleetOptions | undefined;
  readonly execPolicy: ExecPolicy;
  readonly stdio: 'captured' | 'terminal';
  readonly execTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether a caller waits for the token. Absent: one does. */
  readonly urgency?: Urgency | undefined;
  /** What this process has parsed and asked already. */
  readonly memory?: MintMemory | undefined;
  /** Asks a person for the code of an MFA device. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  readonly given?: Given;
  /** Do not take the shared entry, whatever it holds. */
  readonly fresh?: boolean;
  /** Whether the token that is held is current and lives long enough to leave the next one to another machine for now. */
  readonly canLookLater?: (() => Promise<boolean>) | undefined;
  /** A token that a server has refused: an entry that holds it is a miss. */
  readonly refused?: string | undefined;
  /** Only an entry with a token that was minted later is a hit: whatever is older has been refused. */
  readonly newerThan?: Date | undefined;
  /**
   * Who asks; `own`: this process for itself. A failure that would repeat itself is then remembered for a while, and one that
   * is remembered is thrown. Absent: neither.
   */
  readonly caller?: Caller | 'own' | undefined;
}

/** A token, from wherever it came. */
export interface ObtainedToken {
  readonly token: string;
  readonly mintedAt: Date;
  /** The end that clients are told. */
  readonly expiresAt: Date;
  /** Whether `expiresAt` lies at least the refresh margin ahead: only then is the token shared on disk. */
  readonly shared: boolean;
  readonly via: TokenSource;
  /** What the fleet answered, where it was asked. */
  readonly fleet?: FleetLookup;
  /**
   * Whether everything that was read for the token is still the same. If not, the token may have another identity now.
   */
  readonly isCurrent: () => Promise<boolean>;
}
