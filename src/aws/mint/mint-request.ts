import type { Host } from '../../host.ts';
import type { HTTPTransport } from '../http/transport.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import type { MintMemory } from './mint-memory.ts';

/** What a mint needs to know, and what it may do. */
export interface MintRequest {
  readonly config: EKSAuthConfig;
  /** `env` is the process environment already overlaid by the stanza's. */
  readonly host: Host;
  /** Awaited before each file that decides the identity is looked at, absent ones included. */
  readonly reading: (path: string) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Shared by the mints of one process, to ask and parse less. Default: nothing is shared. */
  readonly memory?: MintMemory;
  /**
   * Whether programs may be run: `aws --version` where the two generations of the CLI disagree, and the
   * `credential_process` of a profile. Default: true. With `false` they make the mint undecided.
   */
  readonly programs?: boolean;
  /** The caller brought the keys: a script called `aws` has no say in whose they are. Default: false. */
  readonly ownKeys?: boolean;
  /** Called where the installed command decides by its version: the token is that of this very command. */
  readonly onVersion?: () => void;
  /** Whether a `credential_process` may read from this process's standard input. Default: false. */
  readonly terminal?: boolean;
  /** Asks a person for the code of an MFA device. Without it, what needs a code is undecided. */
  readonly mfaCode?: (serial: string) => Promise<string>;
  /** Sends the requests to AWS. Default: node:https, with the proxies of `host.env`. */
  readonly transport?: HTTPTransport;
}
