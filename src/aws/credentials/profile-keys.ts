import type { Credentials } from '../context/credentials.ts';
import type { INISection } from '../ini/raw-config-parser.ts';
import { textOf } from '../plan/settings.ts';

/** Keys in one section of one file; the plan has seen that both are there. */
export function profileKeys(section: INISection | undefined): Credentials {
  const text = (key: string): string | undefined => section && textOf(section, key);
  const sessionToken = text('aws_security_token') ?? text('aws_session_token');
  return {
    accessKeyId: text('aws_access_key_id') ?? '',
    secretAccessKey: text('aws_secret_access_key') ?? '',
    // An empty one is signed as such by the AWS CLI; only in the environment is it none.
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}
