import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { fromHttp, fromInstanceMetadata, fromSSO } from '@aws-sdk/credential-providers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAWS, startLocalAWS, startLocalEKS } from '../../../../src/testing/index.ts';
import { ask } from '../../../support/local-eks-request.ts';
import { type SignedWith, signToken } from '../../../support/sign-token.ts';

const ADMIN_ROLE = 'arn:aws:iam::123456789012:role/team/a/eks-admin';
const GUARDED = 'arn:aws:iam::123456789012:role/guarded';
const CHAINED = 'arn:aws:iam::210987654321:role/chained';
const IRSA = 'arn:aws:iam::123456789012:role/irsa';
const NODE = 'arn:aws:iam::123456789012:role/node';

let aws: LocalAWS;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'local-aws-'));
  aws = await startLocalAWS({
    roles: {
      [ADMIN_ROLE]: { groups: ['system:masters'], maxSessionSeconds: 7200 },
      [GUARDED]: {
        trusts: ['arn:aws:iam::123456789012:user/admin'],
        externalId: 'secret-word',
        mfa: { serial: 'arn:aws:iam::123456789012:mfa/me', code: '123456' },
      },
      [CHAINED]: { trusts: [ADMIN_ROLE] },
      [IRSA]: { webIdentityTokens: ['jwt.jwt.jwt'], groups: ['readers'] },
      [NODE]: { groups: ['readers'] },
    },
    ssoRoles: [{ accountId: '123456789012', roleName: 'Admin', groups: ['system:masters'] }],
    container: { roleArn: NODE, authorizationToken: 'pod-token' },
    instance: { roleArn: NODE, region: 'eu-west-1' },
  });
});

afterEach(async () => {
  await aws.close();
  await rm(home, { recursive: true });
});

function sts(credentials: SignedWith): STSClient {
  return new STSClient({ endpoint: aws.endpoint, region: 'us-west-2', credentials, maxAttempts: 1 });
}

async function assume(as: SignedWith, input: { RoleArn: string; RoleSessionName?: string; [name: string]: unknown }) {
  const { Credentials } = await sts(as).send(new AssumeRoleCommand({ RoleSessionName: 'me', ...input }));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
    expiresAt: Credentials?.Expiration,
  };
}

