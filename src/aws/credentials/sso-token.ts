import { dirname } from 'node:path';
import { parseMapping } from '../../system/mapping.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { exchangeWithRetry } from '../http/exchange.ts';
import { isJSONOfAWS, notOfAWS } from '../http/not-aws.ts';
import type { SSOSource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { parseCLIFile } from './cli-file.ts';
import { notLoggedIn, sessionEnded } from './session-ended.ts';
import { renewAlone, waitForRival } from './session-lock.ts';

/** botocore renews a login token that has less than this left. */
const REFRESH_WINDOW_MS = 15 * 60 * 1000;

/** `~/.aws/sso/cache/<sha1>.json`, as `aws sso login` writes it. */
interface SSOTokenFile {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly refreshToken?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly registrationExpiresAt?: string;
  /** One of the four fields above exists and is not text. The AWS CLI fails where it needs that field. */
  readonly odd: boolean;
}

/** What a renewal needs. */
const RENEWAL_KEYS = ['refreshToken', 'clientId', 'clientSecret', 'registrationExpiresAt'];

/**
 * The access token of a login. A token that is about to end is renewed first, under a lock that all our processes
 * respect: the refresh token changes with each use, and the second use of an old one ends the login.
 * @throws EKSAuthError `SESSION_EXPIRED`
 */
export async function ssoAccessToken(source: SSOSource, mint: PlannedMint): Promise<string> {
  const { tokenFile, session } = source;
  const renewal =
    session !== undefined && shouldRefresh(await readToken(source, mint), mint.now())
      ? await renewOnce(source, mint)
      : IN_THE_FILE;
  if (typeof renewal === 'object' && renewal.session.unsaved !== undefined) return renewal.session.unsaved;
  const token = await readToken(source, mint);
  if (!token) throw notLoggedIn(source);
  if (token.expiresAt > mint.now()) {
    mint.recorder.validUntil(session === undefined ? token.expiresAt : untilRenewal(token, mint.now()));
    return token.accessToken;
  }
  if (renewal === 'busy') throw new Undecidable('another process is renewing the session and does not finish');
  // The original command is not run: the AWS CLI would use up the refresh token and could not save the next one.
  const stuck =
    renewal === 'trouble' ? `, and cannot be renewed here: nothing can be written to ${dirname(tokenFile)}` : '';
  throw sessionEnded(
    `The SSO login of the profile "${source.profile}" ended at ${token.expiresAt.toISOString()}${stuck}.`,
    source,
  );
}

/** A login after its renewal. */
interface RenewedSession {
  /** The new access token, where it could not be saved; otherwise the file has it. */
  readonly unsaved?: string;
}
const IN_THE_FILE = { session: {} as RenewedSession };

/** Renews the login once for all clusters of this process, and once for all our processes. */
function renewOnce(source: SSOSource, mint: PlannedMint) {
  const { tokenFile, oidcUrl } = source;
  const { memory, signal, now } = mint;
  return memory.flights.do(['sso-session', tokenFile, oidcUrl], signal, () =>
    renewAlone<RenewedSession>(tokenFile, {
      renew: () => refresh(source, mint),
      renewed: async () => (shouldRefresh(await readToken(source, mint), now()) ? undefined : {}),
      signal,
    }),
  );
}

/** The time until which the token is used without a renewal. */
function untilRenewal(token: SSOTokenFile, now: Date): Date {
  const renewedFrom = new Date(token.expiresAt.getTime() - REFRESH_WINDOW_MS);
  return renewedFrom > now ? renewedFrom : token.expiresAt;
}

function shouldRefresh(token: SSOTokenFile | undefined, now: Date): token is SSOTokenFile {
  if (!token || token.expiresAt.getTime() - now.getTime() >= REFRESH_WINDOW_MS) return false;
  const { refreshToken, clientId, clientSecret, registrationExpiresAt, odd } = token;
  if (odd) throw new Undecidable('the SSO login holds something that is not text');
  // An empty value counts as present: the AWS CLI sends it.
  if ([refreshToken, clientId, clientSecret].includes(undefined) || registrationExpiresAt === undefined) return false;
  const registrationEnds = parseTimestamp(registrationExpiresAt);
  if (!registrationEnds) throw new Undecidable('the registration of the SSO client has an unreadable end');
  return registrationEnds > now;
}

/** Renews the login. Call it under the lock. A refusal is not an error yet: the old token may still be valid. */
async function refresh(source: SSOSource, mint: PlannedMint): Promise<RenewedSession> {
  const { now, transport, plan, signal, logger, memory } = mint;
  const token = await readToken(source, mint);
  if (!shouldRefresh(token, now())) return {};
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = token;
  const url = `${source.oidcUrl}/token`;
  const response = await exchangeWithRetry(
    transport,
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ grantType: 'refresh_token', clientId, clientSecret, refreshToken }),
      proxied: true,
      ...plan.http,
      signal,
    },
    plan.retry,
    { ...memory.gates.to('sso', url), kept: false },
  );
  const { status } = response;
  const renewed = status === 200 ? parseAnswer(response.body) : undefined;
  if (!renewed) {
    logger.debug('the SSO login was not renewed', { profile: source.profile, status });
    const ended = token.expiresAt <= now();
    // This is the answer of another server or of a service that fails. A new login would not help.
    const strange = !isJSONOfAWS(response) || status >= 500 || status === 429;
    if (status === 200 || (ended && strange)) throw notOfAWS(url, response);
    if (ended) await waitForRival(async () => (await readToken(source, mint))?.refreshToken !== refreshToken);
    return {};
  }
  // An `aws` process takes no lock, so it may have renewed the login meanwhile. Its result stays.
  if ((await readToken(source, mint))?.refreshToken !== refreshToken) return {};
  const expiresAt = new Date(Math.floor(now().getTime() / 1000 + renewed.expiresIn) * 1000);
  const saved = await save(source.tokenFile, mint, {
    startUrl: source.startUrl,
    region: source.region,
    accessToken: renewed.accessToken,
    expiresAt: isoSeconds(expiresAt),
    clientId,
    clientSecret,
    registrationExpiresAt,
    ...(renewed.refreshToken === undefined ? {} : { refreshToken: renewed.refreshToken }),
  });
  if (saved) return {};
  logger.warn('the renewed SSO login could not be saved; log in again when it ends', { file: source.tokenFile });
  return { unsaved: renewed.accessToken };
}

