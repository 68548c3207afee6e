import { EKSAuthError } from '../errors.ts';
import type { Logger } from '../host.ts';
import { plainMessage } from './safe-text.ts';

/** What a model is told of a failure. */
export interface Failure {
  /** A code of ekspress, or `API_SERVER` or `INTERNAL`. */
  readonly code: string;
  readonly message: string;
  /** The next thing to do. */
  readonly remedy: string;
}

/** The library's remedies name options of a call; here the operator decides, and says so on the command line. */
const REMEDIES: Readonly<Record<string, string>> = {
  SERVER_UNTRUSTED:
    'A token goes only to the server that AWS (DescribeCluster) or the operator names for its cluster. Compare with `aws eks describe-cluster`; the operator can start this server with --trust-kubeconfig <own kubeconfig> or --trust-server <endpoint>. Proxies and weakened TLS checks are never accepted.',
  EXEC_DENIED:
    'This server runs no program, reads no file that a kubeconfig names, and takes nothing from exec.env but AWS_PROFILE and the region. Use the kubeconfig as `aws eks update-kubeconfig` writes it, and credentials that need no program.',
};

/** What to tell of an error, without anything that is not for a model. */
export function describeFailure(error: unknown, logger: Logger): Failure {
  if (error instanceof EKSAuthError) {
    const remedy = REMEDIES[error.code] ?? error.remedy;
    return { code: error.code, message: plainMessage(error.message), remedy: plainMessage(remedy) };
  }
  // Before the status: a DOMException has a number too.
  if (isAbort(error)) {
    return {
      code: 'TIMEOUT',
      message: 'The call took too long and was given up.',
      remedy: 'Try again, or run diagnose.',
    };
  }
  const status = httpStatusOf(error);
  if (status !== undefined) return refusedByServer(status);
  const reason = networkReasonOf(error);
  if (reason !== undefined) {
    const remedy = 'Check that this machine reaches the API server: VPN, proxy, private endpoint.';
    return { code: 'NETWORK', message: `The API server could not be reached (${reason}).`, remedy };
  }
  logger.error('mcp: unexpected failure', { name: error instanceof Error ? error.name : typeof error });
  return { code: 'INTERNAL', message: 'Something unexpected went wrong.', remedy: 'Ask the operator for the log.' };
}

/** client-node's errors carry the answer's body and headers in their message: only the number is taken. */
function httpStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return undefined;
  return error.code;
}

function refusedByServer(status: number): Failure {
  const what = status === 403 ? 'this identity may not do that' : status === 404 ? 'it does not know this request' : '';
  return {
    code: 'API_SERVER',
    message: `The API server answered ${status}${what && `: ${what}`}.`,
    remedy: status === 403 ? 'Ask whoever grants access to the cluster.' : 'Run diagnose, or ask the operator.',
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name);
}

/** The system's word for it, `ECONNREFUSED` for example, wherever a version of client-node hides it. */
function networkReasonOf(error: unknown): string | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    const code = 'code' in one ? String(one.code) : '';
    if (/^(E[A-Z]+|UND_ERR_[A-Z_]+|CERT_[A-Z_]+|[A-Z]+_CERT[A-Z_]*|UNABLE_TO_[A-Z_]+|ERR_TLS_[A-Z_]+)$/.test(code)) {
      return code;
    }
  }
  return error instanceof TypeError && error.message === 'fetch failed' ? 'no connection' : undefined;
}
