import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';
import { Undecidable } from '../undecidable.ts';

/** The keys in the environment. The plan has checked that both exist. */
export function environmentCredentials(recorder: Recorder, now: Date): Credentials {
  const expiration = recorder.variable('AWS_CREDENTIAL_EXPIRATION');
  const expiresAt = expiration ? parseTimestamp(expiration) : undefined;
  if (expiration && !expiresAt) throw new Undecidable('AWS_CREDENTIAL_EXPIRATION is not a time with a zone');
  if (expiresAt && expiresAt < now) {
    throw new EKSAuthError('SESSION_EXPIRED', `The AWS keys in the environment ended at ${expiresAt.toISOString()}.`, {
      remedy: 'Get new ones from the program that set AWS_ACCESS_KEY_ID, and start again from that shell.',
    });
  }
  const sessionToken = recorder.variable('AWS_SECURITY_TOKEN') || recorder.variable('AWS_SESSION_TOKEN');
  return {
    accessKeyId: recorder.variable('AWS_ACCESS_KEY_ID') ?? '',
    secretAccessKey: recorder.variable('AWS_SECRET_ACCESS_KEY') ?? '',
    ...(sessionToken ? { sessionToken } : {}),
    ...(expiresAt ? { expiresAt } : {}),
  };
}