interface RenewedToken {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly refreshToken?: string;
}

function parseAnswer(body: string): RenewedToken | undefined {
  const { accessToken, expiresIn, refreshToken } = parseMapping(body) ?? {};
  if (typeof accessToken !== 'string' || typeof expiresIn !== 'number') return undefined;
  return { accessToken, expiresIn, ...(typeof refreshToken === 'string' ? { refreshToken } : {}) };
}

async function save(path: string, { recorder }: PlannedMint, content: object): Promise<boolean> {
  // Synced to the disk before the rename: the refresh token in the old file is used up.
  const saved = recorder.writeFile(path, JSON.stringify(content), true);
  return saved.then(
    () => true,
    () => false,
  );
}

/** Reads the file again. Only the last read is recorded: after a renewal it is still the same login. */
async function readToken(source: SSOSource, { recorder }: PlannedMint): Promise<SSOTokenFile | undefined> {
  const read = await recorder.readFile(source.tokenFile, { again: true });
  if (read.state === 'absent') return undefined;
  if (read.state !== 'file') throw new Undecidable(`${source.tokenFile} cannot be read (${read.code})`);
  const text = read.bytes.toString('utf8');
  const { accessToken, expiresAt, ...rest } = parseCLIFile(source.tokenFile, text);
  if (typeof accessToken !== 'string' || typeof expiresAt !== 'string') {
    throw sessionEnded(`The SSO login of the profile "${source.profile}" is incomplete (${source.tokenFile}).`, source);
  }
  const ends = parseTimestamp(expiresAt);
  if (!ends) throw new Undecidable(`the end of the SSO login in ${source.tokenFile} is unreadable`);
  const given = Object.entries(rest).filter(([key]) => RENEWAL_KEYS.includes(key));
  const odd = given.some(([, value]) => typeof value !== 'string');
  return { ...(Object.fromEntries(given) as Partial<SSOTokenFile>), accessToken, expiresAt: ends, odd };
}
