import { randomBytes } from 'node:crypto';
import type { IdentityStore } from '../identities.ts';
import { AWSError, type AWSReply, type AWSRequest, type AWSService, jsonReply } from './aws-request.ts';
import { issueCredentials, type TemporaryCredentials } from './issue-credentials.ts';
import type { LocalRoles } from './roles.ts';

/** A container with a role: ECS, or EKS Pod Identity. */
export interface LocalContainer {
  /** One of the roles of the local AWS. */
  readonly roleArn: string;
  /** The required value of the Authorization header. Default: none. */
  readonly authorizationToken?: string | undefined;
}

/** An EC2 instance with a role. */
export interface LocalInstance {
  /** One of the roles of the local AWS. */
  readonly roleArn: string;
  /** Default: `us-east-1`. */
  readonly region?: string | undefined;
}

/** What the container and the instance services share. */
export interface MachineOptions {
  readonly identities: IdentityStore;
  readonly roles: LocalRoles;
}

const SESSION_SECONDS = 6 * 3600;
const CONTAINER_PATH = /^\/(v2\/credentials\/|v1\/credentials$|container)/;
const METADATA = '/latest/meta-data';
const ROLE_PATH = `${METADATA}/iam/security-credentials/`;
const INSTANCE_ID = 'i-0123456789abcdef0';

/**
 * The credentials endpoint of a container. Serves the paths of ECS and of the EKS Pod Identity agent, and `/container`.
 */
export function createContainerEndpoint(container: LocalContainer | undefined, options: MachineOptions): AWSService {
  return {
    serves: ({ path }) => CONTAINER_PATH.test(path),
    answer(request) {
      request.begin('ContainerCredentials');
      if (container === undefined) throw new AWSError(404, 'NotFound', 'this is not a container');
      const { roleArn, authorizationToken } = container;
      if (authorizationToken !== undefined && request.headers.authorization !== authorizationToken) {
        throw new AWSError(401, 'AccessDenied', 'the Authorization header is not the expected one');
      }
      const { expiresAt, ...keys } = issue(request, roleArn, 'container', options);
      return jsonReply(200, { ...capitalised(keys), Expiration: seconds(expiresAt), RoleArn: roleArn });
    },
    refuse: ({ status, code, message }) => jsonReply(status, { code, message }),
  };
}

/** The metadata service of an instance. Version 2 only, which requires a session token. */
export function createInstanceMetadata(instance: LocalInstance | undefined, options: MachineOptions): AWSService {
  const tokens = new Set<string>();

  function answerFor({ roleArn, region = 'us-east-1' }: LocalInstance, request: AWSRequest): AWSReply {
    const roleName = roleArn.split('/').at(-1) ?? '';
    switch (request.path.replace(/\/$/, '')) {
      case `${METADATA}/placement/availability-zone`:
        return text(`${region}a`);
      case `${METADATA}/placement/region`:
        return text(region);
      case '/latest/dynamic/instance-identity/document':
        return text(JSON.stringify({ region, availabilityZone: `${region}a`, instanceId: INSTANCE_ID }));
      case ROLE_PATH.slice(0, -1):
        return text(roleName);
      case ROLE_PATH + roleName: {
        const { expiresAt, sessionToken, ...keys } = issue(request, roleArn, INSTANCE_ID, options);
        const LastUpdated = seconds(request.now);
        const credentials = { ...capitalised(keys), Token: sessionToken, Expiration: seconds(expiresAt) };
        return text(JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', LastUpdated, ...credentials }));
      }
    }
    throw new AWSError(404, 'NotFound', 'the instance has no such metadata');
  }

  return {
    serves: ({ path }) => path.startsWith('/latest/'),
    answer(request) {
      const wantsToken = request.path === '/latest/api/token';
      request.begin(wantsToken ? 'InstanceToken' : 'InstanceMetadata', { resource: request.path });
      if (instance === undefined) throw new AWSError(404, 'NotFound', 'this is not an instance');
      if (wantsToken) {
        const ttl = request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
        if (request.method !== 'PUT' || ttl === undefined) throw new AWSError(400, 'BadRequest', 'PUT, with a TTL');
        const token = randomBytes(40).toString('base64url');
        tokens.add(token);
        return { ...text(token), headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(ttl) } };
      }
      if (!tokens.has(String(request.headers['x-aws-ec2-metadata-token']))) {
        throw new AWSError(401, 'Unauthorized', 'a session token is needed');
      }
      return answerFor(instance, request);
    },
    refuse: ({ status, message }) => text(message, status),
  };
}

function issue(
  request: AWSRequest,
  roleArn: string,
  sessionName: string,
  { identities, roles }: MachineOptions,
): TemporaryCredentials {
  const expiresAt = new Date(request.now.getTime() + SESSION_SECONDS * 1000);
  const credentials = issueCredentials(identities, { roleArn, sessionName, groups: roles[roleArn]?.groups, expiresAt });
  request.note({ issued: credentials.accessKeyId, roleArn });
  return credentials;
}

/** Renames the fields of credentials as these services name them. */
function capitalised(keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = keys;
  return { AccessKeyId, SecretAccessKey, ...(Token === undefined ? {} : { Token }) };
}

function text(body: string, status = 200): AWSReply {
  return { status, contentType: 'text/plain', body };
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
