/** One HTTP exchange with AWS, or with the service on this host that hands out credentials. */
export interface HTTPRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether proxy variables apply. */
  readonly proxied: boolean;
  /** A file of certificates to trust instead of Node's own. */
  readonly caBundle?: string | undefined;
  /** Until the connection stands; 0: no limit. */
  readonly connectTimeoutMs: number;
  /** Without a byte from the other side; 0: no limit. */
  readonly readTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether a kept connection is used, and kept again afterwards. Such requests may be sent twice. */
  readonly kept?: boolean;
}

export interface HTTPResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @throws TransportError where no answer came */
export type HTTPTransport = (request: HTTPRequest) => Promise<HTTPResponse>;

/** Why there was no answer. */
export type TransportFailure = 'unreachable' | 'timeout' | 'tls' | 'proxy' | 'aborted';

/** No answer came; the message says why, and never what was sent. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}
