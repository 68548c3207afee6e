import type { EKSAuthErrorCode } from '../errors.ts';
import { type Circumstances, formatCircumstances, timestamp, toldUntil } from './entry.ts';
import { parseCircumstances } from './parse-entry.ts';

/** Why there was no token, in the words that `.error` files use. */
export type FailureClass =
  | 'session_expired'
  | 'no_credentials'
  | 'access_denied'
  | 'cluster_not_found'
  | 'network_error'
  | 'exec_failed';

/** A failure that need not be tried again at once. */
export interface Failure extends Circumstances {
  readonly failure: FailureClass;
  /** One line for people. */
  readonly message: string;
}

const CLASSES: Readonly<Partial<Record<EKSAuthErrorCode, FailureClass>>> = {
  SESSION_EXPIRED: 'session_expired',
  NO_CREDENTIALS: 'no_credentials',
  PROFILE_NOT_FOUND: 'no_credentials',
  ACCESS_DENIED: 'access_denied',
  CLUSTER_NOT_FOUND: 'cluster_not_found',
  NETWORK: 'network_error',
  EXEC_FAILED: 'exec_failed',
};

/** What a failure is called on disk; undefined for one that is not remembered. */
export function failureClass(code: EKSAuthErrorCode): FailureClass | undefined {
  return CLASSES[code];
}

/** The one line of an `.error` file, its newline included. */
export function formatFailure(failure: Failure): string {
  const until = timestamp(toldUntil(failure));
  const meta = formatCircumstances(failure);
  return `{"error":"${failure.failure}","until":"${until}","ekspress":"${meta}","message":"${plain(failure.message)}"}\n`;
}

/** The failure in the text of a file, or undefined if it is none of this format. */
export function parseFailure(text: string): Failure | undefined {
  const [line = ''] = /^.*\n/.exec(text) ?? [];
  const pattern = /^{"error":"([a-z_]+)","until":"([^"]*)","ekspress":"([^"]*)","message":"([^"]*)"}\n$/;
  const [, word, until = '', meta = '', message = ''] = pattern.exec(line) ?? [];
  const failure = Object.values(CLASSES).find((known) => known === word);
  const circumstances = parseCircumstances(meta, until);
  return circumstances && failure && { ...circumstances, failure, message };
}

/** Characters that need no care in JSON, in a shell's echo, or on a terminal. */
function plain(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll(/[^ -~]+/g, ' ')
    .trim();
}
