import type { IdentityOptions } from '../../aws/stanza/stanza.ts';

/** An account whose clusters are searched for, with the identity that finds them and makes their tokens. */
export type EKSAccount = Omit<IdentityOptions, 'region'>;
