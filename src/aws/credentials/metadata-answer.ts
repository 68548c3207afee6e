import type { Credentials } from './credentials.ts';
import { parseTimestamp } from './timestamp.ts';

/** What container and instance metadata services answer; `undefined` where a field is missing. */
export function credentialsFromAnswer(body: string): Required<Credentials> | undefined {
  let answer: Readonly<Record<string, unknown>>;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    answer = parsed as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = answer;
  const expiresAt = typeof Expiration === 'string' ? parseTimestamp(Expiration) : undefined;
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || typeof Token !== 'string')
    return undefined;
  return expiresAt && { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, expiresAt };
}

/** Whether a body can be an answer at all; one that is none is asked for again. */
export function isJSON(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
