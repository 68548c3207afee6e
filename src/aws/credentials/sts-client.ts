import { Readable } from 'node:stream';
import type { AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import { EKSAuthError } from '../../errors.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { exchangeWithRetry, networkFailure } from '../http/exchange.ts';
import { isXMLOfAWS, notOfAWS } from '../http/not-aws.ts';
import { TransportError } from '../http/transport.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';
import { serviceRefusal } from './service-failure.ts';

/** As the AWS CLI sends them; what is absent is not sent. */
export interface AssumeRoleInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly ExternalId?: string;
  readonly DurationSeconds?: number;
  readonly SerialNumber?: string;
  readonly TokenCode?: string;
}

export interface AssumeRoleWithWebIdentityInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly WebIdentityToken: string;
}

/** The credentials of a role, and how STS names the session. */
export interface AssumedRole {
  readonly credentials: Required<Credentials>;
  readonly assumedRoleId: string;
  readonly arn: string;
}

/** @throws EKSAuthError */
export async function assumeRole(
  mint: PlannedMint,
  profile: string | undefined,
  keys: SigningKeys,
  input: AssumeRoleInput,
): Promise<AssumedRole> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const call = { operation: 'AssumeRole', profile, keys };
  return send(call, mint, (client, options) => client.send(new AssumeRoleCommand(input), options));
}

/** Unsigned: the token is the proof. @throws EKSAuthError */
export async function assumeRoleWithWebIdentity(
  mint: PlannedMint,
  input: AssumeRoleWithWebIdentityInput,
): Promise<AssumedRole> {
  const { AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts');
  const call = { operation: 'AssumeRoleWithWebIdentity', profile: mint.plan.profile, keys: undefined };
  return send(call, mint, (client, options) => client.send(new AssumeRoleWithWebIdentityCommand(input), options));
}

/** One operation of STS: who signs it, and which profile an error names. */
interface STSCall {
  readonly operation: string;
  readonly profile: string | undefined;
  /** Absent: the request is not signed. */
  readonly keys: SigningKeys | undefined;
}

type STSCommand = (client: STSClient, options: { abortSignal?: AbortSignal }) => Promise<AssumeRoleCommandOutput>;

async function send(call: STSCall, mint: PlannedMint, command: STSCommand): Promise<AssumedRole> {
  const client = await createClient(mint, call.keys);
  try {
    const { Credentials: given, AssumedRoleUser: user } = await command(
      client,
      mint.signal ? { abortSignal: mint.signal } : {},
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw notOfSTS(mint, 200);
    return {
      credentials: {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiresAt: Expiration,
      },
      assumedRoleId: user?.AssumedRoleId ?? '',
      arn: user?.Arn ?? '',
    };
  } catch (error) {
    throw asFailure(call, mint, error);
  } finally {
    client.destroy();
  }
}

/**
 * The request handler below tries again, by the settings of the AWS CLI. The SDK itself only sends a request again whose date
 * it has corrected by the clock of AWS.
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

/** Everything that the SDK would look up in the process's environment and in the AWS files is given. */
async function createClient(mint: PlannedMint, keys: SigningKeys | undefined): Promise<STSClient> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const { sts, now } = mint;
  const client = withoutVersionWarning(
    () =>
      new STSClient({
        region: sts.scopeRegion,
        endpoint: sts.url,
        credentials: keys ?? { accessKeyId: '', secretAccessKey: '' },
        requestHandler: requestHandler(mint),
        systemClockOffset: now().getTime() - Date.now(),
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
  // It would put the process's AWS Lambda trace on the request.
  client.middlewareStack.remove('recursionDetectionMiddleware');
  return client;
}

/**
 * The SDK warns about old versions of Node on stderr, which is the terminal of the kubectl user: once in a process, in
 * the first constructor that sees one. This one sees a newer Node, so that nothing is said, and the warning is still there
 * for a client that the application makes itself.
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
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

function requestHandler({ transport, plan }: PlannedMint) {
  return {
    async handle(request: SDKRequest, options: { abortSignal?: AbortSignal } = {}) {
      const { protocol, hostname, port, path, headers, body } = request;
      const url = `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`;
      const signal = options.abortSignal;
      const sent = {
        method: 'POST',
        url,
        headers,
        body: String(body ?? ''),
        proxied: true,
        ...plan.http,
        signal,
      } as const;
      const response = await exchangeWithRetry(transport, sent, plan.retry);
      if (response.status < 500 && response.status !== 429 && !isXMLOfAWS(response)) throw notOfAWS(url, response);
      return {
        response: {
          statusCode: response.status,
          headers: response.headers,
          body: Readable.from([Buffer.from(response.body)]),
        },
      };
    },
  } as never;
}

function asFailure({ operation, profile }: STSCall, { sts, signal }: PlannedMint, error: unknown): Error {
  if (error instanceof EKSAuthError) return error;
  if (error instanceof TransportError) return networkFailure(sts.url, error);
  if (signal?.aborted) return networkFailure(sts.url, new TransportError('aborted', 'aborted', signal.reason));
  const { Code, message, $metadata } = error as SDKError;
  if (Code !== undefined) return serviceRefusal({ operation, code: Code, said: message, profile });
  const status = $metadata?.httpStatusCode;
  return status === undefined ? (error as Error) : notOfSTS({ sts }, status);
}

/** An answer that names neither credentials nor an error. */
function notOfSTS({ sts }: Pick<PlannedMint, 'sts'>, status: number): EKSAuthError {
  return notOfAWS(sts.url, { status, headers: {} });
}

/** An error of the SDK: one that AWS named has a `Code`. */
interface SDKError extends Error {
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}
