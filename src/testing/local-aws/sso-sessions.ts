import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AWSError } from './aws-request.ts';

/** Where and how long somebody logs in. */
export interface SSOLoginOptions {
  /** The `sso_session` that the profile names. Default: none, as in profiles of the legacy form. */
  readonly sessionName?: string;
  /** Default: `https://local.awsapps.com/start`. */
  readonly startUrl?: string;
  /** Default: `us-east-1`. */
  readonly region?: string;
  /** How long the access token lives, in seconds; less than 0: it has expired already. Default: 8 hours. */
  readonly expiresInSeconds?: number;
  /** Whether it can be refreshed: only sessions named by `sso_session` can. Default: whether there is a session name. */
  readonly refreshable?: boolean;
}

/** What `aws sso login` leaves in `~/.aws/sso/cache`. */
export interface SSOTokenFile {
  readonly startUrl: string;
  readonly region: string;
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly registrationExpiresAt: string;
  readonly refreshToken?: string;
}

/** The SSO sessions of the local AWS. */
export interface SSOSessions {
  /** A new session. */
  login(options: SSOLoginOptions): SSOTokenFile;
  /** A new session, its file written where the CLI and the SDKs look. Returns the path. */
  loginTo(home: string, options: SSOLoginOptions): Promise<string>;
  /** Whether an access token is one of a living session. */
  accepts(accessToken: string, now: Date): boolean;
  /** Trades a refresh token for new tokens; it works once. */
  refresh(
    clientId: string,
    clientSecret: string,
    refreshToken: string,
  ): { accessToken: string; refreshToken: string; expiresIn: number };
  /** Ends every session: no access and no refresh token works any more. */
  logoutAll(): void;
}

/** Life of a refreshed access token. */
const REFRESHED_SECONDS = 3600;
const LOGIN_SECONDS = 8 * 3600;
const DAY_MS = 86_400_000;

interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** No session to begin with. */
export function createSSOSessions(now: () => Date): SSOSessions {
  const accessTokens = new Map<string, Date>();
  const refreshTokens = new Map<string, Client>();

  function newAccessToken(seconds: number): { accessToken: string; expiresAt: Date } {
    const accessToken = `aoaAAAAAEKSPRESSLOCALACCESS${randomBytes(60).toString('base64url')}`;
    const expiresAt = new Date(now().getTime() + seconds * 1000);
    accessTokens.set(accessToken, expiresAt);
    return { accessToken, expiresAt };
  }

  function newRefreshToken(client: Client): string {
    const refreshToken = `aorAAAAAEKSPRESSLOCALREFRESH${randomBytes(60).toString('base64url')}`;
    refreshTokens.set(refreshToken, client);
    return refreshToken;
  }

  const sessions: SSOSessions = {
    login({ sessionName, startUrl = 'https://local.awsapps.com/start', region = 'us-east-1', ...options }) {
      const { expiresInSeconds = LOGIN_SECONDS, refreshable = sessionName !== undefined } = options;
      const client = {
        clientId: randomBytes(16).toString('base64url'),
        clientSecret: randomBytes(60).toString('base64url'),
      };
      const { accessToken, expiresAt } = newAccessToken(expiresInSeconds);
      return {
        startUrl,
        region,
        accessToken,
        expiresAt: seconds(expiresAt),
        ...client,
        registrationExpiresAt: seconds(new Date(now().getTime() + 90 * DAY_MS)),
        ...(refreshable ? { refreshToken: newRefreshToken(client) } : {}),
      };
    },
    async loginTo(home, options) {
      const file = sessions.login(options);
      const directory = join(home, '.aws', 'sso', 'cache');
      const name = createHash('sha1')
        .update(options.sessionName ?? file.startUrl)
        .digest('hex');
      const path = join(directory, `${name}.json`);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(path, JSON.stringify(file), { mode: 0o600 });
      return path;
    },
    accepts(accessToken, at) {
      const expiresAt = accessTokens.get(accessToken);
      return expiresAt !== undefined && at < expiresAt;
    },
    refresh(clientId, clientSecret, refreshToken) {
      const client = refreshTokens.get(refreshToken);
      if (client === undefined) throw new AWSError(400, 'InvalidGrantException', 'Invalid refresh token provided');
      if (client.clientId !== clientId || client.clientSecret !== clientSecret) {
        throw new AWSError(401, 'InvalidClientException', 'Invalid client provided');
      }
      refreshTokens.delete(refreshToken);
      const { accessToken } = newAccessToken(REFRESHED_SECONDS);
      return { accessToken, refreshToken: newRefreshToken(client), expiresIn: REFRESHED_SECONDS };
    },
    logoutAll() {
      accessTokens.clear();
      refreshTokens.clear();
    },
  };
  return sessions;
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
