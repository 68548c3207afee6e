import type { CachedToken } from '../../cache/entry/shared-token.ts';
import {
  failureSeconds,
  lifetime,
  refreshMarginSeconds,
  TELL_LIFE_SECONDS,
  TOKEN_LIFE_SECONDS,
} from '../../cache/rules.ts';
import type { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, type Host, withEnvironment } from '../../host.ts';
import { isAsRead } from '../../recording/read-facts.ts';
import { Recorder } from '../../recording/recorder.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { command, own, sentence } from '../../text/sentence.ts';
import { signedAt } from '../command/exec-credential.ts';
import { runOriginalCommand } from '../command/original-command.ts';
import { mintContext } from '../context/mint-context.ts';
import type { MintMemory } from '../context/mint-memory.ts';
import { mintInProcess } from '../mint/in-process-mint.ts';
import { ReleaseNotes } from '../program/release-notes.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { profileInForce } from '../stanza/profile-in-force.ts';
import { type GivenCredentials, withGivenCredentials } from './given-credentials.ts';
import { clusterLabel, sharedEntryOf } from './shared-entry.ts';
import { throwIfRemembered } from './throw-if-remembered.ts';

/** Which commands a kubeconfig may have run: any that its users name, or none at all (recognised ones in-process). */
export type ExecPolicy = 'allow' | 'eks-only';

/** Where a token came from: the shared cache, our own signature, or the kubeconfig's own command. */
export type TokenSource = 'cache' | 'mint' | 'exec';

export interface ObtainRequest {
  readonly config: EKSAuthConfig;
  readonly host: Host;
  /** Absent: nothing is read from disk or written there. */
  readonly cache?: TokenCache | undefined;
  readonly execPolicy: ExecPolicy;
  readonly stdio: 'captured' | 'terminal';
  readonly execTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What this process has parsed and asked already. */
  readonly memory?: MintMemory | undefined;
  /** Asks a person for the code of an MFA device. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  /** Keys that the caller brings. */
  readonly given?: GivenCredentials;
  /** Do not take the shared entry, whatever it holds. */
  readonly fresh?: boolean;
  /** A token that a server has refused: an entry that holds it is a miss. */
  readonly refused?: string | undefined;
  /** Only an entry with a token that was minted later is a hit: whatever is older has been refused. */
  readonly newerThan?: Date | undefined;
  /**
   * What becomes of a failure that would repeat itself: `told` to other processes through the cache for a while,
   * `heeded` as well where another process has told of one, or neither. Default: neither.
   */
  readonly failures?: 'told' | 'heeded';
}

export interface ObtainedToken {
  readonly token: string;
  readonly mintedAt: Date;
  /** What clients are told. */
  readonly expiresAt: Date;
  /** Whether `expiresAt` lies at least the refresh margin ahead: only then is the token shared on disk. */
  readonly shared: boolean;
  readonly via: TokenSource;
  /** Whether what was read for it is still the same: if not, another identity may be meant. */
  readonly isCurrent: () => Promise<boolean>;
}

/**
 * One token for a cluster, by the first way that is right: the shared entry of the same identity, a signature of our
 * own where the identity is certain, else the kubeconfig's own command.
 * @throws EKSAuthError
 */
export async function obtainToken(request: ObtainRequest): Promise<ObtainedToken> {
  const { logger } = request.host;
  const cluster = clusterLabel(request.config);
  try {
    const obtained = await obtain(request);
    logger.debug('answered', { cluster, via: obtained.via, expiresAt: obtained.expiresAt.toISOString() });
    return obtained;
  } catch (error) {
    if (error instanceof EKSAuthError && !request.signal?.aborted) {
      logger.warn('no new token', { cluster, code: error.code, error: error.message });
    }
    throw error;
  }
}

async function obtain(request: ObtainRequest): Promise<ObtainedToken> {
  const { config, cache, signal } = request;
  const host = withEnvironment(request.host, config.exec.env.toEnvironment());
  const marginSeconds = refreshMarginSeconds(host.env);
  const job: Job = { ...request, host, outside: request.host, marginSeconds };
  const nameless = request.given?.credentials !== undefined && request.given.identityKey === undefined;
  if (cache === undefined || nameless) return (await make(job, attemptIn(host.env))).obtained;
  const { key, command } = sharedEntryOf(config, host.env, request.given?.identityKey);
  let reason = '';
  const shared = async (): Promise<ObtainedToken | undefined> => {
    if (request.fresh) return undefined;
    const read = await cache.read(key, { command, marginSeconds, env: host.env });
    if (!read.hit) reason = read.reason;
    else if (isRefused(read.entry, request)) reason = 'refused by the server';
    else {
      const { token, mintedAt, expiresAt } = read.entry;
      const isCurrent = () => isStillShared(request, cache, token);
      return { token, mintedAt, expiresAt, shared: true, via: 'cache', isCurrent };
    }
    if (request.failures === 'heeded') await throwIfRemembered(job, cache, { key, command });
    return undefined;
  };
  const work = async (): Promise<ObtainedToken> => {
    const attempt = attemptIn(host.env);
    const by = () => (attempt.byCommand ? { command } : {});
    try {
      const { obtained, unattended } = await make(job, attempt);
      const { token, mintedAt, expiresAt } = obtained;
      if (obtained.shared) {
        await cache.store(key, { token, mintedAt, expiresAt, unattended, ...by() }, await attempt.recorder.finish());
      }
      return obtained;
    } catch (error) {
      if (request.failures !== undefined && error instanceof EKSAuthError) {
        const failure = { error, seconds: failureSeconds(host.env, error.code), ...by() };
        await cache.storeFailure(key, failure, await attempt.recorder.finish());
      }
      throw error;
    }
  };
  const found = await shared();
  if (found !== undefined) return found;
  host.logger.debug('no shared token', { cluster: clusterLabel(config), reason });
  return cache.exclusively(key, { done: shared, work, signal });
}

