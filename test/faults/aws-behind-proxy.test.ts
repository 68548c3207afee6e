import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AWSOperation, startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/local-eks-request.ts';
import { noteSkipped, OUTER_PATH } from '../support/optional-programs.ts';
import { proxiedAWS, ROLE } from '../support/proxied-aws.ts';
import { realAWS } from '../support/real-aws.ts';

const local = proxiedAWS();

const cli = realAWS();
if (cli === undefined) noteSkipped('no aws v1');

describe.skipIf(cli === undefined)('the real AWS CLI behind the proxy of the local AWS', () => {
  async function run(args: readonly string[], more: Readonly<Record<string, string>> = staticKeys()): Promise<string> {
    await writeFile(join(local.home, 'ca.pem'), local.aws.certificateAuthority);
    const env = {
      PATH: OUTER_PATH,
      HOME: local.home,
      HTTPS_PROXY: local.proxy.url,
      AWS_CA_BUNDLE: join(local.home, 'ca.pem'),
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...more,
    };
    return (await promisify(execFile)(cli ?? '', args, { env })).stdout;
  }

  function staticKeys(): Record<string, string> {
    const { accessKeyId, secretAccessKey } = local.aws.identities.admin;
    return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  }

  it('finds out who it is', async () => {
    expect(JSON.parse(await run(['sts', 'get-caller-identity', '--output', 'json']))).toMatchObject({
      Arn: local.aws.identities.admin.arn,
    });
  });

  it('makes tokens that the cluster accepts, with and without a role', async () => {
    await using eks = await startLocalEKS({ aws: local.aws });
    const tokenOf = async (...more: string[]) => {
      const args = ['eks', 'get-token', '--cluster-name', 'dev', '--output', 'json', ...more];
      const { status } = JSON.parse(await run(args));
      return (status as { token: string }).token;
    };
    expect(await ask(eks, 'GET', '/api', { token: await tokenOf() })).toMatchObject({ status: 200 });
    expect(await ask(eks, 'GET', '/api', { token: await tokenOf('--role-arn', ROLE) })).toMatchObject({ status: 200 });
    expect(local.aws.calls.at(-1)).toMatchObject({
      operation: 'AssumeRole',
      host: 'sts.us-east-1.amazonaws.com',
      sessionName: 'EKSGetTokenAuth',
    });
    expect(eks.requests.map(({ username }) => username)).toEqual([
      'arn:aws:iam::123456789012:user/admin',
      'arn:aws:sts::123456789012:assumed-role/eks-admin/EKSGetTokenAuth',
    ]);
  });

  it('writes the very kubeconfig that the cluster hands out', async () => {
    await using eks = await startLocalEKS({ aws: local.aws, clusterName: 'prod' });
    const written = async (...more: string[]) => {
      await rm(join(local.home, 'kubeconfig'), { force: true });
      await run([
        'eks',
        'update-kubeconfig',
        '--name',
        'prod',
        '--kubeconfig',
        join(local.home, 'kubeconfig'),
        ...more,
      ]);
      return readFile(join(local.home, 'kubeconfig'), 'utf8');
    };
    expect(eks.kubeconfig()).toBe(await written());
    expect(eks.kubeconfig({ roleArn: ROLE })).toBe(await written('--role-arn', ROLE));
    await eks.writeAWSFiles(local.home);
    expect(eks.kubeconfig({ profile: 'admin' })).toBe(await written('--profile', 'admin'));
  });

  const MACHINE = 'arn:aws:iam::123456789012:role/machine';
  const sources: readonly [string, string, (endpoint: string) => Record<string, string>, AWSOperation[]][] = [
    [
      'an SSO session that has to be refreshed',
      'AWSReservedSSO_Admin_0123456789abcdef/local-user',
      () => ({ AWS_PROFILE: 'sso' }),
      ['CreateToken', 'GetRoleCredentials'],
    ],
    ['a role of a profile', 'eks-admin/by-profile', () => ({ AWS_PROFILE: 'role' }), ['AssumeRole']],
    [
      'a web identity',
      'machine/pod',
      () => ({
        AWS_ROLE_ARN: MACHINE,
        AWS_ROLE_SESSION_NAME: 'pod',
        AWS_WEB_IDENTITY_TOKEN_FILE: join(local.home, 'jwt'),
      }),
      ['AssumeRoleWithWebIdentity'],
    ],
    [
      'a container',
      'machine/container',
      (endpoint) => ({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/v1/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod-token',
      }),
      ['ContainerCredentials'],
    ],
    [
      'an instance',
      'machine/i-0123456789abcdef0',
      (endpoint) => ({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint }),
      ['InstanceToken', 'InstanceMetadata', 'InstanceMetadata'],
    ],
  ];
  it.each(sources)('gets its credentials from %s', async (_, session, env, operations) => {
    await local.start({
      roles: { [ROLE]: { externalId: 'word' }, [MACHINE]: { webIdentityTokens: ['jwt.jwt.jwt'] } },
      ssoRoles: [{ accountId: '123456789012', roleName: 'Admin' }],
      container: { roleArn: MACHINE, authorizationToken: 'pod-token' },
      instance: { roleArn: MACHINE },
    });
    await local.aws.ssoLogin(local.home, { sessionName: 'corp', expiresInSeconds: -60 });
    await writeFile(join(local.home, 'jwt'), 'jwt.jwt.jwt');
    const { accessKeyId, secretAccessKey } = local.aws.identities.admin;
    const config = [
      '[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n',
      '[sso-session corp]\nsso_start_url = https://local.awsapps.com/start\nsso_region = us-east-1\n',
      `[profile role]\nrole_arn = ${ROLE}\nsource_profile = base\nexternal_id = word\nrole_session_name = by-profile\nduration_seconds = 1800\n`,
      `[profile base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    ];
    await writeFile(join(local.home, '.aws', 'config'), config.join(''));
    const stdout = await run(['sts', 'get-caller-identity', '--output', 'json'], env(local.aws.endpoint));
    expect(JSON.parse(stdout)).toMatchObject({ Arn: `arn:aws:sts::123456789012:assumed-role/${session}` });
    expect(local.aws.calls.map(({ operation }) => operation)).toEqual([...operations, 'GetCallerIdentity']);
    if (operations[0] === 'AssumeRole') {
      expect(local.aws.calls[0]).toMatchObject({
        externalId: 'word',
        durationSeconds: 1800,
        sessionName: 'by-profile',
      });
    }
  });
});
