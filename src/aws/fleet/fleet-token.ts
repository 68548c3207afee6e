import { lifetime } from '../../cache/rules.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { presignedToken } from '../sign/presigned-token.ts';

/** A token as the members of a fleet hand it to each other. */
export interface FleetToken {
  readonly token: string;
  readonly mintedAt: Date;
  readonly credentialsExpireAt?: Date;
  readonly accessKeyId: string;
}

/** The conditions for a token of another member, besides a match with the plan of this machine. */
export interface Wanted {
  readonly marginSeconds: number;
  readonly refused?: string | undefined;
  readonly newerThan?: Date | undefined;
}

/** How far the clock of another member may be ahead. */
const CLOCK_TOLERANCE_MS = 2_000;
/** The longest session that STS hands out. */
const LONGEST_SESSION_MS: number = 36 * 60 * 60 * 1000;
/** The hexadecimal digits of a signature. */
const SIGNATURE_LENGTH = 64;

/** The text that is sealed. */
export function formatFleetToken(cluster: string, { token, credentialsExpireAt }: FleetToken): string {
  return JSON.stringify({ cluster, token, ...(credentialsExpireAt && { end: credentialsExpireAt.getTime() }) });
}

/**
 * The token in an opened text, if the plan of this machine could have made it. Its URL must be the same except for key,
 * session, time and signature. It must be signed in the past, with credentials that are still valid, and must live long
 * enough for the caller.
 */
export function readFleetToken(text: string, { plan, sts, now }: PlannedMint, wanted: Wanted): FleetToken | undefined {
  try {
    const { cluster, token, end } = JSON.parse(text);
    if (cluster !== plan.cluster || typeof token !== 'string' || token === wanted.refused) return undefined;
    if (end !== undefined && !Number.isSafeInteger(end)) return undefined;
    const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString();
    const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
    const [, accessKeyId = ''] = /^(\w{1,128})\//.exec(query.get('X-Amz-Credential') ?? '') ?? [];
    const mintedAt = dateOf(query.get('X-Amz-Date') ?? '');
    const sessionToken = query.get('X-Amz-Security-Token');
    const keys = { accessKeyId, secretAccessKey: '-', ...(sessionToken !== null && { sessionToken }) };
    if (unsigned(presignedToken(plan.cluster, sts, keys, mintedAt)) !== unsigned(token)) return undefined;
    const credentialsExpireAt = end === undefined ? undefined : new Date(end);
    const at = now().getTime();
    const isOfItsTime = mintedAt.getTime() <= at + CLOCK_TOLERANCE_MS && (end ?? 0) <= at + LONGEST_SESSION_MS;
    const { tellUntil } = lifetime(mintedAt, credentialsExpireAt);
    if (!isOfItsTime || tellUntil.getTime() - at < wanted.marginSeconds * 1000) return undefined;
    if (wanted.newerThan !== undefined && mintedAt <= wanted.newerThan) return undefined;
    return { token, mintedAt, accessKeyId, ...(credentialsExpireAt && { credentialsExpireAt }) };
  } catch {
    return undefined;
  }
}

/** @returns an invalid date for text that names no date; formatting it throws a RangeError */
function dateOf(compact: string): Date {
  return new Date(compact.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** The URL without its signature. Only the canonical base64url of these bytes is accepted. */
function unsigned(token: string): string | undefined {
  const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url');
  if (`k8s-aws-v1.${url.toString('base64url')}` !== token) return undefined;
  const text = url.toString('utf8');
  return /[0-9a-f]{64}$/.test(text) ? text.slice(0, -SIGNATURE_LENGTH) : undefined;
}
