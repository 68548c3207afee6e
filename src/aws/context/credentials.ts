import type { CredentialSource } from '../plan/plan.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';

/** Keys that sign requests, and when they end. */
export interface Credentials extends SigningKeys {
  /** Absent for long-lived keys. */
  readonly expiresAt?: Date;
}

/** Credentials, and whether new ones can be fetched later in the same way. */
export interface FoundCredentials {
  readonly credentials: Credentials;
  /** The source of the credentials. Where several sources were asked, the one that answered. */
  readonly source: CredentialSource;
  /** Neither a person nor a foreign program took part. */
  readonly unattended: boolean;
}
