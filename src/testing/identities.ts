import { EKSAuthError } from '../errors.ts';
import { checkArgument } from '../options/check-options.ts';
import { oneOf } from '../options/checks.ts';

/** AWS credentials and their identity. */
export interface LocalIdentityFacts {
  /** `AKIA…` for long-term credentials, `ASIA…` for temporary ones. */
  readonly accessKeyId: string;
  /** The signing key. Never use a real one. */
  readonly secretAccessKey: string;
  /** For temporary credentials only. */
  readonly sessionToken?: string | undefined;
  /** The expiry of temporary credentials. Default: never. */
  readonly expiresAt?: Date | undefined;
  /** The ARN in the answer of GetCallerIdentity, and the Kubernetes user name. */
  readonly arn: string;
  /**
   * Kubernetes groups: `system:masters` may do anything, `readers` may get, list and watch, others nothing.
   * Absent: the cluster has no access entry for this principal and answers 401 even to a valid token.
   */
  readonly groups?: readonly string[] | undefined;
}

/** A named identity of the local servers. */
export interface LocalIdentity extends LocalIdentityFacts {
  /** Also the profile name in the files of `writeAWSFiles`. */
  readonly name: string;
  /** For temporary credentials only. Absent otherwise, as clients of the AWS SDK want it. */
  readonly sessionToken?: string;
}

/** Identities by name. */
export interface LocalIdentities {
  /** Group `system:masters`. */
  readonly admin: LocalIdentity;
  /** Group `readers`. */
  readonly reader: LocalIdentity;
  readonly [name: string]: LocalIdentity | undefined;
}

/** Finds an identity by its access key id. A `Map` has this shape. */
export interface IdentityLookup {
  /** Undefined for an unknown access key id. */
  get(accessKeyId: string): LocalIdentity | undefined;
}

/** The identities that local servers share. Credentials that one server issues are accepted by the others. */
export interface IdentityStore extends IdentityLookup {
  /** All identities with long-term credentials, including revoked ones. */
  byName(): LocalIdentities;
  /** Adds an identity, or replaces the one with the same access key id. */
  add(identity: LocalIdentity): void;
  /** Adds temporary credentials issued by a service. They are accepted but not listed. */
  issue(identity: LocalIdentity): void;
  /** Removes a key. An unknown key is an error, because a typo could make a test pass. */
  revoke(accessKeyId: string): void;
  /** Undoes {@link IdentityStore.revoke}. */
  restore(accessKeyId: string): void;
}

/** `admin` and `reader`, with the example keys of the AWS documentation, which are known to be invalid. */
export function defaultIdentities(
  partition: string,
  accountId: string,
): { admin: LocalIdentity; reader: LocalIdentity } {
  return {
    admin: {
      name: 'admin',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      arn: `arn:${partition}:iam::${accountId}:user/admin`,
      groups: ['system:masters'],
    },
    reader: {
      name: 'reader',
      accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
      secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
      arn: `arn:${partition}:iam::${accountId}:user/reader`,
      groups: ['readers'],
    },
  };
}

/** The identity of some facts. What is undefined is left out. */
export function identityOf(name: string, { sessionToken, ...facts }: LocalIdentityFacts): LocalIdentity {
  return { ...facts, ...(sessionToken !== undefined && { sessionToken }), name };
}

/** The variables of the AWS CLI for the keys of an identity. */
export function keysOf(identities: LocalIdentities, name: string): Record<string, string> {
  checkArgument('env', 'identity', name, oneOf(...Object.keys(identities)));
  const { accessKeyId, secretAccessKey, sessionToken } = identities[name] ?? identities.admin;
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** The default identities and more, by name. A given identity replaces the default of the same name. */
export function allIdentities(
  partition: string,
  accountId: string,
  more: Readonly<Record<string, LocalIdentityFacts>> = {},
): readonly LocalIdentity[] {
  const added = Object.entries(more).map(([name, facts]) => identityOf(name, facts));
  const defaults = Object.values<LocalIdentity>({ ...defaultIdentities(partition, accountId) });
  return [...defaults.filter(({ name }) => !(name in more)), ...added];
}

/** Makes a store with the given identities. */
export function createIdentityStore(identities: readonly LocalIdentity[] = []): IdentityStore {
  const known = new Map(identities.map((identity) => [identity.accessKeyId, identity]));
  const issued = new Map<string, LocalIdentity>();
  const revoked = new Set<string>();

  function mustKnow(accessKeyId: string): void {
    if (known.has(accessKeyId) || issued.has(accessKeyId)) return;
    throw new EKSAuthError('INVALID_CONFIG', `no identity has the access key id ${accessKeyId}`, {
      remedy: `Use one of ${[...known.keys()].join(', ') || '(there is none)'}, or add the identity first.`,
    });
  }

  return {
    get(accessKeyId) {
      return revoked.has(accessKeyId) ? undefined : (known.get(accessKeyId) ?? issued.get(accessKeyId));
    },
    // Copies, because the AWS SDK modifies the credentials that it gets.
    byName: () =>
      Object.fromEntries([...known.values()].map((one) => [one.name, { ...one }])) as unknown as LocalIdentities,
    add(identity) {
      known.set(identity.accessKeyId, identity);
      revoked.delete(identity.accessKeyId);
    },
    issue: (identity) => void issued.set(identity.accessKeyId, identity),
    revoke(accessKeyId) {
      mustKnow(accessKeyId);
      revoked.add(accessKeyId);
    },
    restore(accessKeyId) {
      mustKnow(accessKeyId);
      revoked.delete(accessKeyId);
    },
  };
}
