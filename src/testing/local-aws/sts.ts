import type { IdentityStore, LocalIdentity } from '../identities.ts';
import { AWSError, type AWSRequest, type AWSService, type CallFacts } from './aws-request.ts';
import { issueCredentials, sessionArn, type TemporaryCredentials, userIdOf } from './issue-credentials.ts';
import type { LocalRole, LocalRoles } from './roles.ts';
import { verifySigner } from './signed-request.ts';
import { type StsFields, stsRefusal, stsReply } from './sts-reply.ts';

/** Options of {@link createSts}. */
export interface StsOptions {
  readonly identities: IdentityStore;
  readonly roles: LocalRoles;
}

const OPERATIONS = ['GetCallerIdentity', 'AssumeRole', 'AssumeRoleWithWebIdentity'] as const;
const VERSION = '2011-06-15';
const MIN_SESSION_SECONDS = 900;
const DEFAULT_SESSION_SECONDS = 3600;

/** STS: caller identity and role sessions. Checks signatures, trust, external ids, MFA codes and durations. */
export function createSts({ identities, roles }: StsOptions): AWSService {
  return {
    serves: (request) =>
      /^(GET|POST)$/.test(request.method) && request.path === '/' && parametersOf(request).has('Action'),
    answer(request) {
      const parameters = parametersOf(request);
      const operation = OPERATIONS.find((name) => name === parameters.get('Action'));
      if (operation === undefined || parameters.get('Version') !== VERSION) {
        const action = `${parameters.get('Action')} for version ${parameters.get('Version')}`;
        throw new AWSError(400, 'InvalidAction', `Could not find operation ${action}`);
      }
      request.begin(operation, callFacts(parameters));
      const fields = {
        GetCallerIdentity: () => callerIdentity(verifySigner(request, 'sts', identities)),
        AssumeRole: () => assumeRole(request, parameters, verifySigner(request, 'sts', identities)),
        AssumeRoleWithWebIdentity: () => assumeRoleWithWebIdentity(request, parameters),
      }[operation]();
      return stsReply(operation, fields, request.headers.accept);
    },
    refuse: (error, request) => stsRefusal(error, request.headers.accept),
  };

  function assumeRole(request: AWSRequest, parameters: URLSearchParams, caller: LocalIdentity): StsFields {
    const { roleArn, sessionName } = sessionParameters(parameters);
    const role = roles[roleArn];
    const denied = new AWSError(
      403,
      'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
    if (role === undefined || !isTrusted(role, caller) || !knowsExternalId(role, parameters)) throw denied;
    if (role.mfa !== undefined) {
      const { serial, code } = role.mfa;
      if (parameters.get('SerialNumber') !== serial) throw denied;
      if (parameters.get('TokenCode') !== code) {
        throw new AWSError(
          403,
          'AccessDenied',
          'MultiFactorAuthentication failed with invalid MFA one time pass code.',
        );
      }
    }
    const seconds = sessionSeconds(parameters, role, caller.sessionToken !== undefined);
    return issue(request, roleArn, sessionName, role, seconds);
  }

  function assumeRoleWithWebIdentity(request: AWSRequest, parameters: URLSearchParams): StsFields {
    const { roleArn, sessionName } = sessionParameters(parameters);
    const token = parameters.get('WebIdentityToken') ?? '';
    const role = roles[roleArn];
    if (role === undefined)
      throw new AWSError(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
    if (!role.webIdentityTokens?.includes(token)) {
      throw new AWSError(400, 'InvalidIdentityToken', 'No OpenIDConnect provider found in your account for this token');
    }
    const seconds = sessionSeconds(parameters, role, false);
    return { SubjectFromWebIdentityToken: 'local', ...issue(request, roleArn, sessionName, role, seconds) };
  }

  function issue(
    request: AWSRequest,
    roleArn: string,
    sessionName: string,
    role: LocalRole,
    seconds: number,
  ): StsFields {
    const expiresAt = new Date(request.now.getTime() + seconds * 1000);
    const credentials = issueCredentials(identities, { roleArn, sessionName, groups: role.groups, expiresAt });
    request.note({ issued: credentials.accessKeyId });
    const arn = sessionArn(roleArn, sessionName);
    return {
      AssumedRoleUser: { AssumedRoleId: userIdOf({ arn }), Arn: arn },
      Credentials: credentialFields(credentials),
    };
  }
}

function parametersOf({ body, rawQuery }: AWSRequest): URLSearchParams {
  return new URLSearchParams(body.length > 0 ? body.toString('utf8') : rawQuery);
}

function callFacts(parameters: URLSearchParams) {
  const duration = parameters.get('DurationSeconds');
  const named = [
    ['roleArn', 'RoleArn'],
    ['sessionName', 'RoleSessionName'],
    ['externalId', 'ExternalId'],
    ['mfaSerial', 'SerialNumber'],
  ] as const;
  return {
    ...Object.fromEntries(
      named.flatMap(([fact, name]) => (parameters.has(name) ? [[fact, parameters.get(name)]] : [])),
    ),
    ...(duration === null ? {} : { durationSeconds: Number(duration) }),
    ...sessionTags(parameters),
  };
}

function sessionTags(parameters: URLSearchParams): CallFacts {
  const members = (name: string) => (field: string) => {
    const found: string[] = [];
    for (let index = 1; parameters.has(`${name}.member.${index}${field}`); index++)
      found.push(parameters.get(`${name}.member.${index}${field}`) ?? '');
    return found;
  };
  const [keys, values] = [members('Tags')('.Key'), members('Tags')('.Value')];
  const transitiveTagKeys = members('TransitiveTagKeys')('');
  return {
    ...(keys.length > 0 && { tags: Object.fromEntries(keys.map((key, index) => [key, values[index] ?? ''])) }),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }),
  };
}

function callerIdentity(caller: LocalIdentity): StsFields {
  return { Arn: caller.arn, UserId: userIdOf(caller), Account: caller.arn.split(':')[4] ?? '' };
}

function sessionParameters(parameters: URLSearchParams): { roleArn: string; sessionName: string } {
  const roleArn = parameters.get('RoleArn') ?? '';
  const sessionName = parameters.get('RoleSessionName') ?? '';
  if (roleArn.length < 20)
    throw validation(
      `Value '${roleArn}' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20`,
    );
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw validation(
      `Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  return { roleArn, sessionName };
}

/** A role trusts users and roles. A role session counts as its role. */
function isTrusted({ trusts }: LocalRole, { arn }: LocalIdentity): boolean {
  return (
    trusts === undefined || trusts.some((trusted) => trusted === arn || arn.startsWith(`${sessionArn(trusted, '')}`))
  );
}

function knowsExternalId({ externalId }: LocalRole, parameters: URLSearchParams): boolean {
  return externalId === undefined || parameters.get('ExternalId') === externalId;
}

function sessionSeconds(parameters: URLSearchParams, role: LocalRole, chained: boolean): number {
  const seconds = Number(parameters.get('DurationSeconds') ?? DEFAULT_SESSION_SECONDS);
  if (!Number.isInteger(seconds) || seconds < MIN_SESSION_SECONDS) {
    throw validation(
      `Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
    );
  }
  if (chained && seconds > 3600) {
    throw validation(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (seconds > (role.maxSessionSeconds ?? DEFAULT_SESSION_SECONDS)) {
    throw validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return seconds;
}

function credentialFields(credentials: TemporaryCredentials): StsFields {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: `${credentials.expiresAt.toISOString().slice(0, 19)}Z`,
  };
}

function validation(message: string): AWSError {
  return new AWSError(400, 'ValidationError', `1 validation error detected: ${message}`);
}
