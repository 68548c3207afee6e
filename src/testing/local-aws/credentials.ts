import { createHash, randomBytes } from 'node:crypto';
import type { IdentityStore, LocalIdentity } from '../identities.ts';

/** Temporary credentials, as every service hands them out. */
export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

/** For whom, and until when. */
export interface SessionFacts {
  /** `arn:aws:iam::ACCOUNT:role/PATH/NAME` */
  readonly roleArn: string;
  readonly sessionName: string;
  readonly groups: readonly string[] | undefined;
  readonly expiresAt: Date;
}

/** Every secret begins so, and every session token contains it: whoever leaks one is easily found out. */
const SECRET_MARK = 'EKSPRESSLOCALSECRET/';
const TOKEN_MARK = 'IQoJb3JpZ2luX2VjEKSPRESSLOCALTOKEN';

/** Makes credentials of an assumed role that all local servers accept from now on. */
export function issueCredentials(identities: IdentityStore, session: SessionFacts): TemporaryCredentials {
  const { expiresAt, groups } = session;
  const credentials = {
    accessKeyId: `ASIA${base32(randomBytes(10))}`,
    secretAccessKey: SECRET_MARK + randomBytes(15).toString('base64'),
    // As long as those of the real STS, with all the characters that have to be percent-encoded.
    sessionToken: `${TOKEN_MARK}+/${randomBytes(400).toString('base64')}==`,
    expiresAt,
  };
  const arn = sessionArn(session.roleArn, session.sessionName);
  identities.issue({ name: arn, arn, ...credentials, ...(groups === undefined ? {} : { groups }) });
  return credentials;
}

/** `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`: a role's path is not part of it. */
export function sessionArn(roleArn: string, sessionName: string): string {
  const [, partition = '', , , account = '', resource = ''] = roleArn.split(':');
  return `arn:${partition}:sts::${account}:assumed-role/${resource.split('/').at(-1)}/${sessionName}`;
}

/** What GetCallerIdentity calls UserId: `AIDA…` of a user, `AROA…:SESSION` of a role's session. */
export function userIdOf({ arn }: Pick<LocalIdentity, 'arn'>): string {
  const [kind, name = '', sessionName] = (arn.split(':')[5] ?? '').split('/');
  const owner = createHash('sha256')
    .update(`${arn.split(':')[4]}/${name}`)
    .digest();
  const unique = base32(owner.subarray(0, 11));
  return kind === 'assumed-role' ? `AROA${unique}:${sessionName}` : `AIDA${unique}`;
}

/** RFC 4648, without padding and the bits that fill no whole character. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
}
