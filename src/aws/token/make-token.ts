import { EKSAuthError } from '../../errors.ts';
import { type Environment, type Host, withEnvironment } from '../../host.ts';
import { isAsRead } from '../../recording/read-facts.ts';
import { Recorder } from '../../recording/recorder.ts';
import type { FleetLookup } from '../../store/token-store.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { type Sentence, sentence } from '../../text/sentence.ts';
import { signedAt } from '../command/exec-credential.ts';
import { runOriginalCommand } from '../command/original-command.ts';
import { recordCommand } from '../command/record-command.ts';
import { mintContext } from '../context/mint-context.ts';
import { renewAlone } from '../credentials/session-lock.ts';
import { type Around, type InProcessMint, mintInProcess } from '../mint/in-process-mint.ts';
import { ReleaseNotes } from '../program/release-notes.ts';
import { roleOptionsOf } from '../stanza/assumed-role.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { withGivenCredentials } from './given-credentials.ts';
import { clusterLabel } from './shared-entry.ts';
import type { ObtainedToken, ObtainRequest } from './token-request.ts';
import { withinLife } from './within-life.ts';

/** A request for a token that must be made. The environment of its host is overridden by that of the stanza. */
export interface Job extends ObtainRequest {
  /** The host without the variables of the stanza. */
  readonly outside: Host;
  readonly marginSeconds: number;
}

/** What one attempt to make a token has read, and whether the original command took part in it. */
export interface Attempt {
  recorder: Recorder;
  byCommand: boolean;
  /** The original command or a credential_process was run: what it says of its own session holds for this call only. */
  ranCommand?: boolean;
  /** What the fleet answered, where it was asked. */
  fleet?: FleetLookup;
}

/** An attempt that has read nothing yet. */
export const attemptIn = (env: Environment): Attempt => ({ recorder: new Recorder(env), byCommand: false });

/** A new token, and whether the next one can be made in the same way without a person. */
export interface Made {
  readonly obtained: ObtainedToken;
  readonly unattended: boolean;
}

/**
 * A new token: signed here where the identity is certain, else by the kubeconfig's own command.
 * @param attempt - learns what is read
 * @throws EKSAuthError
 */
export async function makeToken(job: Job, attempt: Attempt): Promise<Made> {
  const { cache, memory, signal, urgency, mfaCode, given, stdio, execTimeoutMs: timeoutMs } = job;
  const programs = job.execPolicy === 'allow';
  const { config, host } = given?.credentials
    ? await withGivenCredentials(job.config, job.host, given.credentials, signal)
    : job;
  if (given?.credentials) attempt.recorder = new Recorder(host.env);
  const { recorder } = attempt;
  const onVersion = () => {
    attempt.byCommand = true;
  };
  const onProgram = () => {
    attempt.ranCommand = true;
  };
  const mint = mintContext({
    ...{ config, host, recorder, memory, signal, urgency, programs, onVersion, onProgram, mfaCode },
    terminal: stdio === 'terminal',
    ownKeys: given?.credentials !== undefined,
    releases: cache && new ReleaseNotes(cache.directory, cache.keys),
    ...(cache?.keys && { sealed: true }),
  });
  const minted = await mintInProcess(mint, await around(job, attempt));
  if (minted.kind === 'minted') return byMint(minted, job, recorder, attempt.fleet);
  host.logger.debug('the original command decides', { cluster: clusterLabel(config), reason: minted.reason });
  if (!programs) throw denied(config, minted.words ?? new ForeignText(minted.reason));
  if (hasOwnRoleOptions(config)) throw ownRole(config, minted.words ?? new ForeignText(minted.reason));
  const original = async (): Promise<Made> => {
    attempt.byCommand = true;
    attempt.ranCommand = true;
    attempt.recorder = recorder;
    recordCommand(recorder, config.exec.command);
    const { token, expiresAt } = await runOriginalCommand(config, { env: host.env, stdio, timeoutMs, signal });
    const answer = { token, mintedAt: signedAt(token) ?? host.now(), claimedEnd: expiresAt };
    const obtained = withinLife(answer, { job, via: 'exec', isCurrent: currency(job, recorder) });
    return { obtained, unattended: false };
  };
  if (minted.session === undefined) return original();
  // The command renews a login whose refresh token may work only once. No other of our processes runs such a command at
  // the same time.
  const renewed = async (): Promise<Made | undefined> => {
    const again = new Recorder(host.env);
    const after = await mintInProcess({
      ...mint,
      recorder: again,
      transport: mintContext({ config, host, recorder: again }).transport,
    });
    if (after.kind !== 'minted') return undefined;
    attempt.recorder = again;
    return byMint(after, job, again);
  };
  const outcome = await renewAlone(minted.session, {
    renew: async () => (await renewed()) ?? original(),
    renewed,
    signal,
  });
  return typeof outcome === 'string' ? original() : outcome.session;
}

