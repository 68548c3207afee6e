import type { Credentials } from '../context/credentials.ts';
import type { INISection } from '../ini/raw-config-parser.ts';
import { textOf } from '../plan/settings.ts';

/** The keys in one section of one file. The plan has checked that both exist. */
export function profileKeys(section: INISection | undefined): Credentials {
  const text = (key: string): string | undefined => section && textOf(section, key);
  const sessionToken = text('aws_security_token') ?? text('aws_session_token');
  return {
    accessKeyId: text('aws_access_key_id') ?? '',
    secretAccessKey: text('aws_secret_access_key') ?? '',
    // The AWS CLI signs with an empty session token from a file. Only an empty variable counts as absent.
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}
