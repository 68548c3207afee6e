import { EKSAuthError } from '../../errors.ts';
import { isJSON } from '../../system/mapping.ts';
import type { Credentials } from '../context/credentials.ts';
import type { MintContext, PlannedMint } from '../context/mint-context.ts';
import { shareCredentials, shareRequest } from '../context/share-credentials.ts';
import { networkFailure } from '../http/exchange.ts';
import type { HTTPRequest, HTTPResponse } from '../http/transport.ts';
import { TransportError } from '../http/transport.ts';
import type { InstanceMetadataSource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { credentialsFromAnswer } from './metadata-answer.ts';

const TOKEN_PATH = 'latest/api/token';
const TOKEN_LIFETIME_SECONDS = '21600';
const ROLE_PATH = 'latest/meta-data/iam/security-credentials/';
const ZONE_PATH = 'latest/meta-data/placement/availability-zone/';

/** The shortest time by which botocore prolongs expired keys. */
const PROLONGED_MS = 12 * 60 * 1000;

/** The role of the instance; `undefined` where no such service answers, or the instance has no role. */
export async function instanceCredentials(
  source: InstanceMetadataSource,
  mint: PlannedMint,
): Promise<Credentials | undefined> {
  const { recorder } = mint;
  recorder.bindToHost();
  const parts = ['instance-metadata', source.endpoint];
  const fetch = async () => {
    const token = await sessionToken(source, mint);
    const role = await get(source, ROLE_PATH, token, mint);
    const answer = role && (await get(source, ROLE_PATH + role, token, mint, isJSON));
    const credentials = answer ? credentialsFromAnswer(answer) : undefined;
    if (!credentials) throw new NoInstanceCredentials();
    return prolonged(credentials, mint.now());
  };
  try {
    if (LINK_LOCAL.test(source.endpoint)) {
      return await shareCredentials(mint, parts, async () => ({ credentials: await fetch() }));
    }
    // Another program's server may hand out another role under the same address.
    recorder.keepInMemory('the instance metadata service at a configured address may change its role');
    return await shareRequest(mint, parts, fetch);
  } catch (error) {
    if (error instanceof NoInstanceCredentials) return undefined;
    throw error;
  }
}

/** The addresses of the service on every instance of EC2. */
const LINK_LOCAL = /^http:\/\/(?:169\.254\.169\.254|\[fd00:ec2::254\])(?:[:/?]|$)/;

/**
 * Prolongs expired keys that the service hands out while it cannot get new ones. AWS still accepts them. botocore uses
 * them for another 12 to 20 minutes each time.
 */
function prolonged(credentials: Required<Credentials>, now: Date): Credentials {
  if (credentials.expiresAt > now) return credentials;
  return { ...credentials, expiresAt: new Date(now.getTime() + PROLONGED_MS) };
}

/** The region of the instance, by the zone it is in; `undefined` where no such service answers. */
export async function instanceRegion(source: InstanceMetadataSource, mint: MintContext): Promise<string | undefined> {
  const token = await sessionToken(source, mint).catch((error: unknown) => {
    if (!(error instanceof NoInstanceCredentials)) throw error;
    throw new Undecidable('the instance metadata service takes the request for a session for a bad one');
  });
  const zone = await get(source, ZONE_PATH, token, mint);
  return zone?.slice(0, -1);
}

class NoInstanceCredentials extends Error {}

/** The session of IMDSv2. Without one, v1 is asked where that is allowed. */
async function sessionToken(source: InstanceMetadataSource, mint: MintContext): Promise<string | undefined> {
  for (let attempt = 0; attempt < source.attempts; attempt += 1) {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_LIFETIME_SECONDS };
    const response = await tryOnce(source, { method: 'PUT', path: TOKEN_PATH, headers }, mint);
    if (response?.status === 200) return response.body;
    // As botocore: after a bad request version 1 is not asked.
    if (response?.status === 400) throw new NoInstanceCredentials();
    if (response && [403, 404, 405].includes(response.status)) break;
  }
  if (!source.v1Disabled) return undefined;
  throw new EKSAuthError(
    'NO_CREDENTIALS',
    'The instance metadata service gives no session, and version 1 of it is disabled.',
    {
      remedy: 'Allow IMDSv2 from here (in containers the hop limit has to be 2), or configure other credentials.',
    },
  );
}

async function get(
  source: InstanceMetadataSource,
  path: string,
  token: string | undefined,
  mint: MintContext,
  isGood: (body: string) => boolean = (body) => body !== '',
): Promise<string | undefined> {
  const headers: Record<string, string> = token === undefined ? {} : { 'x-aws-ec2-metadata-token': token };
  for (let attempt = 0; attempt < source.attempts; attempt += 1) {
    const response = await tryOnce(source, { method: 'GET', path, headers }, mint);
    if (response?.status === 200 && isGood(response.body)) return response.body;
  }
  return undefined;
}

interface MetadataRequest extends Pick<HTTPRequest, 'method' | 'headers'> {
  readonly path: string;
}

async function tryOnce(
  { endpoint, timeoutSeconds }: InstanceMetadataSource,
  { method, path, headers }: MetadataRequest,
  { transport, signal }: MintContext,
): Promise<HTTPResponse | undefined> {
  const url = `${endpoint}${endpoint.endsWith('/') ? '' : '/'}${path}`;
  const limit = timeoutSeconds * 1000;
  try {
    return await transport({
      method,
      url,
      headers,
      proxied: true,
      connectTimeoutMs: limit,
      readTimeoutMs: limit,
      signal,
    });
  } catch (error) {
    if (error instanceof TransportError && error.failure === 'aborted') throw networkFailure(url, error);
    return undefined;
  }
}
