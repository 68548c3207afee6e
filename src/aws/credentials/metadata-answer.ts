import { parseMapping } from '../../system/mapping.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';

/** What container and instance metadata services answer; `undefined` where a field is missing. */
export function credentialsFromAnswer(body: string): Required<Credentials> | undefined {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parseMapping(body) ?? {};
  const expiresAt = typeof Expiration === 'string' ? parseTimestamp(Expiration) : undefined;
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || typeof Token !== 'string')
    return undefined;
  return expiresAt && { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, expiresAt };
}
