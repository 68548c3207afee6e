import {
  type Check,
  either,
  FLAG,
  fields,
  listOf,
  mapOf,
  oneOf,
  type Schema,
  TEXT,
  that,
  whole,
} from '../../options/checks.ts';
import { TEXTS } from '../testing-schemas.ts';
import type { AWSOperation } from './aws-request.ts';
import type { AWSFailureAnswer } from './aws-server.ts';
import type { LocalContainer, LocalInstance } from './metadata-services.ts';
import type { LocalMFADevice, LocalRole } from './roles.ts';
import type { LocalSSORole } from './sso-service.ts';
import type { SSOLoginOptions } from './sso-sessions.ts';

const SECONDS: Check = that('a number of seconds', (value) => typeof value === 'number' && Number.isFinite(value));

const ROLE = fields<LocalRole>({
  groups: TEXTS,
  trusts: TEXTS,
  externalId: TEXT,
  mfa: fields<LocalMFADevice>({ serial: TEXT, code: TEXT }, { required: ['serial', 'code'] }),
  maxSessionSeconds: whole('a whole number from 900 to 43200', 900, 43_200),
  webIdentityTokens: TEXTS,
});

export const ROLES: Check = mapOf('an object of roles by ARN', ROLE);

export const SSO_ROLES: Check = listOf(
  'a list of roles',
  fields<LocalSSORole>({ accountId: TEXT, roleName: TEXT, groups: TEXTS }, { required: ['accountId', 'roleName'] }),
);

export const CONTAINER: Check = fields<LocalContainer>(
  { roleArn: TEXT, authorizationToken: TEXT },
  { required: ['roleArn'] },
);

export const INSTANCE: Check = fields<LocalInstance>({ roleArn: TEXT, region: TEXT }, { required: ['roleArn'] });

export const SSO_LOGIN_SCHEMA: Schema<SSOLoginOptions> = {
  sessionName: TEXT,
  startUrl: TEXT,
  region: TEXT,
  expiresInSeconds: SECONDS,
  refreshable: FLAG,
};

const OPERATIONS: Readonly<Record<AWSOperation, true>> = {
  GetCallerIdentity: true,
  AssumeRole: true,
  AssumeRoleWithWebIdentity: true,
  GetRoleCredentials: true,
  CreateToken: true,
  DescribeCluster: true,
  ListClusters: true,
  ContainerCredentials: true,
  InstanceToken: true,
  InstanceMetadata: true,
};

/** A name of an operation. */
export const OPERATION: Check = oneOf(...Object.keys(OPERATIONS));

/** How a call fails. */
export const FAILURE: Check = either(
  oneOf('cut'),
  fields<AWSFailureAnswer>(
    { code: TEXT, status: whole('an HTTP status', 100, 599), message: TEXT },
    { required: ['code'] },
  ),
);
