import { EKSAuthError } from '../errors.ts';
import { isMapping } from '../system/mapping.ts';
import { isoSeconds } from '../text/iso-seconds.ts';

/** The versions of client.authentication.k8s.io that an answer can be asked for in. */
export const EXEC_API_GROUP = 'client.authentication.k8s.io';

/** Longer tokens are refused by the server (aws-iam-authenticator, `maxTokenLenBytes`). */
export const MAX_TOKEN_LENGTH = 4096;

/** What an exec plugin answered, as far as a bearer token goes. */
export interface BearerCredential {
  readonly token: string;
  /** As the plugin claims it; absent where it claims nothing. */
  readonly expiresAt?: Date;
}

/**
 * Reads the one ExecCredential that a command printed.
 * @param stdout - everything the command printed
 * @param command - how messages call the command
 * @throws EKSAuthError EXEC_FAILED where it printed nothing, several documents, something else, or no token
 */
export function parseExecCredential(stdout: string, command: string): BearerCredential {
  const fail = (what: string): never => {
    throw new EKSAuthError('EXEC_FAILED', `${command} ${what}`, {
      remedy: `Run the command by hand: it has to print one ExecCredential in JSON and nothing else (\`${command} … --output json\`).`,
    });
  };
  const text = stdout.trim();
  if (text === '') return fail('printed nothing where an ExecCredential was expected.');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return fail(
      looksLikeSeveral(text)
        ? 'printed more than one JSON document where one ExecCredential was expected.'
        : 'printed something that is not JSON where an ExecCredential was expected.',
    );
  }
  if (!isMapping(document) || document.kind !== 'ExecCredential')
    return fail('printed JSON that is not an ExecCredential.');
  const status = document.status;
  if (!isMapping(status) || typeof status.token !== 'string' || status.token === '') {
    return fail('printed an ExecCredential without status.token.');
  }
  if (!/^[\x21-\x7e]+$/.test(status.token))
    return fail('printed a token with characters that no HTTP header can hold.');
  if (status.token.length > MAX_TOKEN_LENGTH) {
    return fail(`printed a token of ${status.token.length} characters; EKS accepts ${MAX_TOKEN_LENGTH} at most.`);
  }
  if (status.expirationTimestamp === undefined || status.expirationTimestamp === null) return { token: status.token };
  const expiresAt = new Date(String(status.expirationTimestamp));
  if (Number.isNaN(expiresAt.getTime()))
    return fail('printed an ExecCredential whose expirationTimestamp is not a date.');
  return { token: status.token, expiresAt };
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

/** The apiVersion to answer in, and what the AWS CLI says on stderr about the one that was asked for. */
export interface AskedApiVersion {
  readonly apiVersion: string;
  readonly notice?: string;
}

/**
 * Reads `KUBERNETES_EXEC_INFO` as `aws eks get-token` does: v1, v1beta1 and v1alpha1 are answered in kind,
 * anything else in v1beta1 with a notice.
 */
export function askedApiVersion(execInfo: string | undefined): AskedApiVersion {
  const fallback = `${EXEC_API_GROUP}/v1beta1`;
  if (!execInfo) return { apiVersion: fallback };
  let info: unknown;
  try {
    info = JSON.parse(execInfo);
  } catch {
    return { apiVersion: fallback, notice: `KUBERNETES_EXEC_INFO is not JSON; answering in ${fallback}.` };
  }
  const asked = isMapping(info) ? info.apiVersion : undefined;
  if (asked === `${EXEC_API_GROUP}/v1` || asked === fallback) return { apiVersion: asked };
  if (asked === `${EXEC_API_GROUP}/v1alpha1`) {
    return {
      apiVersion: asked,
      notice: `The kubeconfig asks for the deprecated ${asked}; set the user's apiVersion to ${fallback}.`,
    };
  }
  return {
    apiVersion: fallback,
    notice: `KUBERNETES_EXEC_INFO asks for an unknown apiVersion; answering in ${fallback}.`,
  };
}

/** The answer of an exec plugin, on one line, keys in the order of `aws eks get-token`. */
export function formatExecCredential(apiVersion: string, token: string, expiresAt: Date): string {
  const expirationTimestamp = isoSeconds(expiresAt);
  return JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status: { expirationTimestamp, token } });
}

function looksLikeSeveral(text: string): boolean {
  return /^\{[\s\S]*\}\s*\{[\s\S]*\}$/.test(text);
}
