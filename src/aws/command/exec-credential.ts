import type { ClientCertificate } from '../../cache/entry/entry.ts';
import { EKSAuthError } from '../../errors.ts';
import { isMapping } from '../../system/mapping.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import { parseTimestamp } from '../../text/timestamp.ts';

/** Longer tokens are refused by the server (aws-iam-authenticator, `maxTokenLenBytes`). */
export const MAX_TOKEN_LENGTH = 4096;

/** What an exec plugin answers: a bearer token, a client certificate with its key, or both. */
export interface ExecCredential {
  /** Empty where there is a certificate alone. */
  readonly token: string;
  readonly certificate?: ClientCertificate | undefined;
  /**
   * The end that the plugin claims. Absent where it claims none, or a time that was never set (`0001-01-01T00:00:00Z`).
   */
  readonly expiresAt?: Date | undefined;
}

/** The bearer token that a command printed. */
export interface BearerCredential {
  readonly token: string;
  /** The end that the command claims. Absent where it claims none. */
  readonly expiresAt?: Date;
}

/** Go writes a time that was never set as the first moment of the year 1. */
const NEVER_SET = Date.UTC(1970, 0, 1);

/**
 * Reads the one ExecCredential that a program printed.
 * @param stdout - everything that the program printed
 * @param apiVersion - the version that the answer must have. Default: any
 * @returns the credential, or why a client cannot use it: the end of a sentence that begins with the name of the
 *   program
 */
export function readExecCredential(stdout: string, apiVersion?: string): ExecCredential | string {
  // trim() also removes the byte order mark that some programs print first.
  const text = stdout.trim();
  if (text === '') return 'printed nothing where an ExecCredential was expected.';
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return looksLikeSeveral(text)
      ? 'printed more than one JSON document where one ExecCredential was expected.'
      : 'printed something that is not JSON where an ExecCredential was expected.';
  }
  if (!isMapping(document) || document.kind !== 'ExecCredential') return 'printed JSON that is not an ExecCredential.';
  if (apiVersion !== undefined && document.apiVersion !== apiVersion) {
    return `printed an ExecCredential that is not of the kubeconfig's apiVersion, ${apiVersion}.`;
  }
  const status = isMapping(document.status) ? document.status : {};
  const token = status.token ?? '';
  const clientCertificateData = status.clientCertificateData ?? '';
  const clientKeyData = status.clientKeyData ?? '';
  if (typeof token !== 'string') return WITHOUT_TOKEN;
  if (typeof clientCertificateData !== 'string' || typeof clientKeyData !== 'string') return HALF_CERTIFICATE;
  if ((clientCertificateData === '') !== (clientKeyData === '')) return HALF_CERTIFICATE;
  const certificate = clientKeyData === '' ? undefined : { clientCertificateData, clientKeyData };
  if (token === '' && !certificate) return WITHOUT_TOKEN;
  const ends = status.expirationTimestamp ?? undefined;
  const expiresAt = ends === undefined ? undefined : parseTimestamp(String(ends));
  if (ends !== undefined && !expiresAt) return 'printed an ExecCredential whose expirationTimestamp is not a date.';
  const told = expiresAt && expiresAt.getTime() > NEVER_SET;
  return { token, ...(certificate && { certificate }), ...(told && { expiresAt }) };
}

const WITHOUT_TOKEN = 'printed an ExecCredential without status.token.';
const HALF_CERTIFICATE = 'printed an ExecCredential with half of a client certificate and its key.';

/**
 * Reads the bearer token that a command for EKS printed.
 * @param stdout - everything the command printed
 * @param command - how messages call the command
 * @throws EKSAuthError EXEC_FAILED where it printed nothing, several documents, something else, or no token
 */
export function parseExecCredential(stdout: string, command: string): BearerCredential {
  const read = readExecCredential(stdout);
  const problem = typeof read === 'string' ? read : objectionToToken(read.token);
  if (typeof read !== 'string' && problem === undefined) {
    const { token, expiresAt } = read;
    return { token, ...(expiresAt && { expiresAt }) };
  }
  throw new EKSAuthError('EXEC_FAILED', `${command} ${problem}`, {
    remedy: `Run the command by hand: it has to print one ExecCredential in JSON and nothing else (\`${command} … --output json\`).`,
  });
}

function objectionToToken(token: string): string | undefined {
  if (token === '') return WITHOUT_TOKEN;
  if (!/^[\x21-\x7e]+$/.test(token)) return 'printed a token with characters that no HTTP header can hold.';
  if (token.length <= MAX_TOKEN_LENGTH) return undefined;
  return `printed a token of ${token.length} characters; EKS accepts ${MAX_TOKEN_LENGTH} at most.`;
}

/** The answer of an exec plugin, on one line, keys in the order of `aws eks get-token`. */
export function formatExecCredential(apiVersion: string, { token, certificate, expiresAt }: ExecCredential): string {
  const status = {
    ...(expiresAt && { expirationTimestamp: isoSeconds(expiresAt) }),
    ...(token !== '' && { token }),
    ...certificate,
  };
  return JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status });
}

/**
 * When an EKS token was signed, read from the token itself (`X-Amz-Date` of the presigned URL inside):
 * the server counts its 15 minutes from there, whatever an expirationTimestamp claims.
 * @returns undefined for a token that is not an EKS one
 */
export function signedAt(token: string): Date | undefined {
  if (!token.startsWith('k8s-aws-v1.')) return undefined;
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8');
  const date = /[?&]X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:&|$)/.exec(url);
  if (!date) return undefined;
  const [, year, month, day, hour, minute, second] = date;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function looksLikeSeveral(text: string): boolean {
  return text.startsWith('{') && text.endsWith('}') && /\}\s*\{/.test(text);
}
