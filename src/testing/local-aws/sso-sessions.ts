import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AWSError } from './aws-request.ts';

/** Options of an SSO login. */
export interface SSOLoginOptions {
  /** The `sso_session` of the profile. Default: none, as in profiles of the legacy form. */
  readonly sessionName?: string | undefined;
  /** Default: `https://local.awsapps.com/start`. */
  readonly startUrl?: string | undefined;
  /** Default: `us-east-1`. */
  readonly region?: string | undefined;
  /** The lifetime of the access token in seconds; negative for an expired one. Default: 8 hours. */
  readonly expiresInSeconds?: number | undefined;
  /** Whether the session has a refresh token. Default: true with a session name, else false. */
  readonly refreshable?: boolean | undefined;
}

/** The file that `aws sso login` writes into `~/.aws/sso/cache`. */
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
  /** Starts a session. */
  login(options: SSOLoginOptions): SSOTokenFile;
  /** Starts a session and writes its file where the CLI and the SDKs read it. Returns the path. */
  loginTo(home: string, options: SSOLoginOptions): Promise<string>;
  /** Whether an access token belongs to a valid session. */
  accepts(accessToken: string, now: Date): boolean;
  /** Exchanges a refresh token for new tokens. A refresh token works once. */
  refresh(
    clientId: string,
    clientSecret: string,
    refreshToken: string,
  ): { accessToken: string; refreshToken: string; expiresIn: number };
  /** Ends all sessions. Their access and refresh tokens stop working. */
  logoutAll(): void;
}

/** The lifetime of a refreshed access token. */
const REFRESHED_SECONDS = 3600;
const LOGIN_SECONDS = 8 * 3600;
const DAY_MS = 86_400_000;

interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Makes an empty set of sessions. */
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
