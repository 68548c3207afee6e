import type { EKSAuthError, EKSAuthErrorCode } from '../../errors.ts';
import { type EntryFacts, formatFacts, timestamp, toldUntil } from './entry.ts';
import { parseFacts } from './parse-entry.ts';

/** Why a token could not be made, as `.error` files name it. */
export type FailureKind =
  | 'session_expired'
  | 'no_credentials'
  | 'access_denied'
  | 'cluster_not_found'
  | 'network_error'
  | 'exec_failed';

/** A remembered failure: until its end, readers report it instead of trying again. */
export interface Failure extends EntryFacts {
  readonly failure: FailureKind;
  /** The processes that have asked and failed, the newest first: at a terminal the failure answers these alone. */
  readonly askers: readonly string[];
  /** One line for the user. */
  readonly message: string;
}

/** The error codes of each kind. A failure whose line names none of them gets the first. */
const CODES: Readonly<Record<FailureKind, readonly [EKSAuthErrorCode, ...EKSAuthErrorCode[]]>> = {
  session_expired: ['SESSION_EXPIRED'],
  no_credentials: ['NO_CREDENTIALS', 'PROFILE_NOT_FOUND'],
  access_denied: ['ACCESS_DENIED'],
  cluster_not_found: ['CLUSTER_NOT_FOUND'],
  network_error: ['NETWORK'],
  exec_failed: ['EXEC_FAILED'],
};
const KINDS = Object.keys(CODES) as FailureKind[];

/** The kind of failure that a code belongs to. Undefined for a code that is not remembered. */
export function failureKind(code: EKSAuthErrorCode): FailureKind | undefined {
  return KINDS.find((name) => CODES[name].includes(code));
}

/** The code of a failure that was read from disk: the one that its line begins with, if it is of this kind. */
export function failureCode({ failure, message }: Pick<Failure, 'failure' | 'message'>): EKSAuthErrorCode {
  const told = /^([A-Z_]+): /.exec(message)?.[1];
  return CODES[failure].find((code) => code === told) ?? CODES[failure][0];
}

/** The one line of an `.error` file, its newline included. */
export function formatFailure(failure: Failure): string {
  const until = timestamp(toldUntil(failure));
  const meta = formatFacts(failure);
  const askers = [...new Set(failure.askers)].filter(isAsker).slice(0, MOST_ASKERS).join('|');
  const message = plain(failure.message);
  return `{"error":"${failure.failure}","until":"${until}","ekspress":"${meta}","askers":"${askers}","message":"${message}"}\n`;
}

/** The failure in the text of a file. Undefined if the text does not have this format. */
export function parseFailure(text: string): Failure | undefined {
  const [line = ''] = /^.*\n/.exec(text) ?? [];
  const pattern =
    /^{"error":"([a-z_]+)","until":"([^"]*)","ekspress":"([^"]*)","askers":"([^"]*)","message":"([^"]*)"}\n$/;
  const [, word, until = '', meta = '', askers = '', message = ''] = pattern.exec(line) ?? [];
  const failure = KINDS.find((known) => known === word);
  const facts = parseFacts(meta, until);
  if (facts === undefined || failure === undefined) return undefined;
  return { ...facts, failure, askers: askers.split('|').filter(isAsker), message: message.replaceAll('\\\\', '\\') };
}

/** So many processes at terminals are known beside one failure. A further one makes an attempt of its own. */
const MOST_ASKERS = 8;

/** Whether the name of a process can stand in the file as it is. */
function isAsker(name: string): boolean {
  return /^[A-Za-z0-9_./:@+=,() -]{1,80}$/.test(name);
}

/** How much of the cause is kept: what a program has said may be long. */
const CAUSE_CHARACTERS = 500;
/** Stands between the cause and the remedy. */
const NEXT = ' Next: ';

/** The one line for the user: the code, the cause, and what to do next. */
export function failureMessage({ code, message, remedy }: EKSAuthError): string {
  const cause = message.length > CAUSE_CHARACTERS ? `${message.slice(0, CAUSE_CHARACTERS)}…` : message;
  return `${code}: ${cause}${NEXT}${remedy}`;
}

/** Whether a message that was read from disk tells of this error. */
export function tellsOf(message: string, error: EKSAuthError): boolean {
  return message === plain(failureMessage(error)).replaceAll('\\\\', '\\');
}

/** The parts of a line that {@link failureMessage} made. */
export function readFailureMessage(line: string): { readonly cause: string; readonly remedy: string } {
  const text = line.replace(/^[A-Za-z_]+: /, '');
  const at = text.lastIndexOf(NEXT);
  return at === -1 ? { cause: '', remedy: text } : { cause: text.slice(0, at), remedy: text.slice(at + NEXT.length) };
}

/** The text with only characters that are safe in JSON and on a terminal. Backslashes, which quote in commands, stay. */
function plain(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll(/[^ -~]+/g, ' ')
    .trim()
    .replaceAll('\\', '\\\\');
}
