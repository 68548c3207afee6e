import type { Host } from '../../host.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import type { HTTPTransport } from '../http/transport.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import type { Plan } from '../plan/plan.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { MintMemory } from './mint-memory.ts';

/** What a mint needs to know and what it may do. It is made once and passed on whole. */
export interface MintContext extends Host {
  readonly config: EKSAuthConfig;
  /** Awaited before each file that decides the identity is read, absent files included. */
  readonly reading: (path: string) => Promise<void>;
  readonly memory: MintMemory;
  /** Sends the requests to AWS. */
  readonly transport: HTTPTransport;
  readonly signal: AbortSignal | undefined;
  /**
   * Whether programs may be run: `aws --version` where the two generations of the CLI disagree, and the
   * `credential_process` of a profile. With `false` they make the mint undecided.
   */
  readonly programs: boolean;
  /** Whether a `credential_process` may read from this process's standard input. */
  readonly terminal: boolean;
  /** The caller brought the keys: a script called `aws` does not decide whose they are. */
  readonly ownKeys: boolean;
  /** Called where the installed command decides by its version: the token is that of this very command. */
  readonly onVersion: (() => void) | undefined;
  /** Asks a person for the code of an MFA device. Without it, what needs a code is undecided. */
  readonly mfaCode: ((serial: string) => Promise<string>) | undefined;
}

/** A mint whose plan is decided: where its credentials come from, and which STS the token is for. */
export interface PlannedMint extends MintContext {
  readonly plan: Plan;
  readonly files: AWSProfiles;
  readonly sts: STSEndpoint;
}

/** What {@link mintContext} is given: all that has no default, and whatever differs from it. */
export type MintFacts = {
  readonly [K in keyof Omit<MintContext, keyof Host | 'config'>]?: MintContext[K] | undefined;
} & {
  readonly config: EKSAuthConfig;
  /** `env` is the process environment overlaid by the stanza's. */
  readonly host: Host;
};

/** The context of one mint. Without further facts it shares nothing, asks no person, may run programs and uses node:https. */
export function mintContext(facts: MintFacts): MintContext {
  const { host } = facts;
  return {
    ...host,
    config: facts.config,
    reading: facts.reading ?? (async () => undefined),
    memory: facts.memory ?? new MintMemory(),
    transport: facts.transport ?? lazyTransport(host),
    signal: facts.signal,
    programs: facts.programs ?? true,
    terminal: facts.terminal ?? false,
    ownKeys: facts.ownKeys ?? false,
    onVersion: facts.onVersion,
    mfaCode: facts.mfaCode,
  };
}

/** Most tokens need no network, and then none of its modules. */
function lazyTransport({ env }: Host): HTTPTransport {
  return async (request) => {
    const { nodeTransport } = await import('../http/node-transport.ts');
    return nodeTransport(env)(request);
  };
}
