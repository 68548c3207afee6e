import { createHash, randomBytes } from 'node:crypto';
import type { IdentityStore, LocalIdentity } from '../identities.ts';

/** Temporary credentials in the answers of all services. */
export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

/** The role session of temporary credentials. */
export interface SessionFacts {
  /** `arn:aws:iam::ACCOUNT:role/PATH/NAME` */
  readonly roleArn: string;
  readonly sessionName: string;
  readonly groups: readonly string[] | undefined;
  readonly expiresAt: Date;
}

/** The beginning of every secret key and session token, so that a test can find a leaked one. */
const SECRET_MARK = 'EKSPRESSLOCALSECRET/';
const TOKEN_MARK = 'IQoJb3JpZ2luX2VjEKSPRESSLOCALTOKEN';

/** Makes credentials of an assumed role and adds them to those that the local servers accept. */
export function issueCredentials(identities: IdentityStore, session: SessionFacts): TemporaryCredentials {
  const { expiresAt, groups } = session;
  const credentials = {
    accessKeyId: `ASIA${base32(randomBytes(10))}`,
    secretAccessKey: SECRET_MARK + randomBytes(15).toString('base64'),
    // As long as a token of the real STS, with all characters that need percent-encoding.
    sessionToken: `${TOKEN_MARK}+/${randomBytes(400).toString('base64')}==`,
    expiresAt,
  };
  const arn = sessionArn(session.roleArn, session.sessionName);
  identities.issue({ name: arn, arn, ...credentials, ...(groups === undefined ? {} : { groups }) });
  return credentials;
}

/** `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`, which omits the path of the role. */
export function sessionArn(roleArn: string, sessionName: string): string {
  const [, partition = '', , , account = '', resource = ''] = roleArn.split(':');
  return `arn:${partition}:sts::${account}:assumed-role/${resource.split('/').at(-1)}/${sessionName}`;
}

/** The UserId of GetCallerIdentity: `AIDA…` for a user, `AROA…:SESSION` for a role session. */
export function userIdOf({ arn }: Pick<LocalIdentity, 'arn'>): string {
  const [kind, name = '', sessionName] = (arn.split(':')[5] ?? '').split('/');
  const owner = createHash('sha256')
    .update(`${arn.split(':')[4]}/${name}`)
    .digest();
  const unique = base32(owner.subarray(0, 11));
  return kind === 'assumed-role' ? `AROA${unique}:${sessionName}` : `AIDA${unique}`;
}

/** RFC 4648 without padding. Drops trailing bits that do not fill a character. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
}
