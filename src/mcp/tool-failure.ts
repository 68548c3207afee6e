import { repeatedFailure } from '../aws/token/failure-memory.ts';
import { EKSAuthError, type EKSAuthErrorCode, sentencesOf } from '../errors.ts';
import type { Logger } from '../host.ts';
import { WRITE_CONTEXTS } from '../text/apply-words.ts';
import { sentenceForModel } from '../text/sentence.ts';
import { RefusedByServer, UnusableAnswer } from './api/ask-server.ts';
import type { KnownWords } from './known-words.ts';
import { isRefusal } from './refusal.ts';

/** The description of a failure in the answers of the tools. */
export interface ToolFailure {
  /** A code of ekspress, or `API_SERVER` or `INTERNAL`. */
  readonly code: string;
  readonly message: string;
  /** The next step. */
  readonly remedy: string;
}

/** Replaces remedies that name options of the library. Here the operator sets them on the command line. */
const REMEDIES: Readonly<Record<string, string>> = {
  SERVER_UNTRUSTED:
    'Ask the user to compare the server with the one that `aws eks describe-cluster` shows: a token goes only to the server that AWS (DescribeCluster) or the operator names for its cluster. The operator can start this server with --trust-kubeconfig FILE (their own kubeconfig) or --trust-server URL=FILE (the API server, and its certificate authority as PEM). Proxies and weakened TLS checks are never accepted.',
  EXEC_DENIED:
    'Ask the user for a kubeconfig as `aws eks update-kubeconfig` writes it, and for credentials that need no program and no MFA code. This server runs no programs, reads no files that a kubeconfig names, and accepts only AWS_PROFILE and the region from exec.env.',
};

/** The meaning of a code, for an error whose own words may hold those of others. */
const MEANINGS: Readonly<Record<EKSAuthErrorCode, readonly [message: string, remedy: string]>> = {
  SESSION_EXPIRED: ['The AWS session has ended.', 'Ask the user to log in: `aws sso login` or `aws login`.'],
  NO_CREDENTIALS: [
    'There are no AWS credentials.',
    'Ask the user to log in (`aws sso login`, `aws login`) or to run `aws configure`.',
  ],
  PROFILE_NOT_FOUND: [
    'The AWS profile does not exist.',
    'Ask the user for the name of the profile: `aws configure list-profiles` lists them.',
  ],
  ACCESS_DENIED: [
    'AWS refused the call.',
    'Call diagnose to see whose credentials are used, and ask the user for ones that may do this.',
  ],
  CLUSTER_NOT_FOUND: [
    'The EKS cluster does not exist.',
    'Check name and region with the user: `aws eks list-clusters` lists the clusters.',
  ],
  NETWORK: [
    'AWS or the API server could not be reached.',
    'Ask the user to check the network, the proxies and the VPN, and call the tool again.',
  ],
  EXEC_FAILED: ['The command of the kubeconfig failed.', 'Ask the operator for the log.'],
  EXEC_DENIED: ['The kubeconfig asks for something that this server does not do.', REMEDIES.EXEC_DENIED ?? ''],
  SERVER_UNTRUSTED: ['The server of the kubeconfig is not trusted.', REMEDIES.SERVER_UNTRUSTED ?? ''],
  INVALID_KUBECONFIG: [
    'The kubeconfig cannot be read.',
    `Ask the user to write it again with \`aws eks update-kubeconfig\` or \`${WRITE_CONTEXTS}\`.`,
  ],
  NOT_EKS: [
    'The user of the context does not authenticate through AWS.',
    'Choose another context: list_eks_clusters shows those that are available.',
  ],
  INVALID_CONFIG: ['The kubeconfig, an argument or an AWS file is malformed.', 'Ask the operator for the log.'],
  TOKEN_REJECTED: [
    'The API server refused a fresh token.',
    'Ask the user for access: `aws eks list-access-entries` shows the administrator who has it.',
  ],
  TIMEOUT: ['The call took too long.', 'Call the tool again, or call diagnose.'],
};

