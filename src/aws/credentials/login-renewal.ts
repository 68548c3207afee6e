import type { KeyObject } from 'node:crypto';
import type { EKSAuthError } from '../../errors.ts';
import { isMapping, type Mapping, parseMapping } from '../../system/mapping.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { signInEndpoint } from '../endpoint/sign-in-endpoint.ts';
import { exchangeWithRetry } from '../http/exchange.ts';
import { isJSONOfAWS, notOfAWS } from '../http/not-aws.ts';
import type { HTTPResponse } from '../http/transport.ts';
import type { LoginSource } from '../plan/plan.ts';
import { REGION } from '../plan/region.ts';
import { dpopProof, readDPoPKey } from '../sign/dpop-proof.ts';
import { Undecidable } from '../undecidable.ts';
import { waitForRival } from './session-lock.ts';

/** The outcome of a renewal. If both fields are absent, the file has the new keys. */
export interface LoginRenewal {
  /** The new keys, where they could not be saved. */
  readonly unsaved?: Required<Credentials>;
  /** Why there are no new keys: a failed request, or the refusal of AWS Sign-In. */
  readonly refused?: EKSAuthError | Sentence;
}

/** A login that is about to end. */
export interface EndingLogin {
  readonly path: string;
  readonly region: string | undefined;
  readonly read: () => Promise<{ readonly content: Mapping }>;
}

/** What a renewal needs. */
interface RenewalFacts {
  readonly key: KeyObject;
  readonly clientId: string;
  readonly refreshToken: string;
  readonly accountId: string;
  readonly url: string;
}

/**
 * Reads from a login how to renew it. Call it before the lock is taken as well: where only the original command can
 * renew the login, that command must run under the lock.
 * @throws Undecidable where only the CLI can renew it
 */
export function renewalFacts(
  { path, region = '' }: EndingLogin,
  content: Mapping,
  { signIn }: LoginSource,
): RenewalFacts {
  const { clientId, refreshToken, accessToken } = content;
  const accountId = isMapping(accessToken) ? accessToken.accountId : undefined;
  const key = readDPoPKey(content.dpopKey);
  if (!key || typeof clientId !== 'string' || typeof refreshToken !== 'string' || typeof accountId !== 'string')
    throw new Undecidable('the login holds something that only the AWS CLI can use', path);
  if (!REGION.test(region)) throw new Undecidable('only the AWS CLI knows in which region the login is', path);
  return { key, clientId, refreshToken, accountId, url: `${signInEndpoint(region, signIn)}/v1/token` };
}

/** Calls CreateOAuth2Token once, as the AWS CLI does. Call it under the lock. @throws Undecidable */
export async function renewLogin(login: EndingLogin, source: LoginSource, mint: PlannedMint): Promise<LoginRenewal> {
  const { transport, plan, signal, logger, memory } = mint;
  const { content } = await login.read();
  const { key, clientId, refreshToken, accountId, url } = renewalFacts(login, content, source);
  const response = await exchangeWithRetry(
    transport,
    {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        dpop: dpopProof(key, url, mint.now()),
      },
      body: JSON.stringify({ clientId, refreshToken, grantType: 'refresh_token' }),
      proxied: true,
      ...plan.http,
      signal,
    },
    plan.retry,
    { ...memory.gates.to('sso', url), kept: false },
  ).catch((error: EKSAuthError) => error);
  if (response instanceof Error) return { refused: response };
  const renewed = response.status === 200 ? parseAnswer(response.body, mint.now()) : undefined;
  if (!renewed) {
    logger.debug('the login was not renewed', { profile: source.profile, status: response.status });
    const strange = response.status === 200 || response.status >= 500 || response.status === 429;
    if (strange || !isJSONOfAWS(response)) return { refused: notOfAWS(url, response) };
    await waitForRival(async () => (await login.read()).content.refreshToken !== refreshToken);
    return { refused: saidBy(response) };
  }
  // An `aws` process takes no lock, so it may have renewed the login meanwhile. Its result stays.
  const latest = (await login.read()).content;
  if (latest.refreshToken !== refreshToken) return {};
  const { expiresAt, ...keys } = renewed.credentials;
  const saved = { ...keys, accountId, expiresAt: isoSeconds(expiresAt) };
  const text = JSON.stringify({ ...latest, accessToken: saved, refreshToken: renewed.refreshToken });
  try {
    // Synced to the disk before the rename: the refresh token in the old file may be used up.
    await mint.recorder.writeFile(login.path, text, true);
    return {};
  } catch {
    logger.warn('the renewed login could not be saved; log in again when it ends', { file: login.path });
    return { unsaved: renewed.credentials };
  }
}

interface RenewedLogin {
  readonly credentials: Required<Credentials>;
  readonly refreshToken: string;
}

function parseAnswer(body: string, now: Date): RenewedLogin | undefined {
  const { accessToken, expiresIn, refreshToken } = parseMapping(body) ?? {};
  const { accessKeyId, secretAccessKey, sessionToken } = isMapping(accessToken) ? accessToken : ({} as Mapping);
  if (typeof expiresIn !== 'number' || typeof refreshToken !== 'string') return undefined;
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string' || typeof sessionToken !== 'string')
    return undefined;
  const expiresAt = new Date(Math.floor(now.getTime() / 1000 + expiresIn) * 1000);
  return { credentials: { accessKeyId, secretAccessKey, sessionToken, expiresAt }, refreshToken };
}

/** The code and message of a refusal of Sign-In: `: TOKEN_EXPIRED, The refresh token has expired`. */
function saidBy({ body }: HTTPResponse): Sentence {
  const { error, message } = parseMapping(body) ?? {};
  const said = [error, message].filter((part) => typeof part === 'string' && part !== '').join(', ');
  return said === '' ? own('') : sentence`: AWS Sign-In says ${new ForeignText(said.replace(/\.$/, ''))}`;
}
