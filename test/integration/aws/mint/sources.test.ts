import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MintMemory } from '../../../../src/aws/context/mint-memory.ts';
import type { EKSAuthError } from '../../../../src/errors.ts';
import { hostFrom } from '../../../../src/host.ts';
import { Recorder } from '../../../../src/recording/recorder.ts';
import { type LocalAWS, startLocalAWS } from '../../../../src/testing/local-aws/local-aws.ts';
import { makeHome, mint, type World } from '../../../support/aws-home.ts';

const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const TOP = 'arn:aws:iam::123456789012:role/eks-admin';
const MFA = { serial: 'arn:aws:iam::123456789012:mfa/me', code: '123456' };

/** Whoever sets an endpoint has to name a region too. */
const REGION = { AWS_DEFAULT_REGION: 'us-west-2' };

const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

let aws: LocalAWS;
afterEach(() => aws.close());

async function start(options: Parameters<typeof startLocalAWS>[0] = {}): Promise<void> {
  aws = await startLocalAWS({
    roles: { [ROLE]: { maxSessionSeconds: 7200 }, [TOP]: {}, ...options.roles },
    ssoRoles: [{ accountId: '123456789012', roleName: 'Admin' }],
    ...options,
  });
}

/** A home whose keys the local AWS knows, with a config file. */
async function world(config: string, env: Record<string, string> = {}): Promise<World> {
  const { accessKeyId, secretAccessKey } = aws.identities.admin;
  const credentials = `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  return makeHome(
    { '.aws/config': config, '.aws/credentials': credentials },
    { AWS_ENDPOINT_URL: aws.endpoint, ...REGION, ...env },
  );
}

const SSO_PROFILE = `[profile acme]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://local.awsapps.com/start
sso_region = us-east-1
`;

describe('an STS that checks signatures', () => {
  it('gets a role profile assumed with the parameters that the CLI sends', async () => {
    await start({ roles: { [ROLE]: { externalId: 'ext', maxSessionSeconds: 7200 } } });
    const lines = `role_arn = ${ROLE}\nsource_profile = base\nexternal_id = ext\nduration_seconds = 7200\nrole_session_name = ci`;
    const { minted } = await mint(await world(`[profile r]\n${lines}\n`), ['--profile', 'r']);
    expect(minted).toMatchObject({
      kind: 'minted',
      source: { kind: 'assume-role' },
      unattended: true,
    });
    expect(aws.calls).toEqual([
      expect.objectContaining({ operation: 'AssumeRole', sessionName: 'ci', externalId: 'ext', durationSeconds: 7200 }),
    ]);
    expect(minted).toMatchObject({ accessKeyId: aws.calls[0]?.issued });
  });

  it('gets --role-arn assumed on top, as EKSGetTokenAuth and without a duration', async () => {
    await start();
    const config = `[profile r]\nrole_arn = ${ROLE}\nsource_profile = base\n`;
    const { minted } = await mint(await world(config), ['--profile', 'r', '--role-arn', TOP]);
    expect(minted).toMatchObject({ kind: 'minted', accessKeyId: aws.calls[1]?.issued });
    expect(
      aws.calls.map(({ roleArn, sessionName, durationSeconds }) => [roleArn, sessionName, durationSeconds]),
    ).toEqual([
      [ROLE, expect.stringMatching(/^botocore-session-\d{10}$/), undefined],
      [TOP, 'EKSGetTokenAuth', undefined],
    ]);
  });

  it('gets requests signed by the clock that was given', async () => {
    const now = () => new Date('2030-01-01T00:00:00Z');
    await start({ now });
    const home = await world('');
    const host = hostFrom({ env: home.env, now });
    const { minted } = await mint(home, ['--profile', 'base', '--role-arn', TOP], { host });
    expect(minted).toMatchObject({
      kind: 'minted',
      mintedAt: now(),
      credentialsExpireAt: new Date('2030-01-01T01:00:00Z'),
    });
    // Not even the first was refused.
    expect(aws.calls).toHaveLength(1);
  });

  it('causes no word of the SDK about versions of Node on the terminal of kubectl', async () => {
    await start();
    expect((await mint(await world(''), ['--profile', 'base', '--role-arn', TOP])).minted).toMatchObject({
      kind: 'minted',
    });
    await new Promise((later) => setImmediate(later));
    expect(warnings.filter(({ message }) => message.includes('NodeVersionSupportWarning'))).toEqual([]);
  });

  it('gives sessions that are left for the AWS CLI, and taken from there', async () => {
    await start();
    const home = await world(`[profile r]\nrole_arn = ${ROLE}\nsource_profile = base\n`);
    const first = await mint(home, ['--profile', 'r']);
    const second = await mint(home, ['--profile', 'r']);
    expect(aws.count('AssumeRole')).toBe(1);
    expect(second.minted).toMatchObject({ accessKeyId: aws.calls[0]?.issued });
    const cached = second.read.find((path) => path.includes('/cli/cache/')) ?? '';
    expect(first.read).toContain(cached);
    expect((await stat(cached)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(cached, 'utf8'))).toMatchObject({
      Credentials: {
        Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        AccountId: '123456789012',
      },
      AssumedRoleUser: { Arn: expect.stringContaining(':assumed-role/deploy/botocore-session-') },
    });
  });

  it('gets an MFA code where a role wants one, and only then', async () => {
    await start({ roles: { [ROLE]: { mfa: MFA } } });
    const home = await world(`[profile r]\nrole_arn = ${ROLE}\nsource_profile = base\nmfa_serial = ${MFA.serial}\n`);
    const asked: string[] = [];
    const mfaCode = async (serial: string) => {
      asked.push(serial);
      return MFA.code;
    };
    expect((await mint(home, ['--profile', 'r'])).minted).toMatchObject({ kind: 'undecided' });
    expect(aws.calls).toEqual([]);
    expect((await mint(home, ['--profile', 'r'], { mfaCode })).minted).toMatchObject({
      kind: 'minted',
      unattended: false,
    });
    expect((await mint(home, ['--profile', 'r'], { mfaCode })).minted).toMatchObject({
      kind: 'minted',
      unattended: false,
    });
    expect(asked).toEqual([MFA.serial]);
  });

  it('refuses a role: ACCESS_DENIED with what AWS says, and what to check', async () => {
    await start();
    const other = 'arn:aws:iam::123456789012:role/other';
    const { minted } = await mint(await world(''), ['--profile', 'base', '--role-arn', other]);
    expect(minted).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(`on resource: ${other}`) });
    const { remedy } = minted as EKSAuthError;
    expect(remedy).toMatch(
      /trust policy of the role in the account 123456789012 \(`aws iam get-role --role-name other`/,
    );
    expect(remedy).toMatch(
      /`aws configure list --profile base`.*external id.*\(sent by this call: no\).*sts:TagSession/,
    );
  });

  it('refuses keys that AWS does not know: ACCESS_DENIED, and the keys are not in the message', async () => {
    await start();
    aws.revoke(aws.identities.admin.accessKeyId);
    const { minted } = await mint(await world(''), ['--profile', 'base', '--role-arn', TOP]);
    expect(minted).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining('InvalidClientTokenId') });
    expect(JSON.stringify(minted)).not.toContain(aws.identities.admin.secretAccessKey);
  });

  it('exchanges a web identity without a signature', async () => {
    await start({ roles: { [ROLE]: { webIdentityTokens: ['header.payload.signature'] } } });
    const home = await makeHome(
      { jwt: 'header.payload.signature' },
      { AWS_ENDPOINT_URL: aws.endpoint, ...REGION, AWS_ROLE_ARN: ROLE, AWS_ROLE_SESSION_NAME: 'pod' },
    );
    const { minted, read } = await mint({
      ...home,
      env: { ...home.env, AWS_WEB_IDENTITY_TOKEN_FILE: join(home.path, 'jwt') },
    });
    expect(minted).toMatchObject({
      kind: 'minted',
      source: { kind: 'web-identity' },
      accessKeyId: aws.calls[0]?.issued,
    });
    expect(aws.calls[0]).toMatchObject({ operation: 'AssumeRoleWithWebIdentity', sessionName: 'pod' });
    expect(read).toContain(join(home.path, 'jwt'));
  });
});

describe('IAM Identity Center', () => {
  it('needs only a login; the role credentials are kept for v2 of the CLI', async () => {
    await start();
    const home = await world(SSO_PROFILE);
    const tokenFile = await aws.ssoLogin(home.path, { sessionName: 'corp' });
    const first = await mint(home, ['--profile', 'acme'], {}, 'v2');
    const second = await mint(home, ['--profile', 'acme'], {}, 'v2');
    expect(first.minted).toMatchObject({ kind: 'minted', source: { kind: 'sso' }, accessKeyId: aws.calls[0]?.issued });
    expect(second.minted).toMatchObject({ accessKeyId: aws.calls[0]?.issued });
    expect(aws.count('GetRoleCredentials')).toBe(1);
    expect(first.read).toContain(tokenFile);
  });

  it('renews a login that is about to end once, for all callers', async () => {
    await start();
    const home = await world(SSO_PROFILE);
    await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: -10 });
    const all = await Promise.all(Array.from({ length: 10 }, () => mint(home, ['--profile', 'acme'], {}, 'v1')));
    expect(all.map(({ minted }) => 'kind' in minted && minted.kind)).toEqual(Array(10).fill('minted'));
    expect(aws.count('CreateToken')).toBe(1);
  });

  it("tells a caller that gives up waiting for another's renewal", async () => {
    await start();
    const home = await world(SSO_PROFILE);
    const tokenFile = await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: -10 });
    await writeFile(`${tokenFile}.ekspress-lock`, 'somebody');
    const { minted } = await mint(home, ['--profile', 'acme'], { signal: AbortSignal.timeout(100) }, 'v1');
    expect(minted).toMatchObject({ code: 'TIMEOUT' });
  });

  it('keeps its session through a renewal: the renewed token file is the one that is recorded', async () => {
    await start();
    const home = await world(SSO_PROFILE);
    const tokenFile = await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: 60 });
    const before = await readFile(tokenFile, 'utf8');
    const recorder = new Recorder(home.env);
    await mint(home, ['--profile', 'acme'], { recorder }, 'v1');
    expect(await readFile(tokenFile, 'utf8')).not.toBe(before);
    const { mtimeNs } = await stat(tokenFile, { bigint: true });
    expect(await recorder.finish()).toMatchObject({
      files: expect.arrayContaining([expect.objectContaining({ path: tokenFile, mtimeNs })]),
    });
  });

  it.each([
    ['nobody logged in', undefined, 'does not exist'],
    ['the login has ended', { sessionName: 'corp', expiresInSeconds: -10, refreshable: false }, 'ended at'],
  ] as const)('fails where there is %s: SESSION_EXPIRED, and how to log in', async (_, login, message) => {
    await start();
    const home = await world(SSO_PROFILE);
    if (login) await aws.ssoLogin(home.path, login);
    const { minted } = await mint(home, ['--profile', 'acme']);
    expect(minted).toMatchObject({ code: 'SESSION_EXPIRED', message: expect.stringContaining(message) });
    expect((minted as EKSAuthError).remedy).toContain('`aws sso login --profile acme`');
  });

  it('fails after AWS has ended the login: SESSION_EXPIRED', async () => {
    await start();
    const home = await world(SSO_PROFILE);
    await aws.ssoLogin(home.path, { sessionName: 'corp' });
    aws.ssoLogout();
    expect((await mint(home, ['--profile', 'acme'])).minted).toMatchObject({ code: 'SESSION_EXPIRED' });
  });

  it('fails for a role that the user does not have: ACCESS_DENIED', async () => {
    await start();
    const home = await world(SSO_PROFILE.replace('Admin', 'Root'));
    await aws.ssoLogin(home.path, { sessionName: 'corp' });
    expect((await mint(home, ['--profile', 'acme'])).minted).toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('gets one call from a thousand clusters behind one profile', async () => {
    await start();
    const home = await world(SSO_PROFILE);
    await aws.ssoLogin(home.path, { sessionName: 'corp' });
    const memory = new MintMemory();
    const clusters = Array.from({ length: 1000 }, (_, index) => ['--profile', 'acme', '--cluster-name', `c${index}`]);
    const all = await Promise.all(clusters.map((args) => mint(home, args, { memory }, 'v1')));
    const tokens = new Set(all.map(({ minted }) => ('token' in minted ? minted.token : '')));
    expect(tokens.size).toBe(1000);
    expect(aws.count('GetRoleCredentials')).toBe(1);
  });

  it('renews a login that is about to end once for a thousand clusters, and every caller gets its token', async () => {
    await start();
    const home = await world(SSO_PROFILE);
    await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: 60 });
    const memory = new MintMemory();
    const clusters = Array.from({ length: 1000 }, (_, index) => ['--profile', 'acme', '--cluster-name', `c${index}`]);
    const all = await Promise.all(clusters.map((args) => mint(home, args, { memory }, 'v1')));
    expect(all.filter(({ minted }) => !('token' in minted))).toEqual([]);
    expect(aws.count('CreateToken')).toBe(1);
    expect(aws.count('GetRoleCredentials')).toBe(1);
  });
});

describe('a machine', () => {
  it('gives a container its own credentials, bound to this host', async () => {
    await start({ container: { roleArn: ROLE, authorizationToken: 'Basic abc' } });
    const home = await makeHome(
      { token: 'Basic abc' },
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.endpoint}/v1/credentials` },
    );
    const env = { ...home.env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home.path, 'token') };
    const { minted } = await mint({ ...home, env });
    expect(minted).toMatchObject({ kind: 'minted', source: { kind: 'container' }, unattended: true });
  });

  it('gives an instance its role, and for v2 its region', async () => {
    await start({ instance: { roleArn: ROLE, region: 'eu-west-3' } });
    const home = await makeHome(
      {},
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.endpoint, AWS_EC2_METADATA_DISABLED: 'false' },
    );
    const { minted } = await mint(home, [], {}, 'v2');
    expect(minted).toMatchObject({ kind: 'minted', source: { kind: 'instance-metadata' } });
    expect(hostOf(minted)).toBe('sts.eu-west-3.amazonaws.com');
    expect(hostOf((await mint(home, [], {}, 'v1')).minted)).toBe('sts.amazonaws.com');
    const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 's' };
    const own = await mint({ ...home, env: { ...home.env, ...keys } }, [], {}, 'v2');
    expect(own.minted).toMatchObject({ source: { kind: 'environment' } });
  });
});

