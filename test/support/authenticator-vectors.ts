import { readFileSync } from 'node:fs';
import type { ExecStanza } from '../../src/aws/stanza/eks-auth-config.ts';

/** A situation of `aws-iam-authenticator token`, and what the real program did in it. */
export interface AuthenticatorVector {
  /** The release that answered. */
  readonly release: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** What STS says to GetCallerIdentity. */
  readonly userId: string;
  /** The URL in the token. Absent where the program printed none. */
  readonly url?: string;
  /** The requests to STS, in order. `NANOS` stands for the time in a session name. */
  readonly requests: readonly AuthenticatorRequest[];
}

export interface AuthenticatorRequest {
  readonly host: string;
  readonly form: Readonly<Record<string, string>>;
  /** Access key id, region and service of the signature. */
  readonly signer: string;
}

/** The answers of several releases. */
export function authenticatorVectors(): readonly AuthenticatorVector[] {
  return JSON.parse(readFileSync(new URL('../vectors/aws-iam-authenticator.json', import.meta.url), 'utf8'));
}

/** Old releases say `X-Amz-Expires=0`, a number that no cluster looks at. */
export function comparableURL(url: string, theirs: string): string {
  return theirs.includes('&X-Amz-Expires=0&') ? url.replace(/&X-Amz-(?:Expires|Signature)=\w+/g, '') : url;
}

/** The `X-Amz-Date` of a signed URL. */
export function dateOfURL(url: string): Date {
  const [, day = '', time = ''] = /X-Amz-Date=(\d{8})T(\d{6})Z/.exec(url) ?? [];
  return new Date(`${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
}

const CLUSTER = 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID';

/** The stanza of a situation. It has the variable that names the cluster, because a kubeconfig has to name it. */
export function stanzaOf(command: string, args: readonly string[], env: Readonly<Record<string, string>>): ExecStanza {
  const value = env[CLUSTER];
  return { command, args, ...(value !== undefined && { env: [{ name: CLUSTER, value }] }) };
}

/** Releases since 0.7.3 assume the role twice, with equal requests, and sign with the second answer. One is enough. */
export function withoutRepetition(requests: readonly AuthenticatorRequest[]): readonly AuthenticatorRequest[] {
  return requests.filter((one, index) => JSON.stringify(one) !== JSON.stringify(requests[index - 1]));
}
