import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { exchangePatiently } from '../http/exchange.ts';
import type { SSOSource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import type { CredentialContext } from './context.ts';
import { sessionEnded } from './session-ended.ts';
import { withSessionLock } from './session-lock.ts';
import { parseTimestamp } from './timestamp.ts';

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
}

/**
 * The access token of a login. One that is about to end is renewed first, under a lock that all our processes respect:
 * the refresh token changes with each use, and who comes second with an old one is logged out.
 * @throws EKSAuthError `SESSION_EXPIRED`
 */
export async function ssoAccessToken(source: SSOSource, context: CredentialContext): Promise<string> {
  const { tokenFile, session } = source;
  if (session !== undefined && shouldRefresh(await readToken(source), context.now())) {
    await withSessionLock(tokenFile, context, () => refresh(source, context));
  }
  // Declared as read only now: what the renewal changed is no change of session.
  await context.reading(tokenFile);
  const token = await readToken(source);
  if (!token)
    throw sessionEnded(
      `There is no SSO login for the profile "${source.profile}" (${tokenFile} does not exist).`,
      source,
    );
  if (token.expiresAt > context.now()) return token.accessToken;
  throw sessionEnded(
    `The SSO login of the profile "${source.profile}" ended at ${token.expiresAt.toISOString()}.`,
    source,
  );
}

function shouldRefresh(token: SSOTokenFile | undefined, now: Date): token is SSOTokenFile {
  if (!token || token.expiresAt.getTime() - now.getTime() >= REFRESH_WINDOW_MS) return false;
  const { refreshToken, clientId, clientSecret, registrationExpiresAt } = token;
  if (!refreshToken || !clientId || !clientSecret || !registrationExpiresAt) return false;
  const registrationEnds = parseTimestamp(registrationExpiresAt);
  if (!registrationEnds) throw new Undecidable('the registration of the SSO client has an unreadable end');
  return registrationEnds > now;
}

/** To be called under the lock. What is refused here shows when the token is used. */
async function refresh(source: SSOSource, context: CredentialContext): Promise<void> {
  const { now, transport, plan, signal, logger } = context;
  const token = await readToken(source);
  if (!shouldRefresh(token, now())) return;
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = token;
  const response = await exchangePatiently(transport, {
    method: 'POST',
    url: `${source.oidcUrl}/token`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ grantType: 'refresh_token', clientId, clientSecret, refreshToken }),
    proxied: true,
    ...plan.http,
    signal,
  });
  if (response.status !== 200) {
    logger.debug('the SSO login was not renewed', { profile: source.profile, status: response.status });
    return;
  }
  const renewed = JSON.parse(response.body) as { accessToken: string; expiresIn: number; refreshToken?: string };
  const expiresAt = new Date(Math.floor(now().getTime() / 1000 + renewed.expiresIn) * 1000);
  // An `aws` that knows no lock may have renewed it meanwhile: then its result stays.
  if ((await readToken(source))?.refreshToken !== refreshToken) return;
  await replaceFile(source.tokenFile, {
    startUrl: source.startUrl,
    region: source.region,
    accessToken: renewed.accessToken,
    expiresAt: `${expiresAt.toISOString().slice(0, 19)}Z`,
    clientId,
    clientSecret,
    registrationExpiresAt,
    ...(renewed.refreshToken === undefined ? {} : { refreshToken: renewed.refreshToken }),
  });
}

async function replaceFile(path: string, content: object): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(content), { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function readToken(source: SSOSource): Promise<SSOTokenFile | undefined> {
  const text = await readFile(source.tokenFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new Undecidable(`${source.tokenFile} cannot be read (${error.code})`);
  });
  if (text === undefined) return undefined;
  const { accessToken, expiresAt, ...rest } = parse(source.tokenFile, text);
  if (typeof accessToken !== 'string' || typeof expiresAt !== 'string') {
    throw sessionEnded(`The SSO login of the profile "${source.profile}" is incomplete (${source.tokenFile}).`, source);
  }
  const ends = parseTimestamp(expiresAt);
  if (!ends) throw new Undecidable(`the end of the SSO login in ${source.tokenFile} is unreadable`);
  const texts = Object.entries(rest).filter(([, value]) => typeof value === 'string');
  return { ...(Object.fromEntries(texts) as Partial<SSOTokenFile>), accessToken, expiresAt: ends };
}

function parse(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // What is no JSON is treated as what is no object.
  }
  throw new Undecidable(`${path} is not what the AWS CLI writes there`);
}
