import { EKSAuthError } from '../errors.ts';
import type { Host } from '../host.ts';
import { unwrapCommand } from './arguments/unwrap-command.ts';
import { resolveCredentials } from './credentials/resolve-credentials.ts';
import { decidePlan } from './decide-plan.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { nodeTransport } from './http/node-transport.ts';
import type { HTTPTransport } from './http/transport.ts';
import { locateSTS } from './locate-sts.ts';
import { MintMemory } from './mint-memory.ts';
import type { CredentialSource } from './plan/plan.ts';
import { presignedToken } from './sign/presigned-token.ts';
import { Undecidable } from './undecidable.ts';

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
  /** Whether a `credential_process` may read from this process's standard input. Default: false. */
  readonly terminal?: boolean;
  /** Asks a person for the code of an MFA device. Without it, what needs a code is undecided. */
  readonly mfaCode?: (serial: string) => Promise<string>;
  /** Sends the requests to AWS. Default: node:https, with the proxies of `host.env`. */
  readonly transport?: HTTPTransport;
}

export interface InProcessMint {
  readonly kind: 'minted';
  readonly token: string;
  /** The `X-Amz-Date` of the signature: whole seconds. */
  readonly mintedAt: Date;
  readonly credentialsExpireAt?: Date;
  readonly accessKeyId: string;
  readonly source: CredentialSource;
  /** No person and no program of others took part, so the same may be done in the background. */
  readonly unattended: boolean;
  /** The credentials belong to this machine or container. */
  readonly hostBound: boolean;
}

/** The identity is not certain: the caller runs the original command. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly reason: string;
}

/**
 * Makes the token that the stanza's own command would have made in the same environment, without starting it.
 * @throws EKSAuthError for what that command would certainly fail with too
 */
export async function mintInProcess(request: MintRequest): Promise<InProcessMint | Undecided> {
  try {
    return await mint(request);
  } catch (error) {
    if (error instanceof Undecidable) return { kind: 'undecided', reason: error.message };
    throw error;
  }
}

async function mint(request: MintRequest): Promise<InProcessMint> {
  const { config, host, signal, reading, mfaCode } = request;
  throwIfAborted(signal);
  const command = unwrapCommand(config.exec.command, config.exec.args);
  if (!command) throw new Undecidable(`${config.exec.command} is no AWS command`);
  if (command.through) throw new Undecidable(`${command.through[0]} gives the credentials`);
  if (command.tool !== 'aws') throw new Undecidable(`${command.tool} has rules of its own`);
  const memory = request.memory ?? new MintMemory();
  const { plan, files } = await decidePlan(command, { ...request, memory });
  const { env, now, logger } = host;
  logger.debug('plan', plan);
  const transport = request.transport ?? nodeTransport(env);
  const { sts, hostBound: regionOfHost } = await locateSTS(plan, { transport, memory, now, signal });
  const { programs = true, terminal = false } = request;
  const surroundings = {
    plan,
    sts,
    env,
    now,
    logger,
    files,
    reading,
    transport,
    memory,
    signal,
    programs,
    terminal,
    mfaCode,
  };
  const { credentials, source, unattended, hostBound } = await resolveCredentials(surroundings);
  throwIfAborted(signal);
  const mintedAt = new Date(Math.floor(now().getTime() / 1000) * 1000);
  return {
    kind: 'minted',
    token: presignedToken(plan.cluster, sts, credentials, mintedAt),
    mintedAt,
    ...(credentials.expiresAt ? { credentialsExpireAt: credentials.expiresAt } : {}),
    accessKeyId: credentials.accessKeyId,
    source,
    unattended,
    hostBound: hostBound || regionOfHost,
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new EKSAuthError('TIMEOUT', 'Getting the token was aborted.', {
    remedy: 'Try again, with more time.',
    cause: signal.reason,
  });
}