describe('the local STS', () => {
  it('says who signed, in the words of AWS', async () => {
    const { admin } = aws.identities;
    const identity = await sts(admin).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      Arn: admin.arn,
      Account: '123456789012',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });
    expect(aws.calls).toMatchObject([
      { operation: 'GetCallerIdentity', status: 200, signedBy: admin.accessKeyId, signingRegion: 'us-west-2' },
    ]);
  });

  it.each([
    ['InvalidClientTokenId', { accessKeyId: 'AKIANOBODY' }],
    ['SignatureDoesNotMatch', { secretAccessKey: 'wrong' }],
    ['InvalidClientTokenId', { sessionToken: 'one too many' }],
  ])('answers %s to %j', async (name, wrong) => {
    await expect(
      sts({ ...aws.identities.admin, ...wrong }).send(new GetCallerIdentityCommand({})),
    ).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } });
    expect(aws.calls.at(-1)).toMatchObject({ errorCode: name, status: 403 });
  });

  it('opens sessions of roles, writes down what was asked for, and knows the session afterwards', async () => {
    const session = await assume(aws.identities.admin, {
      RoleArn: ADMIN_ROLE,
      RoleSessionName: 'EKSGetTokenAuth',
      DurationSeconds: 7200,
      ExternalId: 'x',
    });
    expect(session.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 7100_000);
    expect(aws.calls.at(-1)).toMatchObject({
      operation: 'AssumeRole',
      roleArn: ADMIN_ROLE,
      sessionName: 'EKSGetTokenAuth',
      durationSeconds: 7200,
      externalId: 'x',
      signedBy: aws.identities.admin.accessKeyId,
      issued: session.accessKeyId,
    });
    await assume(aws.identities.admin, { RoleArn: ADMIN_ROLE });
    expect(aws.calls.at(-1)).not.toHaveProperty('durationSeconds');
    expect(await sts(session).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/eks-admin/EKSGetTokenAuth',
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:EKSGetTokenAuth$/),
    });
    expect(JSON.stringify(aws.calls)).not.toContain('EKSPRESSLOCAL');
  });

  it('refuses roles that are not there, not trusting, not given the external id or code', async () => {
    const { admin, reader } = aws.identities;
    const right = {
      RoleArn: GUARDED,
      ExternalId: 'secret-word',
      SerialNumber: 'arn:aws:iam::123456789012:mfa/me',
      TokenCode: '123456',
    };
    await expect(assume(admin, right)).resolves.toMatchObject({
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
    });
    const denied = {
      name: 'AccessDenied',
      message: expect.stringMatching(
        /^User: arn:aws:iam::123456789012:user\/\w+ is not authorized to perform: sts:AssumeRole on resource: arn/,
      ),
    };
    await expect(assume(reader, right)).rejects.toMatchObject(denied);
    await expect(assume(admin, { ...right, ExternalId: 'guess' })).rejects.toMatchObject(denied);
    await expect(assume(admin, { ...right, SerialNumber: 'arn:aws:iam::123456789012:mfa/you' })).rejects.toMatchObject(
      denied,
    );
    await expect(assume(admin, { ...right, TokenCode: '654321' })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('invalid MFA one time pass code'),
    });
    await expect(assume(admin, { RoleArn: 'arn:aws:iam::123456789012:role/nobody' })).rejects.toMatchObject(denied);
  });

  it('holds durations and names to the limits of AWS, shorter in a chain', async () => {
    const { admin } = aws.identities;
    const session = await assume(admin, { RoleArn: ADMIN_ROLE });
    await expect(assume(session, { RoleArn: CHAINED })).resolves.toBeDefined();
    await expect(assume(admin, { RoleArn: CHAINED })).rejects.toMatchObject({ name: 'AccessDenied' });
    const invalid = { name: 'ValidationError', $metadata: { httpStatusCode: 400 } };
    await expect(assume(admin, { RoleArn: ADMIN_ROLE, DurationSeconds: 899 })).rejects.toMatchObject(invalid);
    await expect(assume(admin, { RoleArn: ADMIN_ROLE, DurationSeconds: 7201 })).rejects.toMatchObject(invalid);
    await expect(assume(session, { RoleArn: ADMIN_ROLE, DurationSeconds: 3601 })).rejects.toMatchObject(invalid);
    await expect(assume(admin, { RoleArn: ADMIN_ROLE, RoleSessionName: 'not valid' })).rejects.toMatchObject(invalid);
    await expect(assume(admin, { RoleArn: 'short' })).rejects.toMatchObject(invalid);
  });

  it('trades web identity tokens without a signature', async () => {
    const trade = (WebIdentityToken: string) =>
      sts(aws.identities.admin).send(
        new AssumeRoleWithWebIdentityCommand({ RoleArn: IRSA, RoleSessionName: 'pod', WebIdentityToken }),
      );
    expect((await trade('jwt.jwt.jwt')).AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/irsa/pod');
    expect(aws.calls.at(-1)).not.toHaveProperty('signedBy');
    await expect(trade('forged')).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
  });

  it('fails on demand, as often as told, and can be cut off', async () => {
    aws.failNext(
      'AssumeRole',
      { code: 'ExpiredToken', message: 'The security token included in the request is expired' },
      2,
    );
    for (let round = 0; round < 2; round++) {
      await expect(assume(aws.identities.admin, { RoleArn: ADMIN_ROLE })).rejects.toMatchObject({
        name: 'ExpiredToken',
      });
    }
    await assume(aws.identities.admin, { RoleArn: ADMIN_ROLE });
    aws.failNext('AssumeRole', 'cut', Number.POSITIVE_INFINITY);
    await expect(assume(aws.identities.admin, { RoleArn: ADMIN_ROLE })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(aws.calls.at(-1)).toMatchObject({ status: 0, errorCode: 'cut' });
    aws.heal();
    await assume(aws.identities.admin, { RoleArn: ADMIN_ROLE });
    expect(aws.count('AssumeRole')).toBe(5);
  });

  it('ends sessions when they end', async () => {
    let now = new Date();
    await using short = await startLocalAWS({ roles: { [ADMIN_ROLE]: {} }, now: () => now });
    const client = (credentials: SignedWith) =>
      new STSClient({ endpoint: short.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const { Credentials } = await client(short.identities.admin).send(
      new AssumeRoleCommand({ RoleArn: ADMIN_ROLE, RoleSessionName: 'me', DurationSeconds: 900 }),
    );
    now = new Date(now.getTime() + 901_000);
    const session = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    await expect(client(session).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'ExpiredToken',
    });
  });
});

describe('what the local AWS hands out', () => {
  it('opens a cluster to a session of a role with groups, under the name of the session', async () => {
    await using eks = await startLocalEKS({ aws, clusterName: 'prod' });
    const session = await assume(aws.identities.admin, { RoleArn: ADMIN_ROLE, RoleSessionName: 'me' });
    const token = signToken(session, { clusterName: 'prod' });
    expect(await ask(eks, 'POST', '/api/v1/namespaces', { token, body: { metadata: { name: 'mine' } } })).toMatchObject(
      { status: 201 },
    );
    expect(eks.requests.at(-1)?.username).toBe('arn:aws:sts::123456789012:assumed-role/eks-admin/me');
    aws.revoke(session.accessKeyId);
    expect(await ask(eks, 'GET', '/api', { token })).toMatchObject({ status: 401 });
    expect(Object.keys(eks.identities)).toEqual(['admin', 'reader']);
    expect(eks.certificateAuthority).toBe(aws.certificateAuthority);
  });

  it("opens a cluster to an identity of the cluster, which is one of the AWS; account and clock are the AWS's own", async () => {
    const ops = {
      accessKeyId: 'AKIAOPS',
      secretAccessKey: 's',
      arn: 'arn:aws:iam::123456789012:user/ops',
      groups: ['readers'],
    };
    await using eks = await startLocalEKS({ aws, identities: { ops } });
    expect(await sts({ ...ops }).send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: ops.arn });
    expect(eks.identities.ops).toEqual({ ...ops, name: 'ops' });
    await expect(startLocalEKS({ aws, now: () => new Date() })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'a cluster with a local AWS uses the account and the clock of that AWS',
      remedy: 'Pass `accountId` and `now` to startLocalAWS instead.',
    });
  });

  it('opens no cluster to a session of a role without groups: the cluster has no access entry for it', async () => {
    await using eks = await startLocalEKS({ aws });
    const chained = await assume(await assume(aws.identities.admin, { RoleArn: ADMIN_ROLE }), { RoleArn: CHAINED });
    expect(await ask(eks, 'GET', '/api', { token: signToken(chained) })).toMatchObject({ status: 401 });
    expect(eks.reviews.at(-1)).toMatchObject({ reason: 'NO_ACCESS_ENTRY' });
  });
});

