import { readFileSync } from 'node:fs';

/** A situation of `aws-iam-authenticator token`, and what the real program did in it. */
export interface AuthenticatorVector {
  /** The release that answered. */
  readonly release: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** What STS says to GetCallerIdentity. */
  readonly userId: string;
  /** The URL in the token. */
  readonly url: string;
  /** The requests to STS, in order. `NANOS` stands for the time in a session name. */
  readonly requests: readonly AuthenticatorRequest[];
}

export interface AuthenticatorRequest {
  readonly host: string;
  readonly form: Readonly<Record<string, string>>;
  /** Access key id, region and service of the signature. */
  readonly signer: string;
}

/** The answers of the releases 0.5.9, 0.6.13 and 0.7.18. */
export function authenticatorVectors(): readonly AuthenticatorVector[] {
  return JSON.parse(readFileSync(new URL('../vectors/aws-iam-authenticator.json', import.meta.url), 'utf8'));
}
