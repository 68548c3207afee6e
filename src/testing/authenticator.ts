import type { IdentityLookup, LocalIdentity } from './identities.ts';
import type { User } from './kubernetes/access.ts';
import { unauthorized } from './kubernetes/status-error.ts';
import { sha256 } from './verify/sigv4.ts';
import { type TokenRefusal, verifyToken } from './verify/verify-token.ts';

/** The result of checking one bearer token. */
export interface TokenReview {
  /** The time on the cluster's clock. */
  readonly at: Date;
  /** Whether the token was accepted. */
  readonly accepted: boolean;
  /** The rule that refused it, or `NO_ACCESS_ENTRY` for a valid token of an identity without access. */
  readonly reason?: TokenRefusal | 'NO_ACCESS_ENTRY';
  /** The key that the token claims to be signed with. */
  readonly accessKeyId?: string;
  /** The first 12 hex digits of the token's SHA-256. Identifies the token without revealing it. */
  readonly tokenHash: string;
}

/** Options of {@link createAuthenticator}. */
export interface AuthenticatorOptions {
  readonly clusterName: string;
  readonly region: string;
  readonly identities: IdentityLookup;
  readonly now: () => Date;
  readonly reviewed: (review: TokenReview) => void;
}

/** The first 12 hex digits of a token's SHA-256. */
export function tokenHash(token: string): string {
  return sha256(token).slice(0, 12);
}

/** The bearer token of an `Authorization` header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1];
}

/** Makes a function that returns the user of an `Authorization` header, as an EKS control plane does, or throws 401. */
export function createAuthenticator(options: AuthenticatorOptions): (authorization: string | undefined) => User {
  const { clusterName, region, identities } = options;
  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) throw unauthorized();
    const at = options.now();
    const hash = tokenHash(token);
    const verdict = verifyToken(token, { clusterName, region, identities, now: at });
    if (!verdict.accepted) {
      options.reviewed({ at, tokenHash: hash, ...verdict });
      throw unauthorized();
    }
    const { accessKeyId, groups } = verdict.identity;
    const review = { at, tokenHash: hash, accessKeyId };
    if (groups === undefined) {
      options.reviewed({ ...review, accepted: false, reason: 'NO_ACCESS_ENTRY' });
      throw unauthorized();
    }
    options.reviewed({ ...review, accepted: true });
    return userOf(verdict.identity, groups);
  };
}

/** User name, uid and extra as aws-iam-authenticator reports them. */
function userOf({ arn, accessKeyId }: LocalIdentity, groups: readonly string[]): User {
  const [, , , , account = '', resource = ''] = arn.split(':');
  const [kind, name = '', sessionName = ''] = resource.split('/');
  const canonicalArn = kind === 'assumed-role' ? `arn:aws:iam::${account}:role/${name}` : arn;
  return {
    username: arn,
    uid: `aws-iam-authenticator:${account}:${name}`,
    groups: [...groups, 'system:authenticated'],
    extra: {
      accessKeyId: [accessKeyId],
      arn: [arn],
      canonicalArn: [canonicalArn],
      ...(kind === 'assumed-role' ? { sessionName: [sessionName] } : {}),
    },
  };
}