describe('the local SSO', () => {
  const profile = (extra = '') =>
    `[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n${extra}[sso-session corp]\nsso_start_url = https://local.awsapps.com/start\nsso_region = us-east-1\n`;

  /** What the SDK does for the profile, with the endpoints of the portal and of OIDC led here. */
  async function credentials() {
    await writeFile(join(home, '.aws', 'config'), profile());
    Object.assign(process.env, {
      HOME: home,
      AWS_ENDPOINT_URL_SSO: aws.endpoint,
      AWS_ENDPOINT_URL_SSO_OIDC: aws.endpoint,
    });
    const files = {
      configFilepath: join(home, '.aws', 'config'),
      filepath: join(home, '.aws', 'credentials'),
      ignoreCache: true,
    };
    return fromSSO({ profile: 'sso', ...files })();
  }

  it('gives role credentials to a user who is logged in', async () => {
    await aws.ssoLogin(home, { sessionName: 'corp' });
    const session = await credentials();
    expect(await sts(session as SignedWith).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/local-user',
    });
    expect(aws.calls[0]).toMatchObject({
      operation: 'GetRoleCredentials',
      accountId: '123456789012',
      roleName: 'Admin',
      issued: session.accessKeyId,
    });
    aws.ssoLogout();
    await expect(credentials()).rejects.toThrow('Session token not found or invalid');
    expect(aws.calls.at(-1)).toMatchObject({ errorCode: 'UnauthorizedException', status: 401 });
  });

  it('refreshes a session once per refresh token: the second is logged out', async () => {
    const path = await aws.ssoLogin(home, { sessionName: 'corp', expiresInSeconds: -60 });
    const old = await readFile(path, 'utf8');
    await credentials();
    expect(aws.count('CreateToken')).toBe(1);
    const renewed = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
    const refresh = (file: Record<string, string>) =>
      fetch(`${aws.endpoint}/token`, {
        method: 'POST',
        body: JSON.stringify({
          grantType: 'refresh_token',
          clientId: file.clientId,
          clientSecret: file.clientSecret,
          refreshToken: file.refreshToken,
        }),
      });
    const late = await refresh(JSON.parse(old));
    expect(late.status).toBe(400);
    expect(late.headers.get('x-amzn-errortype')).toBe('InvalidGrantException');
    expect(await late.json()).toEqual({ error: 'invalid_grant', error_description: 'Invalid refresh token provided' });
    expect((await refresh({ ...renewed, clientSecret: 'wrong' })).status).toBe(401);
    expect((await refresh(renewed)).status).toBe(200);
  });

  it('refuses roles that the session does not have', async () => {
    const { accessToken } = JSON.parse(await readFile(await aws.ssoLogin(home), 'utf8')) as { accessToken: string };
    const answer = await fetch(`${aws.endpoint}/federation/credentials?role_name=Root&account_id=123456789012`, {
      headers: { 'x-amz-sso_bearer_token': accessToken },
    });
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([403, 'ForbiddenException']);
  });
});