describe('the way to AWS', () => {
  it('goes through HTTPS_PROXY, trusts AWS_CA_BUNDLE, and spares NO_PROXY', async () => {
    await start({ tls: true });
    await using proxy = await aws.startProxy();
    const config = `${SSO_PROFILE}[profile r]\nrole_arn = ${ROLE}\nsource_profile = acme\nregion = eu-central-1\n`;
    const home = await makeHome(
      { '.aws/config': config, 'ca.pem': aws.certificateAuthority },
      { HTTPS_PROXY: proxy.url },
    );
    const env = { ...home.env, AWS_CA_BUNDLE: join(home.path, 'ca.pem') };
    await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: 60 });
    const { minted } = await mint({ ...home, env }, ['--profile', 'r'], {}, 'v1');
    expect(minted).toMatchObject({ kind: 'minted' });
    expect(proxy.connects).toEqual([
      'oidc.us-east-1.amazonaws.com:443',
      'portal.sso.us-east-1.amazonaws.com:443',
      'sts.eu-central-1.amazonaws.com:443',
    ]);
    const spared = { ...env, ...REGION, AWS_ENDPOINT_URL: aws.endpoint, NO_PROXY: 'example.com, 127.0.0.1' };
    expect((await mint({ ...home, env: spared }, ['--profile', 'acme'], {}, 'v1')).minted).toMatchObject({
      kind: 'minted',
    });
    expect(proxy.connects).toHaveLength(3);
  });

  it('ends at an untrusted certificate: NETWORK, and which variable helps', async () => {
    await start({ tls: true });
    const { minted } = await mint(await world(''), ['--profile', 'base', '--role-arn', TOP]);
    expect(minted).toMatchObject({ code: 'NETWORK', message: expect.stringContaining(aws.endpoint) });
    expect((minted as EKSAuthError).remedy).toContain('AWS_CA_BUNDLE');
  });

  it('ends where no server answers: NETWORK', async () => {
    await start();
    const home = await world('', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    const { minted } = await mint(home, ['--profile', 'base', '--role-arn', TOP]);
    expect(minted).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('http://127.0.0.1:9') });
  });
});

