import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';
import { Undecidable } from '../undecidable.ts';

/** Keys in the environment; the plan has seen that both are there. */
export function environmentCredentials(env: Environment, now: Date): Credentials {
  const expiration = env.AWS_CREDENTIAL_EXPIRATION;
  const expiresAt = expiration ? parseTimestamp(expiration) : undefined;
  if (expiration && !expiresAt) throw new Undecidable('AWS_CREDENTIAL_EXPIRATION is no time with a zone');
  if (expiresAt && expiresAt < now) {
    throw new EKSAuthError('SESSION_EXPIRED', `The AWS keys in the environment ended at ${expiresAt.toISOString()}.`, {
      remedy: 'Get new ones from whatever set AWS_ACCESS_KEY_ID, and start again from that shell.',
    });
  }
  const sessionToken = env.AWS_SECURITY_TOKEN || env.AWS_SESSION_TOKEN;
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    ...(sessionToken ? { sessionToken } : {}),
    ...(expiresAt ? { expiresAt } : {}),
  };
}