function isRefused({ token, mintedAt }: CachedToken, { refused, newerThan }: ObtainRequest): boolean {
  return token === refused || (newerThan !== undefined && mintedAt <= newerThan);
}

interface Job extends ObtainRequest {
  /** Without the variables of the stanza. */
  readonly outside: Host;
  readonly marginSeconds: number;
}

/** Whether the shared cache would hand out this very token now, until its true end. */
async function isStillShared(request: ObtainRequest, cache: TokenCache, token: string): Promise<boolean> {
  const { env } = withEnvironment(request.host, request.config.exec.env.toEnvironment());
  const { key, command } = sharedEntryOf(request.config, env, request.given?.identityKey);
  const read = await cache.read(key, { command, marginSeconds: TELL_LIFE_SECONDS - TOKEN_LIFE_SECONDS, env });
  return read.hit && read.entry.token === token;
}

/** What one attempt to make a token has read, and whether the original command has had a say in it. */
interface Attempt {
  recorder: Recorder;
  byCommand: boolean;
}
const attemptIn = (env: Environment): Attempt => ({ recorder: new Recorder(env), byCommand: false });

interface Made {
  readonly obtained: ObtainedToken;
  readonly unattended: boolean;
}

/** A new token: signed here where the identity is certain, else by the kubeconfig's own command. */
async function make(job: Job, attempt: Attempt): Promise<Made> {
  const { cache, memory, signal, mfaCode, execPolicy, given } = job;
  const { config, host } = given?.credentials
    ? await withGivenCredentials(job.config, job.host, given.credentials, signal)
    : job;
  if (given?.credentials) attempt.recorder = new Recorder(host.env);
  const { recorder } = attempt;
  const programs = execPolicy === 'allow';
  const onVersion = () => {
    attempt.byCommand = true;
  };
  const mint = mintContext({
    ...{ config, host, recorder, memory, signal, programs, onVersion, mfaCode },
    terminal: job.stdio === 'terminal',
    ownKeys: given?.credentials !== undefined,
    releases: cache && new ReleaseNotes(cache.directory),
  });
  const minted = await mintInProcess(mint);
  if (minted.kind === 'minted') {
    return { obtained: withinLife(minted, job, 'mint', isCurrent(job, recorder)), unattended: minted.unattended };
  }
  host.logger.debug('the original command decides', { cluster: clusterLabel(config), reason: minted.reason });
  if (!programs) throw denied(config, minted.reason);
  const { stdio, execTimeoutMs: timeoutMs } = job;
  attempt.byCommand = true;
  recorder.lookUp(config.exec.command);
  // What it asks is unknown: it may be the metadata service of this very host.
  recorder.bindToHost();
  const { token, expiresAt } = await runOriginalCommand(config, { env: host.env, stdio, timeoutMs, signal });
  const answer = { token, mintedAt: signedAt(token) ?? host.now(), claimedEnd: expiresAt };
  return { obtained: withinLife(answer, job, 'exec', isCurrent(job, recorder)), unattended: false };
}

/** Credentials of the caller are asked for at each mint: no variable or file decides whose they are. */
function isCurrent({ given, config, outside }: Job, recorder: Recorder): () => Promise<boolean> {
  if (given?.credentials) return async () => true;
  const facts = recorder.facts();
  return () => isAsRead(facts, withEnvironment(outside, config.exec.env.toEnvironment()).env);
}

interface Signed {
  readonly token: string;
  readonly mintedAt: Date;
  readonly credentialsExpireAt?: Date;
  /** What the original command said; never later than the rule allows. */
  readonly claimedEnd?: Date | undefined;
}

/** What clients are told, and whether the token lives long enough to be shared. */
function withinLife(signed: Signed, job: Job, via: TokenSource, isCurrent: () => Promise<boolean>): ObtainedToken {
  const { host, marginSeconds } = job;
  const { token, mintedAt } = signed;
  const { tellUntil, endsAt } = lifetime(mintedAt, signed.credentialsExpireAt);
  const now = host.now().getTime();
  const claimed = signed.claimedEnd?.getTime() ?? Number.POSITIVE_INFINITY;
  const told = Math.min(tellUntil.getTime(), claimed);
  const end = Math.min(endsAt.getTime(), claimed);
  if (end <= now) throw ended(job, new Date(end));
  const shared = told - now >= marginSeconds * 1000;
  return { token, mintedAt, expiresAt: new Date(shared ? told : end), shared, via, isCurrent };
}

function denied(config: EKSAuthConfig, reason: string): EKSAuthError {
  const { clusterName, clusterId } = config;
  return new EKSAuthError(
    'EXEC_DENIED',
    sentence`The token for ${clusterName ?? clusterId ?? ''} can be made by the command ${config.exec.command} only (${new ForeignText(reason)}), and this kubeconfig may run nothing.`,
    { remedy: "If you trust the kubeconfig, register it with { execPolicy: 'allow' }." },
  );
}

function ended({ config, host, given }: Job, at: Date): EKSAuthError {
  const profile = given?.credentials ? undefined : profileInForce(config, host.env);
  const login = profile === undefined ? own('`aws sso login`') : command`\`aws sso login --profile ${profile}\``;
  return new EKSAuthError(
    'SESSION_EXPIRED',
    `The AWS credentials for ${clusterLabel(config)} ended at ${at.toISOString()}.`,
    { remedy: sentence`Get new ones: ${login}, or whatever made the temporary keys.` },
  );
}
