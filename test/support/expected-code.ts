import type { EKSAuthErrorCode } from '../../src/errors.ts';

/** What the AWS CLI says when it fails, as the code that a user of ours gets. The first that matches counts. */
const CODES: readonly [said: RegExp, code: EKSAuthErrorCode][] = [
  [/config profile \(.*\) could not be found/, 'PROFILE_NOT_FOUND'],
  [
    /Unable to locate credentials|Partial credentials found|No credentials found in credential_source/,
    'NO_CREDENTIALS',
  ],
  [/retrieving credentials from custom-process/, 'EXEC_FAILED'],
  [/No such file or directory: '.*\/(?:tok|none)'/, 'NO_CREDENTIALS'],
  [
    /Token has expired|SSO session associated|Error loading SSO Token|\(ExpiredToken\)|are still expired/,
    'SESSION_EXPIRED',
  ],
  [/\(AccessDenied\)/, 'ACCESS_DENIED'],
  [/Could not connect to the endpoint URL/, 'NETWORK'],
  [/./, 'INVALID_CONFIG'],
];

/** The code for what a CLI wrote to stderr. */
export function expectedCode(stderr: string): EKSAuthErrorCode | undefined {
  return CODES.find(([said]) => said.test(stderr))?.[1];
}