/** Codes of Node and OpenSSL, and those of certificates among them. */
const NETWORK_REASON =
  /^(E[A-Z]+|UND_ERR_[A-Z_]+|CERT_[A-Z_]+|[A-Z]+(_[A-Z]+)*_CERT[A-Z_]*|UNABLE_TO_[A-Z_]+|ERR_(TLS|SSL)_[A-Z_]+)$/;
const NOT_TRUSTED = /CERT|^UNABLE_TO_(GET_ISSUER|VERIFY)/;

/** The places of names that a model may not be shown. */
const HIDDEN = /\(not shown\)|names that are not shown/;
const WHY_HIDDEN =
  'Names that only a kubeconfig or a server says are not shown; those in a file that the operator names with --trust-kubeconfig are.';

/** An error is described by our own words, and by known names of others. */
export function describeFailure(error: unknown, logger: Logger, words: KnownWords): ToolFailure {
  const isKnown = (name: string): boolean => words.has(name);
  if (error instanceof EKSAuthError) {
    const repeated = repeatedFailure(error);
    if (repeated?.first) return describeFailure(repeated.first, logger, words);
    const [meaning, step] = MEANINGS[error.code];
    // Another process has told it: the words are those of a file.
    if (repeated) return { code: error.code, message: meaning, remedy: step };
    const { message, remedy } = sentencesOf(error);
    const forPerson = remedy && sentenceForModel(remedy, isKnown);
    const forModel = isRefusal(error) ? forPerson : (REMEDIES[error.code] ?? (forPerson && askUser(forPerson)));
    const told = message === undefined ? meaning : sentenceForModel(message, isKnown);
    const next = forModel ?? step;
    return { code: error.code, message: told, remedy: HIDDEN.test(`${told} ${next}`) ? `${next} ${WHY_HIDDEN}` : next };
  }
  if (isAbort(error)) {
    return {
      code: 'TIMEOUT',
      message: 'The call took too long and was aborted.',
      remedy: 'Call the tool again, or call diagnose.',
    };
  }
  if (error instanceof RefusedByServer) return refusedByServer(error.code);
  if (error instanceof UnusableAnswer) {
    return { code: 'API_SERVER', message: error.message, remedy: error.remedy };
  }
  const reason = networkReasonOf(error);
  if (reason !== undefined && NOT_TRUSTED.test(reason)) {
    return {
      code: 'NETWORK',
      message: `The certificate of the API server is not valid for the server and the certificate authority in the kubeconfig (${reason}).`,
      remedy:
        'Ask the user to write the kubeconfig again: `aws eks update-kubeconfig --name CLUSTER --region REGION`. A proxy that decrypts TLS has the same effect.',
    };
  }
  if (reason !== undefined) {
    const remedy = 'Ask the user to check that this machine can reach the API server: VPN, proxy, private endpoint.';
    return { code: 'NETWORK', message: `The API server could not be reached (${reason}).`, remedy };
  }
  logger.error('mcp: unexpected failure', { name: error instanceof Error ? error.name : typeof error });
  return { code: 'INTERNAL', message: 'An unexpected error occurred.', remedy: 'Ask the operator for the log.' };
}

/** A step for a person with a terminal, which a model passes on. */
function askUser(remedy: string): string {
  return /^Ask the /.test(remedy) ? remedy : `Ask the user to do this: ${remedy}`;
}

function refusedByServer(status: number): ToolFailure {
  const what =
    status === 403 ? 'this identity is not allowed to do that' : status === 404 ? 'it does not serve this request' : '';
  return {
    code: 'API_SERVER',
    message: `The API server answered ${status}${what && `: ${what}`}.`,
    remedy:
      status === 403
        ? 'Ask the user for access: the administrator of the cluster grants it.'
        : 'Call diagnose, or ask the administrator of the cluster.',
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name);
}

/** The system's error code, for example `ECONNREFUSED`. Versions of client-node have it at different depths. */
function networkReasonOf(error: unknown): string | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    const code = 'code' in one ? String(one.code) : '';
    if (NETWORK_REASON.test(code)) return code;
  }
  return error instanceof TypeError && error.message === 'fetch failed' ? 'no connection' : undefined;
}
