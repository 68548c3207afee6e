import type { Host } from '../../host.ts';
import { Recorder } from '../../recording/recorder.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import type { Urgency } from '../gate/urgency.ts';
import type { HTTPTransport } from '../http/transport.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import type { Plan } from '../plan/plan.ts';
import type { ReleaseNotes } from '../program/release-notes.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { MintMemory } from './mint-memory.ts';

/** What a mint needs to know and what it may do. It is made once and passed on unchanged. */
export interface MintContext extends Omit<Host, 'env'> {
  readonly config: EKSAuthConfig;
  /** All that the mint sees of variables, files and programs. */
  readonly recorder: Recorder;
  /** The value of KUBERNETES_EXEC_INFO. It never decides an identity, and it differs between calls of kubectl. */
  readonly execInfo: string | undefined;
  readonly memory: MintMemory;
  /** Sends the requests to AWS. */
  readonly transport: HTTPTransport;
  readonly signal: AbortSignal | undefined;
  /** Whether a caller waits for the token. Absent: one does. */
  readonly urgency: Urgency | undefined;
  /**
   * Whether programs may be run: `aws --version` where the two generations of the CLI disagree, and the
   * `credential_process` of a profile. With `false` they make the mint undecided.
   */
  readonly programs: boolean;
  /** The releases of installed programs, as other processes have written them down. */
  readonly releases: ReleaseNotes | undefined;
  /** Whether a `credential_process` may read from this process's standard input. */
  readonly terminal: boolean;
  /** The caller passed the keys, so a script called `aws` cannot choose other keys. */
  readonly ownKeys: boolean;
  /**
   * Called where the version of the installed command decides. The token then belongs to callers of that command only.
   */
  readonly onVersion: (() => void) | undefined;
  /** Nothing that the mint learns may lie on disk in clear: the caches of the AWS CLI are read and not written. */
  readonly sealed: boolean;
  /** Called where a `credential_process` is run: what it says of its own session holds for this call only. */
  readonly onProgram: (() => void) | undefined;
  /** Asks a person for the code of an MFA device. Without it, what needs a code is undecided. */
  readonly mfaCode: ((serial: string) => Promise<string>) | undefined;
}

/** A mint whose plan is decided: where its credentials come from, and which STS the token is for. */
export interface PlannedMint extends MintContext {
  readonly plan: Plan;
  readonly files: AWSProfiles;
  readonly sts: STSEndpoint;
}

/** The arguments of {@link mintContext}. Fields with a default are optional. */
export type MintFacts = {
  readonly [K in keyof Omit<MintContext, keyof Host | 'config' | 'execInfo'>]?: MintContext[K] | undefined;
} & {
  readonly config: EKSAuthConfig;
  /** `env` is the process environment overlaid by the stanza's. */
  readonly host: Host;
};

/** The context of one mint. Without further facts it shares nothing, asks no person, may run programs and uses node:https. */
export function mintContext(facts: MintFacts): MintContext {
  const { env, now, logger } = facts.host;
  const recorder = facts.recorder ?? new Recorder(env);
  return {
    now,
    logger,
    config: facts.config,
    recorder,
    execInfo: env.KUBERNETES_EXEC_INFO,
    memory: facts.memory ?? new MintMemory(),
    transport: facts.transport ?? lazyTransport(recorder),
    releases: facts.releases,
    signal: facts.signal,
    urgency: facts.urgency,
    programs: facts.programs ?? true,
    terminal: facts.terminal ?? false,
    ownKeys: facts.ownKeys ?? false,
    onVersion: facts.onVersion,
    sealed: facts.sealed ?? facts.config.encrypt !== undefined,
    onProgram: facts.onProgram,
    mfaCode: facts.mfaCode,
  };
}

/** Loads the network modules with the first request: most tokens need none. */
function lazyTransport(recorder: Recorder): HTTPTransport {
  return async (request) => {
    const { nodeTransport } = await import('../http/node-transport.ts');
    return nodeTransport(recorder)(request);
  };
}
