/** A device that shows codes. */
export interface LocalMFADevice {
  /** Its ARN: SerialNumber. */
  readonly serial: string;
  /** The one code that it ever shows: TokenCode. */
  readonly code: string;
}

/** A role that the local AWS knows. */
export interface LocalRole {
  /** Kubernetes groups of its sessions. Absent: clusters have no access entry for it and answer 401. */
  readonly groups?: readonly string[];
  /** Who may assume it: ARNs of users or of other roles. Default: everybody. */
  readonly trusts?: readonly string[];
  /** Whoever assumes it has to know this. */
  readonly externalId?: string;
  /** Whoever assumes it has to send this device's serial and code. */
  readonly mfa?: LocalMFADevice;
  /** Longest session, 900 to 43,200. Default: 3600. */
  readonly maxSessionSeconds?: number;
  /** The web identity tokens (JWTs) that may assume it. Default: none. */
  readonly webIdentityTokens?: readonly string[];
}

/** Roles by ARN. */
export type LocalRoles = Readonly<Record<string, LocalRole>>;
