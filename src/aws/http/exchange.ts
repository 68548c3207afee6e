import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../../errors.ts';
import { type HTTPRequest, type HTTPResponse, type HTTPTransport, TransportError } from './transport.ts';

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

/**
 * Sends a request that may be sent again, and tries three times where no answer comes or one that says to try again.
 * @throws EKSAuthError `NETWORK`, `TIMEOUT`
 */
export async function exchangeWithRetry(transport: HTTPTransport, request: HTTPRequest): Promise<HTTPResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    try {
      const response = await transport(request);
      if (last || (response.status < 500 && response.status !== 429)) return response;
    } catch (error) {
      if (last || !(error instanceof TransportError) || error.failure === 'aborted' || error.failure === 'tls') {
        throw networkFailure(request.url, error);
      }
    }
    await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }
}

/** The error for a request without an answer; query strings stay out of it. */
export function networkFailure(url: string, error: unknown): EKSAuthError {
  const place = url.replace(/[?#].*$/s, '');
  const failure = error instanceof TransportError ? error.failure : 'unreachable';
  const reason = error instanceof Error ? error.message : String(error);
  if (failure === 'aborted') {
    return new EKSAuthError('TIMEOUT', `The request to ${place} was aborted.`, {
      remedy: 'Try again, with more time.',
      cause: error,
    });
  }
  const remedies = {
    tls: 'Point AWS_CA_BUNDLE (or NODE_EXTRA_CA_CERTS) to the certificates that your network uses.',
    proxy: 'Check HTTPS_PROXY (a proxy may want a name and a password in it) and NO_PROXY.',
    timeout: 'Check the network, HTTPS_PROXY and NO_PROXY, and try again.',
    unreachable: 'Check the network, the region, HTTPS_PROXY and NO_PROXY, and try again.',
  };
  return new EKSAuthError('NETWORK', `No answer from ${place}: ${reason}.`, {
    remedy: remedies[failure],
    cause: error,
  });
}
