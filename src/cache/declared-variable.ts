import { createHash } from 'node:crypto';
import type { Environment } from '../host.ts';

const SECRET_NAME = /(secret|password|passwd|passphrase|private-?_?key|api-?_?key|access-?_?key|token)$/i;

/** Whether the value of a variable or flag of this name may be a secret. Such a value is not written down. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Stands for a value that is not written down. The `%` keeps sh, which cannot compute digests, from comparing it. */
export function digest(value: string): string {
  return `%${createHash('sha256').update(`ekspress ${value}`).digest('hex').slice(0, 40)}`;
}

/** The word of an identity for a variable that the user declared as part of it (`--key-env`). */
export function declaredVariable(name: string, env: Environment): string {
  const value = env[name];
  if (value === undefined) return `env=${name}`;
  return `env=${name}=${isSecretName(name) && value !== '' ? digest(value) : value}`;
}
