import { EKSAuthError } from '../../errors.ts';
import type { Sentence } from '../../text/sentence.ts';
import type { FoundCredentials } from '../context/credentials.ts';
import type { MintContext, PlannedMint } from '../context/mint-context.ts';
import { authenticatorRole } from '../credentials/authenticator-role.ts';
import { resolveCredentials } from '../credentials/resolve-credentials.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import { loggablePlan } from '../plan/loggable-plan.ts';
import { checkExecInfo } from '../plan/make-plan.ts';
import type { CredentialSource } from '../plan/plan.ts';
import { type ParameterOrder, presignedToken } from '../sign/presigned-token.ts';
import { objectionOfServer, refuseTooLong } from '../sign/server-rules.ts';
import { Undecidable } from '../undecidable.ts';
import { decidePlan } from './decide-plan.ts';
import { locateSTS } from './locate-sts.ts';
import { planAuthenticator } from './plan-authenticator.ts';

export interface InProcessMint {
  readonly kind: 'minted';
  readonly token: string;
  /** The `X-Amz-Date` of the signature: whole seconds. */
  readonly mintedAt: Date;
  readonly credentialsExpireAt?: Date;
  readonly accessKeyId: string;
  readonly source: CredentialSource;
  /** No person and no foreign program took part, so the same may be done in the background. */
  readonly unattended: boolean;
  /** Another machine of the fleet made it. */
  readonly fromFleet?: boolean;
}

/**
 * A step between the decision and the signature: it returns another token of the same plan, or lets this one be signed.
 */
export type Around = (mint: PlannedMint, sign: () => Promise<InProcessMint>) => Promise<InProcessMint>;

/** The identity is not certain: the caller runs the original command. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly reason: string;
  /** The reason, with the names of others kept apart. */
  readonly words?: Sentence;
  /** The file of a login that the original command may renew. */
  readonly session?: string;
}

/**
 * Makes the token that the stanza's own command would have made in the same environment, without starting it.
 * @throws EKSAuthError for what that command would certainly fail with too
 */
export async function mintInProcess(mint: MintContext, around?: Around): Promise<InProcessMint | Undecided> {
  try {
    return await decided(mint, around);
  } catch (error) {
    if (error instanceof EKSAuthError) throw error;
    throwIfAborted(mint.signal);
    if (error instanceof Undecidable) {
      const { message: reason, words, session } = error;
      return {
        kind: 'undecided',
        reason,
        ...(words !== undefined && { words }),
        ...(session !== undefined && { session }),
      };
    }
    throw error;
  }
}

async function decided(mint: MintContext, around?: Around): Promise<InProcessMint> {
  throwIfAborted(mint.signal);
  const { tool, through } = mint.config.command;
  if (through) throw new Undecidable(`${through[0]} gives the credentials`);
  if (tool !== 'aws') return signed(mint, await asAuthenticator(mint));
  const { plan, files } = await decidePlan(mint);
  mint.logger.debug('plan', loggablePlan(plan));
  const sts = await locateSTS(plan, mint);
  const planned = { ...mint, plan, files, sts };
  const sign = async () => signed(mint, await asAWS(planned));
  return around === undefined ? sign() : around(planned, sign);
}

function signed(mint: MintContext, { cluster, sts, order, found }: ReadyToSign): InProcessMint {
  const { now, logger, memory, signal } = mint;
  throwIfAborted(signal);
  const mintedAt = new Date(Math.floor(now().getTime() / 1000) * 1000);
  const { credentials, source, unattended } = found;
  const token = presignedToken(cluster, sts, credentials, mintedAt, order, memory.keyring);
  refuseTooLong(token, cluster, credentials.accessKeyId);
  const objection = objectionOfServer(sts);
  if (objection !== undefined) logger.warn('an EKS cluster will refuse this token', { cluster, objection });
  return {
    kind: 'minted',
    token,
    mintedAt,
    ...(credentials.expiresAt ? { credentialsExpireAt: credentials.expiresAt } : {}),
    accessKeyId: credentials.accessKeyId,
    source,
    unattended,
  };
}

/** Everything that goes into a signature except the time. */
interface ReadyToSign {
  readonly cluster: string;
  readonly sts: STSEndpoint;
  readonly order: ParameterOrder;
  readonly found: FoundCredentials;
}

async function asAWS(mint: PlannedMint): Promise<ReadyToSign> {
  const found = await resolveCredentials(mint);
  checkExecInfo(mint.execInfo);
  return { cluster: mint.plan.cluster, sts: mint.sts, order: 'aws-cli', found };
}

async function asAuthenticator(mint: MintContext): Promise<ReadyToSign> {
  const { cluster, sts, keys, source, role } = await planAuthenticator(mint);
  const credentials = role === undefined ? keys : await authenticatorRole(mint, sts, keys, role);
  const found: FoundCredentials = { credentials, source, unattended: true };
  return { cluster, sts, order: 'sorted', found };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new EKSAuthError('TIMEOUT', 'Getting the token was aborted.', {
    remedy: 'Try again, with more time.',
    cause: signal.reason,
  });
}
