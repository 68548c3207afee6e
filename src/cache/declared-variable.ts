import { createHash } from 'node:crypto';
import type { Environment } from '../host.ts';

const SECRET_NAME = /(secret|password|passwd|passphrase|private-?_?key|api-?_?key|access-?_?key|token)$/i;

/** Whether what is called so is better not written down. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Stands for a value that is not written down. A `%` in it keeps sh, which has no digests, from comparing it. */
export function digest(value: string): string {
  return `%${createHash('sha256').update(`ekspress ${value}`).digest('hex').slice(0, 40)}`;
}

/** How a variable that was declared to matter stands among the words of an identity. */
export function declaredVariable(name: string, env: Environment): string {
  const value = env[name];
  if (value === undefined) return `env=${name}`;
  return `env=${name}=${isSecretName(name) && value !== '' ? digest(value) : value}`;
}
