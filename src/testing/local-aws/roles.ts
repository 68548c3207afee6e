/** An MFA device. */
export interface LocalMFADevice {
  /** Its ARN, the SerialNumber of a request. */
  readonly serial: string;
  /** Its only code, the TokenCode of a request. */
  readonly code: string;
}

/** A role of the local AWS. */
export interface LocalRole {
  /** Kubernetes groups of its sessions. Absent: clusters have no access entry for it and answer 401. */
  readonly groups?: readonly string[] | undefined;
  /** ARNs of users and roles that may assume it. Default: all. */
  readonly trusts?: readonly string[] | undefined;
  /** The required ExternalId. Default: none. */
  readonly externalId?: string | undefined;
  /** The required MFA device. Default: none. */
  readonly mfa?: LocalMFADevice | undefined;
  /** The longest session in seconds, 900 to 43,200. Default: 3600. */
  readonly maxSessionSeconds?: number | undefined;
  /** The web identity tokens (JWTs) that may assume it. Default: none. */
  readonly webIdentityTokens?: readonly string[] | undefined;
}

/** Roles by ARN. */
export type LocalRoles = Readonly<Record<string, LocalRole>>;
