import { isoSeconds } from '../../text/iso-seconds.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { shareCredentials } from '../context/share-credentials.ts';
import { exchangeWithRetry } from '../http/exchange.ts';
import { isJSONOfAWS, notOfAWS } from '../http/not-aws.ts';
import type { SSOSource } from '../plan/plan.ts';
import { readCLICache, writeCLICache } from './cli-cache.ts';
import { serviceRefusal } from './service-failure.ts';
import { sessionEnded } from './session-ended.ts';
import { ssoAccessToken } from './sso-token.ts';

interface RoleCredentialsAnswer {
  readonly roleCredentials?: {
    readonly accessKeyId?: unknown;
    readonly secretAccessKey?: unknown;
    readonly sessionToken?: unknown;
    /** Milliseconds since 1970. */
    readonly expiration?: unknown;
  } | null;
}

/**
 * The role credentials of IAM Identity Center: from the CLI's cache (v2), else requested with the login token, which is
 * renewed if possible.
 */
export async function ssoRole(source: SSOSource, mint: PlannedMint): Promise<Credentials> {
  const cached = await readCLICache(source.cliCache, mint);
  if (cached) return cached;
  const accessToken = await ssoAccessToken(source, mint);
  const { accountId, roleName, portalUrl } = source;
  return shareCredentials(mint, ['sso', portalUrl, accountId, roleName, accessToken], async () => {
    const credentials = await roleCredentials(source, accessToken, mint);
    return { credentials, written: await writeCLICache(source.cliCache, cliContent(source, credentials), mint) };
  });
}

async function roleCredentials(
  source: SSOSource,
  accessToken: string,
  { transport, plan, signal, memory, urgency }: PlannedMint,
): Promise<Required<Credentials>> {
  const { portalUrl, roleName, accountId, profile } = source;
  const query = `role_name=${encodeURIComponent(roleName)}&account_id=${encodeURIComponent(accountId)}`;
  const url = `${portalUrl}/federation/credentials?${query}`;
  const response = await exchangeWithRetry(
    transport,
    {
      method: 'GET',
      url,
      headers: { accept: 'application/json', 'x-amz-sso_bearer_token': accessToken },
      proxied: true,
      ...plan.http,
      signal,
    },
    plan.retry,
    { ...memory.gates.to('sso', portalUrl), urgency },
  );
  if (!isJSONOfAWS(response)) throw notOfAWS(url, response);
  if (response.status === 401)
    throw sessionEnded(`AWS no longer accepts the SSO session of the profile "${profile}".`, source);
  if (response.status !== 200) {
    const code = response.headers['x-amzn-errortype']?.split(':')[0] ?? `status ${response.status}`;
    throw serviceRefusal({ operation: 'GetRoleCredentials', code, said: saidBy(response.body), profile });
  }
  const { accessKeyId, secretAccessKey, sessionToken, expiration } =
    (JSON.parse(response.body) as RoleCredentialsAnswer).roleCredentials ?? {};
  if (
    typeof accessKeyId !== 'string' ||
    typeof secretAccessKey !== 'string' ||
    typeof sessionToken !== 'string' ||
    typeof expiration !== 'number'
  ) {
    throw notOfAWS(url, response);
  }
  const expiresAt = new Date(Math.floor(expiration / 1000) * 1000);
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt };
}

/** The `message` of the service. It names roles and accounts, but no secrets. */
function saidBy(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

function cliContent({ accountId }: SSOSource, credentials: Required<Credentials>): object {
  return {
    ProviderType: 'sso',
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: isoSeconds(credentials.expiresAt),
      AccountId: accountId,
    },
  };
}
