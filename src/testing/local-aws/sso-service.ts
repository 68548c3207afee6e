import type { IdentityStore } from '../identities.ts';
import { AWSError, type AWSRequest, type AWSService, jsonRefusal, jsonReply } from './aws-request.ts';
import { issueCredentials } from './issue-credentials.ts';
import type { SSOSessions } from './sso-sessions.ts';

/** A permission set in one account. */
export interface LocalSSORole {
  /** The `sso_account_id` of the profile. */
  readonly accountId: string;
  /** The `sso_role_name` of the profile. */
  readonly roleName: string;
  /** Kubernetes groups of its sessions. Absent: clusters have no access entry for it and answer 401. */
  readonly groups?: readonly string[] | undefined;
}

/** What the SSO services share. */
export interface SSOOptions {
  readonly identities: IdentityStore;
  readonly roles: readonly LocalSSORole[];
  readonly sessions: SSOSessions;
}

const ROLE_SESSION_SECONDS = 3600;
/** The user name in the identity center, which is the session name of SSO roles. */
const USER_NAME = 'local-user';

/** The SSO portal: `GET /federation/credentials` returns the credentials of a role for a valid access token. */
export function createSSOPortal({ identities, roles, sessions }: SSOOptions): AWSService {
  return {
    serves: ({ path }) => path === '/federation/credentials',
    answer(request) {
      const parameters = new URLSearchParams(request.rawQuery);
      const accountId = parameters.get('account_id') ?? '';
      const roleName = parameters.get('role_name') ?? '';
      request.begin('GetRoleCredentials', { accountId, roleName });
      const token = request.headers['x-amz-sso_bearer_token'];
      if (typeof token !== 'string' || !sessions.accepts(token, request.now)) {
        throw new AWSError(401, 'UnauthorizedException', 'Session token not found or invalid');
      }
      const role = roles.find((one) => one.accountId === accountId && one.roleName === roleName);
      if (role === undefined) throw new AWSError(403, 'ForbiddenException', 'No access');
      const credentials = issueCredentials(identities, {
        roleArn: `arn:aws:iam::${accountId}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_${roleName}_0123456789abcdef`,
        sessionName: USER_NAME,
        groups: role.groups,
        expiresAt: new Date(request.now.getTime() + ROLE_SESSION_SECONDS * 1000),
      });
      request.note({ issued: credentials.accessKeyId });
      const { expiresAt, ...keys } = credentials;
      return jsonReply(200, { roleCredentials: { ...keys, expiration: expiresAt.getTime() } });
    },
    refuse: (error) => jsonRefusal(error),
  };
}

/** SSO-OIDC: `POST /token` exchanges a refresh token for new tokens. */
export function createSSOOidc({ sessions }: Pick<SSOOptions, 'sessions'>): AWSService {
  return {
    serves: ({ path }) => path === '/token',
    answer(request) {
      request.begin('CreateToken');
      const { grantType, clientId, clientSecret, refreshToken } = parseBody(request);
      if (grantType !== 'refresh_token')
        throw new AWSError(400, 'UnsupportedGrantTypeException', 'Unsupported grant type');
      const tokens = sessions.refresh(String(clientId), String(clientSecret), String(refreshToken));
      return jsonReply(200, { ...tokens, tokenType: 'Bearer' });
    },
    refuse(error) {
      const name = error.code
        .replace(/Exception$/, '')
        .replace(/(?<=[a-z])([A-Z])/g, '_$1')
        .toLowerCase();
      return jsonRefusal(error, { error: name, error_description: error.message });
    },
  };
}

function parseBody({ body }: AWSRequest): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new AWSError(400, 'InvalidRequestException', 'The body is not JSON');
  }
}
