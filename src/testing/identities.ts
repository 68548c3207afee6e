import { EKSAuthError } from '../errors.ts';

/** Somebody with AWS credentials, known to the local servers. The keys are for tests: never put real ones here. */
export interface LocalIdentity {
  /** The profile name in the files of `writeAWSFiles`, and the name to ask for in `identity(name)`. */
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only temporary credentials have one. */
  readonly sessionToken?: string;
  /** When temporary credentials end. Default: never. */
  readonly expiresAt?: Date;
  /** What GetCallerIdentity answers, and the Kubernetes user name. */
  readonly arn: string;
  /** Kubernetes groups: `system:masters` may do anything, `readers` may get, list and watch, others nothing. */
  readonly groups: readonly string[];
}

/** Finds an identity by its access key id: a `Map` does. */
export interface IdentityLookup {
  get(accessKeyId: string): LocalIdentity | undefined;
}

/** The identities that local servers share: what one of them hands out, the others accept. */
export interface IdentityStore extends IdentityLookup {
  /** Those that are not revoked, in the order in which they were added. */
  all(): readonly LocalIdentity[];
  /** Adds one, or replaces the one with the same access key id. */
  add(identity: LocalIdentity): void;
  /** From now on the key does not exist. Unknown keys are an error: a typo would make a test pass. */
  revoke(accessKeyId: string): void;
  /** Undoes {@link IdentityStore.revoke}. */
  restore(accessKeyId: string): void;
}

/** AWS's documentation keys, so that everybody sees that they open nothing. */
export function defaultIdentities(accountId: string): readonly LocalIdentity[] {
  return [
    {
      name: 'admin',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      arn: `arn:aws:iam::${accountId}:user/admin`,
      groups: ['system:masters'],
    },
    {
      name: 'reader',
      accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
      secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
      arn: `arn:aws:iam::${accountId}:user/reader`,
      groups: ['readers'],
    },
  ];
}

/** A store that holds these to begin with. */
export function createIdentityStore(identities: readonly LocalIdentity[] = []): IdentityStore {
  const known = new Map(identities.map((identity) => [identity.accessKeyId, identity]));
  const revoked = new Set<string>();

  function mustKnow(accessKeyId: string): void {
    if (known.has(accessKeyId)) return;
    throw new EKSAuthError('INVALID_CONFIG', `no identity has the access key id ${accessKeyId}`, {
      remedy: `Use one of ${[...known.keys()].join(', ') || '(none is known)'}, or add the identity first.`,
    });
  }

  return {
    get: (accessKeyId) => (revoked.has(accessKeyId) ? undefined : known.get(accessKeyId)),
    all: () => [...known.values()].filter(({ accessKeyId }) => !revoked.has(accessKeyId)),
    add(identity) {
      known.set(identity.accessKeyId, identity);
      revoked.delete(identity.accessKeyId);
    },
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