function byMint(minted: InProcessMint, job: Job, recorder: Recorder, fleet?: FleetLookup): Made {
  const via = minted.fromFleet ? 'fleet' : 'mint';
  const obtained = withinLife(minted, { job, via, isCurrent: currency(job, recorder) });
  return { obtained: { ...obtained, ...(fleet && { fleet }) }, unattended: minted.unattended };
}

/** The step of a fleet between the decision and the signature. Without a fleet its modules are not loaded. */
async function around(job: Job, attempt: Attempt): Promise<Around | undefined> {
  const { fleet: options, fresh = false, canLookLater, refused, newerThan, marginSeconds, given } = job;
  if (options === undefined) return undefined;
  const { throughFleet } = await import('../fleet/through-fleet.ts');
  const onLookup = (lookup: FleetLookup) => {
    attempt.fleet = lookup;
  };
  const whose = given?.credentials && { identityKey: given.identityKey };
  return throughFleet({ options, fresh, canLookLater, refused, newerThan, marginSeconds, given: whose, onLookup });
}

/**
 * Checks later whether the token is still current. The caller's credentials are asked for at each mint, so no variable
 * or file decides whose they are.
 */
function currency({ given, config, outside }: Job, recorder: Recorder): () => Promise<boolean> {
  if (given?.credentials) return async () => true;
  const facts = recorder.facts();
  return () => isAsRead(facts, withEnvironment(outside, config.exec.env.toEnvironment()).env);
}

/** Whether the role has options that no flag of the original command can pass. */
function hasOwnRoleOptions(config: EKSAuthConfig): boolean {
  return config.command.tool === 'aws' && Object.keys(roleOptionsOf(config)).length > 0;
}

function ownRole({ clusterName, clusterId, exec, tags }: EKSAuthConfig, reason: Sentence | ForeignText): EKSAuthError {
  return new EKSAuthError(
    'EXEC_FAILED',
    sentence`The token for ${clusterName ?? clusterId ?? ''} can be made by the command ${exec.command} only (${reason}), which has no flags for externalId, sessionName, durationSeconds and tags.`,
    {
      remedy: tags
        ? 'Pass `credentials` of fromTemporaryCredentials({ params: { RoleArn, Tags } }) of the AWS SDK in place of roleArn and tags: no profile of the AWS config file has session tags.'
        : 'Write role_arn, source_profile, external_id, role_session_name and duration_seconds into a profile of the AWS config file, and pass that profile instead.',
    },
  );
}

function denied(config: EKSAuthConfig, reason: Sentence | ForeignText): EKSAuthError {
  const { clusterName, clusterId } = config;
  return new EKSAuthError(
    'EXEC_DENIED',
    sentence`The token for ${clusterName ?? clusterId ?? ''} can be made by the command ${config.exec.command} only (${reason}), and this kubeconfig may run nothing.`,
    { remedy: "If you trust the kubeconfig, register it with { execPolicy: 'allow' }." },
  );
}
