import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../../errors.ts';
import { linkSignals } from '../../system/link-signals.ts';
import type { GatedWay } from '../gate/gates.ts';
import type { Urgency } from '../gate/urgency.ts';
import { pauseMs, type RetrySettings, reasonToRetry } from './retry-rules.ts';
import { type HTTPRequest, type HTTPResponse, type HTTPTransport, TransportError } from './transport.ts';

/** No attempt begins later than this. */
const LONGEST_MS = 120_000;

/** The gate of the quota that a request uses. */
export interface Way extends GatedWay {
  /** Absent: a caller waits. */
  readonly urgency?: Urgency | undefined;
  /** `false`: over a new connection, because the request must not be sent twice. */
  readonly kept?: boolean;
  /** {@link enter} has waited for the turn of the first attempt. */
  entered?: boolean;
}

/**
 * Sends a request, and sends it again if no answer comes or the answer asks for another attempt. The settings of the
 * AWS CLI limit the attempts.
 * @param refusedBefore - gets each answer after which the request is sent again
 * @throws EKSAuthError `NETWORK`, `TIMEOUT`
 */
export async function exchangeWithRetry(
  transport: HTTPTransport,
  request: HTTPRequest,
  retry: RetrySettings,
  way?: Way,
  refusedBefore?: (response: HTTPResponse) => void,
): Promise<HTTPResponse> {
  let began: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    if (way) await useTurn(way, request);
    began ??= performance.now();
    const outcome = await attemptOnce(transport, { ...request, kept: way !== undefined && way.kept !== false }).catch(
      (error) => {
        way?.gate.leave();
        throw error;
      },
    );
    const response = outcome instanceof TransportError ? undefined : outcome;
    const reason = response === undefined ? 'transient' : reasonToRetry(response, retry);
    const attempts = response === undefined ? retry.attemptsWithoutAnswer : retry.attempts;
    const pause = reason === undefined ? 0 : pauseMs(attempt, reason, response);
    if (way && reason === 'throttled') way.counts.throttled += 1;
    way?.gate.leave(reason === 'throttled' ? pause : undefined);
    const last = attempt >= attempts || performance.now() - began + pause > LONGEST_MS;
    if (response !== undefined && (last || reason === undefined)) return response;
    if (response !== undefined) refusedBefore?.(response);
    if (outcome instanceof TransportError && (last || outcome.failure === 'aborted' || outcome.failure === 'tls')) {
      throw networkFailure(request.url, outcome);
    }
    await pauseFor(pause, request);
  }
}

/**
 * Waits for the turn of a request that is yet to be made: of thousands that wait, only those whose turn has come take memory and
 * have a date. {@link exchangeWithRetry} uses the turn; {@link leaveUnused} must follow.
 * @throws EKSAuthError `TIMEOUT`
 */
export async function enter(way: Way, { url, signal }: Pick<HTTPRequest, 'url' | 'signal'>): Promise<void> {
  try {
    await way.gate.enter(way.urgency, signal);
    way.entered = true;
  } catch {
    throw networkFailure(url, new TransportError('aborted', 'aborted', signal?.reason));
  }
}

/** Gives a turn back for which no request was made. */
export function leaveUnused(way: Way): void {
  if (way.entered) way.gate.leave();
  way.entered = false;
}

async function useTurn(way: Way, request: HTTPRequest): Promise<void> {
  if (!way.entered) await enter(way, request);
  way.entered = false;
  way.counts.sent += 1;
}

async function attemptOnce(transport: HTTPTransport, request: HTTPRequest): Promise<HTTPResponse | TransportError> {
  try {
    return await transport(request);
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw networkFailure(request.url, error);
  }
}

async function pauseFor(ms: number, { url, signal: given }: HTTPRequest): Promise<void> {
  const { signal, unlink } = linkSignals([given]);
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw networkFailure(url, new TransportError('aborted', 'aborted', given?.reason));
  } finally {
    unlink();
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
