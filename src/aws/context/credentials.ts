import type { CredentialSource } from '../plan/plan.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';

/** Keys, and what is known about them. */
export interface Credentials extends SigningKeys {
  /** Absent for long-lived keys. */
  readonly expiresAt?: Date;
}

/** Credentials, and whether new ones can be fetched later in the same way. */
export interface FoundCredentials {
  readonly credentials: Credentials;
  /** The source that had them; where several were asked, the one that answered. */
  readonly source: CredentialSource;
  /** No person and no program of others took part. */
  readonly unattended: boolean;
}
