import { EKSAuthError } from '../errors.ts';

/** Somebody's AWS credentials, and who they are. */
export interface LocalIdentityFacts {
  /** `AKIA…` of lasting credentials, `ASIA…` of temporary ones. */
  readonly accessKeyId: string;
  /** Signs; never put a real one here. */
  readonly secretAccessKey: string;
  /** Only temporary credentials have one. */
  readonly sessionToken?: string;
  /** When temporary credentials end. Default: never. */
  readonly expiresAt?: Date;
  /** What GetCallerIdentity answers, and the Kubernetes user name. */
  readonly arn: string;
  /**
   * Kubernetes groups: `system:masters` may do anything, `readers` may get, list and watch, others nothing.
   * Absent: the cluster has no access entry for this principal and answers 401, however good the token is.
   */
  readonly groups?: readonly string[];
}

/** Somebody whom the local servers know. */
export interface LocalIdentity extends LocalIdentityFacts {
  /** Also the profile name in the files of `writeAWSFiles`. */
  readonly name: string;
}

/** Identities by name. */
export interface LocalIdentities {
  /** Group `system:masters`. */
  readonly admin: LocalIdentity;
  /** Group `readers`. */
  readonly reader: LocalIdentity;
  readonly [name: string]: LocalIdentity | undefined;
}

/** Finds an identity by its access key id: a `Map` does. */
export interface IdentityLookup {
  /** Undefined if nobody has it. */
  get(accessKeyId: string): LocalIdentity | undefined;
}

/** The identities that local servers share: what one of them hands out, the others accept. */
export interface IdentityStore extends IdentityLookup {
  /** Everybody with lasting credentials, also those who are revoked. */
  byName(): LocalIdentities;
  /** Adds one, or replaces the one with the same access key id. */
  add(identity: LocalIdentity): void;
  /** Adds temporary credentials that a service hands out: accepted, not listed. */
  issue(identity: LocalIdentity): void;
  /** From now on the key does not exist. Unknown keys are an error: a typo would make a test pass. */
  revoke(accessKeyId: string): void;
  /** Undoes {@link IdentityStore.revoke}. */
  restore(accessKeyId: string): void;
}

/** `admin` and `reader`, with AWS's documentation keys, so that everybody sees that they open nothing. */
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

/** The defaults and more, by name: the same name replaces a default. */
export function everybody(
  partition: string,
  accountId: string,
  more: Readonly<Record<string, LocalIdentityFacts>> = {},
): readonly LocalIdentity[] {
  const added = Object.entries(more).map(([name, facts]): LocalIdentity => ({ ...facts, name }));
  const defaults = Object.values<LocalIdentity>({ ...defaultIdentities(partition, accountId) });
  return [...defaults.filter(({ name }) => !(name in more)), ...added];
}

/** A store that holds these to begin with. */
export function createIdentityStore(identities: readonly LocalIdentity[] = []): IdentityStore {
  const known = new Map(identities.map((identity) => [identity.accessKeyId, identity]));
  const issued = new Map<string, LocalIdentity>();
  const revoked = new Set<string>();

  function mustKnow(accessKeyId: string): void {
    if (known.has(accessKeyId) || issued.has(accessKeyId)) return;
    throw new EKSAuthError('INVALID_CONFIG', `no identity has the access key id ${accessKeyId}`, {
      remedy: `Use one of ${[...known.keys()].join(', ') || '(none is known)'}, or add the identity first.`,
    });
  }

  return {
    get(accessKeyId) {
      return revoked.has(accessKeyId) ? undefined : (known.get(accessKeyId) ?? issued.get(accessKeyId));
    },
    // Copies: the AWS SDK writes into credentials that it is given.
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
