import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { STSClient } from '@aws-sdk/client-sts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import { isXMLOfAWS, notOfAWS } from '../http/not-aws.ts';
import type { HTTPRequest, HTTPResponse } from '../http/transport.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';

/** Sends one request of the SDK. Each call has its own sender, with its settings, its signal and its recorder. */
export type SendSTS = (request: Pick<HTTPRequest, 'method' | 'url' | 'headers' | 'body'>) => Promise<HTTPResponse>;

/** Options of a call: the SDK hands them to the request handler as they are. */
export interface STSCallOptions {
  readonly abortSignal?: AbortSignal;
  readonly send: SendSTS;
}

/** How many clients are kept: enough for an endpoint or two and the keys that assume its roles. */
const KEPT = 8;
/** If the offset of the clock has changed by more than this, a new client is made, which gets the new offset. */
const CLOCK_TOLERANCE_MS = 1_000;

interface KnownClient {
  readonly name: string;
  readonly clockOffset: number;
  readonly client: STSClient;
}

/**
 * The clients that are in use somewhere in the process, by a digest of endpoint and keys. A client lives no longer than its
 * users, because it knows the keys.
 */
const IN_USE = new Map<string, WeakRef<KnownClient>>();
/** Entries without a client are removed above this number. */
const MANY = 64;

/**
 * One client for each STS endpoint and its keys: making one costs as much as several calls, and takes the memory of as many.
 * Token managers that know nothing of each other share it.
 */
export class KnownSTSClients {
  readonly #known: KnownClient[] = [];

  /** @param keys absent: requests are not signed */
  async get(sts: STSEndpoint, keys: SigningKeys | undefined, now: () => Date): Promise<STSClient> {
    const { STSClient } = await import('@aws-sdk/client-sts');
    const signers = keys && [keys.accessKeyId, keys.secretAccessKey, keys.sessionToken];
    const name = JSON.stringify([sts.url, sts.scopeRegion, signers]);
    const clockOffset = now().getTime() - Date.now();
    const at = this.#known.findIndex((one) => one.name === name);
    const [known] = at < 0 ? [] : this.#known.splice(at, 1);
    const fits = (one: KnownClient) => Math.abs(one.clockOffset - clockOffset) <= CLOCK_TOLERANCE_MS;
    const make = () => ({ name, clockOffset, client: createClient(STSClient, sts, keys, clockOffset) });
    const used = known && fits(known) ? known : inUse(name, fits, make);
    this.#known.unshift(used);
    this.#known.length = Math.min(this.#known.length, KEPT);
    return used.client;
  }
}

function inUse(name: string, fits: (one: KnownClient) => boolean, make: () => KnownClient): KnownClient {
  const key = createHash('sha256').update(name).digest('base64');
  const other = IN_USE.get(key)?.deref();
  if (other && fits(other)) return other;
  const made = make();
  if (IN_USE.size >= MANY) for (const [old, one] of IN_USE) if (!one.deref()) IN_USE.delete(old);
  IN_USE.set(key, new WeakRef(made));
  return made;
}

/**
 * Makes a client with explicit values for everything that the SDK would otherwise read from `process.env` and the AWS
 * files.
 */
function createClient(
  Client: typeof STSClient,
  sts: STSEndpoint,
  keys: SigningKeys | undefined,
  clockOffset: number,
): STSClient {
  const client = withoutVersionWarning(
    () =>
      new Client({
        region: sts.scopeRegion,
        endpoint: sts.url,
        credentials: keys ?? { accessKeyId: '', secretAccessKey: '' },
        requestHandler: { handle } as never,
        systemClockOffset: clockOffset,
        useFipsEndpoint: false,
        useDualstackEndpoint: false,
        useGlobalEndpoint: false,
        defaultsMode: 'standard',
        retryStrategy: RETRY_STRATEGY as never,
        maxAttempts: 2,
        retryMode: 'standard',
        authSchemePreference: [],
        sigv4aSigningRegionSet: [],
        disableClockSkewCorrection: false,
        userAgentAppId: async () => undefined,
        defaultUserAgentProvider: async () => [['ekspress']],
        logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
      }),
  );
  // This middleware would add the AWS Lambda trace of the process to the request.
  client.middlewareStack.remove('recursionDetectionMiddleware');
  return client;
}

/**
 * The sender of a call makes further attempts, by the settings of the AWS CLI. The SDK itself repeats a request only
 * after it has corrected the date by the clock of AWS.
 */
const RETRY_STRATEGY: RetryStrategy = {
  acquireInitialRetryToken: async () => retryToken(0),
  refreshRetryTokenForRetry: async (token, { error }) => {
    if (token.getRetryCount() > 0 || !error?.$metadata?.clockSkewCorrected) throw error;
    return retryToken(1);
  },
  recordSuccess: () => undefined,
};

interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** The part of the SDK's interface that is used. */
interface RetryStrategy {
  acquireInitialRetryToken(scope: string): Promise<RetryToken>;
  refreshRetryTokenForRetry(
    token: RetryToken,
    facts: { readonly error?: { readonly $metadata?: { readonly clockSkewCorrected?: boolean } } },
  ): Promise<RetryToken>;
  recordSuccess(token: RetryToken): void;
}

const retryToken = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

/**
 * The SDK warns about old versions of Node on stderr, which is the terminal of the kubectl user. It does so once in a
 * process, in the first constructor that sees an old version. Here the constructor sees a newer version, so it prints
 * no warning. A client that the application makes itself can still print it.
 */
function withoutVersionWarning<T>(construct: () => T): T {
  const own = Object.getOwnPropertyDescriptor(process, 'version');
  if (!own?.configurable) return construct();
  Object.defineProperty(process, 'version', { ...own, value: 'v999.0.0' });
  try {
    return construct();
  } finally {
    Object.defineProperty(process, 'version', own);
  }
}

/** What the SDK hands over for sending. */
interface SDKRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

async function handle(request: SDKRequest, { send }: STSCallOptions) {
  const { protocol, hostname, port, path, headers, body } = request;
  const url = `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`;
  const response = await send({ method: 'POST', url, headers, body: String(body ?? '') });
  if (response.status < 500 && response.status !== 429 && !isXMLOfAWS(response)) throw notOfAWS(url, response);
  return {
    response: {
      statusCode: response.status,
      headers: response.headers,
      body: Readable.from([Buffer.from(response.body)]),
    },
  };
}