describe('the local metadata services', () => {
  it('give a container credentials for its token', async () => {
    const awsContainerCredentialsFullUri = `${aws.endpoint}/v1/credentials`;
    const session = await fromHttp({
      awsContainerCredentialsFullUri,
      awsContainerAuthorizationToken: 'pod-token',
      maxRetries: 0,
    })();
    expect(await sts(session as SignedWith).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/node/container',
    });
    await expect(
      fromHttp({ awsContainerCredentialsFullUri, awsContainerAuthorizationToken: 'x', maxRetries: 0 })(),
    ).rejects.toThrow();
    expect(aws.calls.at(-1)).toMatchObject({ operation: 'ContainerCredentials', status: 401 });
  });

  it('give an instance its role and region, with a session token only', async () => {
    Object.assign(process.env, { AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.endpoint });
    const session = await fromInstanceMetadata({ maxRetries: 0 })();
    expect(await sts(session as SignedWith).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/node/i-0123456789abcdef0',
    });
    const unasked = await fetch(`${aws.endpoint}/latest/meta-data/placement/availability-zone/`);
    expect(unasked.status).toBe(401);
    const token = await (
      await fetch(`${aws.endpoint}/latest/api/token`, {
        method: 'PUT',
        headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
      })
    ).text();
    const zone = await fetch(`${aws.endpoint}/latest/meta-data/placement/availability-zone/`, {
      headers: { 'x-aws-ec2-metadata-token': token },
    });
    expect(await zone.text()).toBe('eu-west-1a');
  });

  it('answer nothing without container and instance', async () => {
    await using bare = await startLocalAWS();
    expect((await fetch(`${bare.endpoint}/v1/credentials`)).status).toBe(404);
    expect((await fetch(`${bare.endpoint}/latest/api/token`, { method: 'PUT' })).status).toBe(404);
    expect((await fetch(`${bare.endpoint}/elsewhere`)).status).toBe(404);
  });
});