describe('a hundred clusters with a hundred homes', () => {
  it('resolve side by side, each from its own files and environment', async () => {
    await start();
    const before = { ...process.env };
    const homes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const answer = JSON.stringify({ Version: 1, AccessKeyId: `AKIDHOME${index}`, SecretAccessKey: 's' });
        const program = '#!/bin/sh\nIFS= read -r line <"$HOME/answer.json"\necho "${line%%HOME*}$WHICH${line#*HOME}"\n';
        const config = `[profile p]\ncredential_process = /bin/sh "%/program"\nregion = eu-west-${1 + (index % 3)}\n`;
        return makeHome(
          { '.aws/config': config, program, 'answer.json': answer },
          { WHICH: `-${index}-`, AWS_PROFILE: 'p' },
        );
      }),
    );
    const all = await Promise.all(homes.map((home) => mint(home)));
    expect(all.map(({ minted }) => ('accessKeyId' in minted ? minted.accessKeyId : minted))).toEqual(
      homes.map((_, index) => `AKID-${index}-${index}`),
    );
    expect(all.map(({ minted }) => hostOf(minted))).toEqual(
      homes.map((_, index) => `sts.eu-west-${1 + (index % 3)}.amazonaws.com`),
    );
    expect(process.env).toEqual(before);
  });
});

function hostOf(minted: object): string {
  const token = 'token' in minted ? String(minted.token) : '';
  return new URL(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).host;
}
