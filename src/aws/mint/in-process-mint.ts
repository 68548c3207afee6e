import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import type { Found } from '../credentials/credentials.ts';
import { resolveCredentials } from '../credentials/resolve-credentials.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import type { HTTPTransport } from '../http/transport.ts';
import { loggablePlan } from '../plan/loggable-plan.ts';
import { checkExecInfo } from '../plan/make-plan.ts';
import type { CredentialSource } from '../plan/plan.ts';
import { type ParameterOrder, presignedToken } from '../sign/presigned-token.ts';
import { objectionOfServer, refuseTooLong } from '../sign/server-rules.ts';
import { Undecidable } from '../undecidable.ts';
import { decidePlan } from './decide-plan.ts';
import { locateSTS } from './locate-sts.ts';
import { MintMemory } from './mint-memory.ts';
import type { MintRequest } from './mint-request.ts';
import { planAuthenticator } from './plan-authenticator.ts';

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
    if (error instanceof EKSAuthError) throw error;
    throwIfAborted(request.signal);
    if (error instanceof Undecidable) return { kind: 'undecided', reason: error.message };
    throw error;
  }
}

async function mint(request: MintRequest): Promise<InProcessMint> {
  const { host, signal } = request;
  throwIfAborted(signal);
  const { tool, through } = request.config.command;
  if (through) throw new Undecidable(`${through[0]} gives the credentials`);
  const memory = request.memory ?? new MintMemory();
  const { cluster, sts, order, found } =
    tool === 'aws' ? await asAWS({ ...request, memory }) : await asAuthenticator(request, memory);
  throwIfAborted(signal);
  const mintedAt = new Date(Math.floor(host.now().getTime() / 1000) * 1000);
  const { credentials, source, unattended, hostBound } = found;
  const token = presignedToken(cluster, sts, credentials, mintedAt, order, memory.keyring);
  refuseTooLong(token, cluster, credentials.accessKeyId);
  const objection = objectionOfServer(sts);
  if (objection !== undefined) host.logger.warn('an EKS cluster will refuse this token', { cluster, objection });
  return {
    kind: 'minted',
    token,
    mintedAt,
    ...(credentials.expiresAt ? { credentialsExpireAt: credentials.expiresAt } : {}),
    accessKeyId: credentials.accessKeyId,
    source,
    unattended,
    hostBound,
  };
}

/** Everything that goes into a signature but the time. */
interface ReadyToSign {
  readonly cluster: string;
  readonly sts: STSEndpoint;
  readonly order: ParameterOrder;
  readonly found: Found;
}

async function asAWS(request: MintRequest & { memory: MintMemory }): Promise<ReadyToSign> {
  const { host, signal, reading, mfaCode, memory, programs = true, terminal = false } = request;
  const { plan, files } = await decidePlan(request);
  const { env, now, logger } = host;
  logger.debug('plan', loggablePlan(plan));
  const transport = request.transport ?? lazyTransport(env);
  const { sts, hostBound } = await locateSTS(plan, { transport, memory, now, signal });
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
  const found = await resolveCredentials(surroundings);
  checkExecInfo(env.KUBERNETES_EXEC_INFO);
  return { cluster: plan.cluster, sts, order: 'aws-cli', found: { ...found, hostBound: found.hostBound || hostBound } };
}

/** Most tokens need no network, and then none of its modules. */
function lazyTransport(env: Environment): HTTPTransport {
  return async (request) => {
    const { nodeTransport } = await import('../http/node-transport.ts');
    return nodeTransport(env)(request);
  };
}

async function asAuthenticator(request: MintRequest, memory: MintMemory): Promise<ReadyToSign> {
  const { cluster, sts, keys } = await planAuthenticator(request, memory);
  const found: Found = { credentials: keys, source: { kind: 'environment' }, unattended: true, hostBound: false };
  return { cluster, sts, order: 'sorted', found };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new EKSAuthError('TIMEOUT', 'Getting the token was aborted.', {
    remedy: 'Try again, with more time.',
    cause: signal.reason,
  });
}
