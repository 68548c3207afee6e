import { parseMapping } from '../../system/mapping.ts';
import type { HTTPResponse } from './transport.ts';

/** How often a request to AWS is sent, and which answers ask for it again: the settings of the AWS CLI. */
export interface RetrySettings {
  readonly mode: 'legacy' | 'standard';
  /** The first one included. */
  readonly attempts: number;
  /** The same where no answer came at all. */
  readonly attemptsWithoutAnswer: number;
}

/** botocore's error codes for "too many at once", of its legacy mode and of the newer ones. */
const THROTTLING_LEGACY = [
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottledException',
  'ProvisionedThroughputExceededException',
];
const THROTTLING_STANDARD = [
  ...THROTTLING_LEGACY,
  'TooManyRequestsException',
  'TransactionInProgressException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'RequestThrottled',
  'SlowDown',
  'PriorRequestNotComplete',
  'EC2ThrottledException',
];
const THROTTLING = {
  legacy: { codes: new Set(THROTTLING_LEGACY), statuses: new Set([429]) },
  standard: { codes: new Set(THROTTLING_STANDARD), statuses: new Set<number>() },
};
const TRANSIENT = {
  legacy: { codes: new Set(['IDPCommunicationError']), statuses: new Set([500, 502, 503, 504, 509]) },
  standard: {
    codes: new Set(['RequestTimeout', 'RequestTimeoutException', 'IDPCommunicationError']),
    statuses: new Set([500, 502, 503, 504]),
  },
};

/** STS could not fetch the keys of the identity provider. The CLI gives up here; the SDKs of PHP and Go try again. */
const NO_VERIFICATION_KEY = /retrieve verification key/;

/**
 * Whether an answer asks for the same request again, and why. botocore decides it in the same way, with one exception:
 * a status of 429 without a code counts in both modes.
 */
export function reasonToRetry(
  response: HTTPResponse,
  { mode }: Pick<RetrySettings, 'mode'>,
): 'throttled' | 'transient' | undefined {
  const { status } = response;
  if (status < 400) return undefined;
  const code = errorCode(response) ?? '';
  // In the legacy mode a code counts with a status of 400 only.
  const counts = (codes: ReadonlySet<string>) => codes.has(code) && (mode === 'standard' || status === 400);
  if (status === 429 || THROTTLING[mode].statuses.has(status) || counts(THROTTLING[mode].codes)) return 'throttled';
  if (TRANSIENT[mode].statuses.has(status) || counts(TRANSIENT[mode].codes)) return 'transient';
  return NO_VERIFICATION_KEY.test(response.body) ? 'transient' : undefined;
}

/** How AWS names an error: in a header or a field of services that speak JSON, in an element of STS. */
function errorCode({ headers, body }: HTTPResponse): string | undefined {
  const { code, __type } = parseMapping(body) ?? {};
  const named = headers['x-amzn-errortype'] ?? code ?? __type ?? /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
  return typeof named === 'string' ? named.split(':', 1)[0]?.replace(/^.*#/, '') : undefined;
}

const THROTTLED_MS = 1000;
const TRANSIENT_MS = 50;
const LONGEST_MS = 20_000;
/** By how much the service may prolong a pause. */
const PROLONGED_MS = 5000;

/** The pause before the next attempt, as the newest releases of the CLI make it. */
export function pauseMs(
  attempt: number,
  reason: 'throttled' | 'transient',
  response: HTTPResponse | undefined,
): number {
  const base = reason === 'throttled' ? THROTTLED_MS : TRANSIENT_MS;
  const pause = Math.random() * Math.min(base * 2 ** (attempt - 1), LONGEST_MS);
  const asked = Number(/^\d+$/.exec(response?.headers['x-amz-retry-after'] ?? '')?.[0] ?? 0);
  return Math.max(pause, Math.min(asked, pause + PROLONGED_MS));
}
