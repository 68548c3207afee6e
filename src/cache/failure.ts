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

/** The codes that each class stands for. One that was read from disk has the first of them. */
const CODES: Readonly<Record<FailureClass, readonly [EKSAuthErrorCode, ...EKSAuthErrorCode[]]>> = {
  session_expired: ['SESSION_EXPIRED'],
  no_credentials: ['NO_CREDENTIALS', 'PROFILE_NOT_FOUND'],
  access_denied: ['ACCESS_DENIED'],
  cluster_not_found: ['CLUSTER_NOT_FOUND'],
  network_error: ['NETWORK'],
  exec_failed: ['EXEC_FAILED'],
};
const CLASSES = Object.keys(CODES) as FailureClass[];

/** What a failure is called on disk; undefined for one that is not remembered. */
export function failureClass(code: EKSAuthErrorCode): FailureClass | undefined {
  return CLASSES.find((name) => CODES[name].includes(code));
}

/** The code of a failure that was read from disk. */
export function failureCode(name: FailureClass): EKSAuthErrorCode {
  return CODES[name][0];
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
  const failure = CLASSES.find((known) => known === word);
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
