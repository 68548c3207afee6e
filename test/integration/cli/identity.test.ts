import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalEKS } from '../../../src/testing/index.ts';
import { writeAWSProgram } from '../../support/aws-program.ts';
import type { ManagerHome } from '../../support/cli-home.ts';
import { type ManagerOnLocalAWS, managerOnLocalAWS } from '../../support/manager-on-local-aws.ts';

const SSO = [
  '[profile acme]',
  'sso_start_url = https://local.awsapps.com/start',
  'sso_region = us-east-1',
  'sso_account_id = 123456789012',
  'sso_role_name = x',
  'region = us-east-1',
  '',
].join('\n');

let world: ManagerOnLocalAWS;
let eks: LocalEKS;
let home: ManagerHome;

beforeAll(async () => {
  world = await managerOnLocalAWS();
  ({ eks, home } = world);
  appendFileSync(join(home.path, '.aws', 'config'), SSO);
});
afterAll(() => world.close());

/** A kubeconfig with a context for each of these users. The first one is the current context. */
function write(users: Record<string, object>): string {
  const cluster = { server: eks.server, 'certificate-authority-data': eks.certificateAuthorityData };
  const names = Object.keys(users);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0],
    clusters: [{ name: eks.clusterArn, cluster }],
    contexts: names.map((name) => ({ name, context: { cluster: eks.clusterArn, user: name } })),
    users: names.map((name) => ({ name, user: users[name] })),
  };
  return home.write(JSON.stringify(config));
}

/** A PATH whose `aws` is a program, not a wrapper script. */
function pathWithAWS(body: string): string {
  const folder = join(home.path, 'aws-program');
  mkdirSync(folder, { recursive: true });
  writeAWSProgram(join(folder, 'aws'), body);
  return `${folder}:${home.env.PATH}`;
}

const running = (command: string, ...args: string[]) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command, args },
});
const words = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];

describe('the command whoami', () => {
  it('shows the identity of AWS and what the cluster makes of it', async () => {
    write({ admin: running('aws', ...words) });
    const { code, stdout } = await home.run('whoami', '-o', 'json');
    const { arn } = eks.identities.admin;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      context: 'admin',
      cluster: 'dev',
      region: 'us-east-1',
      aws: { arn, account: '123456789012', profile: null, problem: null },
      kubernetes: { username: arn, groups: ['system:masters', 'system:authenticated'], problem: null },
    });
    expect((await home.run('whoami')).stdout).toBe(
      [
        'Context     admin (dev in us-east-1)',
        `AWS         ${arn}`,
        `Kubernetes  ${arn}`,
        'Groups      system:masters, system:authenticated',
        '',
      ].join('\n'),
    );
  });

  it('knows who a program behind the context is, also one that is not known', async () => {
    const token = JSON.stringify(JSON.parse((await home.run('token', 'dev', 'us-east-1')).stdout));
    const tool = home.write(`#!/bin/sh\necho '${token}'\n`, 'granted');
    write({ granted: running('sh', tool) });
    const { stdout } = await home.run('whoami', 'granted', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      context: 'granted',
      cluster: 'dev',
      aws: { arn: eks.identities.admin.arn },
      kubernetes: { username: eks.identities.admin.arn },
    });
  });

  it('fails where the cluster does not know the identity, and says what it needs', async () => {
    write({ reader: running('aws', ...words, '--profile', 'reader') });
    world.aws.revoke(eks.identities.reader.accessKeyId);
    const { code, stdout } = await home.run('whoami');
    expect(code).toBe(1);
    expect(stdout).toContain('the cluster does not know this identity (401)');
  });
});

describe('the command status', () => {
  it('names the program of a context that runs another command, its cluster, and the way to apply it', async () => {
    write({ dev: running('aws', ...words), saml: running('/opt/bin/saml2aws', 'exec', '--', 'aws', ...words) });
    const { stdout } = await home.run('status');
    expect(stdout).toMatch(/^ {2}saml +runs saml2aws .* dev +us-east-1 +123456789012$/m);
    expect(stdout).toContain('! 1 context runs another program: `ekspress apply saml` keeps what it prints\n');
    expect(stdout).toContain("! 1 context doesn't use ekspress yet: run `ekspress apply`\n");
    const { contexts } = JSON.parse((await home.run('status', 'saml', '-o', 'json')).stdout);
    expect(contexts).toMatchObject([{ state: 'other-command', reason: 'saml2aws', cluster: 'dev' }]);
    const { stdout: checked } = await home.run('doctor', 'saml');
    expect(checked).toMatch(/sign-in +only the program of this context makes its tokens/);
  });

  it('shows until when a login lasts, and warns before its end', async () => {
    write({ acme: running('aws', ...words, '--profile', 'acme') });
    const column = async () => (await home.run('status')).stdout;
    await world.aws.ssoLogin(home.path, { expiresInSeconds: 7200 });
    expect(await column()).toMatch(/acme .* (1h 59m|2h 00m) left /);
    await world.aws.ssoLogin(home.path, { expiresInSeconds: 600 });
    expect(await column()).toMatch(/! the SSO login of acme ends in 9m \d\ds: `aws sso login --profile acme`/);
    await world.aws.ssoLogin(home.path, { expiresInSeconds: -60 });
    expect(await column()).toContain('! the SSO login of acme has ended: `aws sso login --profile acme`');
    expect((await home.run('status', '--short')).stdout).toBe('acme login ended\n');
  });

  it('shows in a prompt the context with the life of its token, and nothing without a kubeconfig', async () => {
    write({ admin: running('aws', ...words) });
    await home.runWith({ PATH: home.pathWith('aws', 'exit 1') }, 'apply', '--all', '--yes');
    await home.run('warm');
    expect((await home.run('status', '--short')).stdout).toMatch(/^admin 13m \d\ds\n$/);
    const none = await home.runWith({ KUBECONFIG: join(home.path, 'none') }, 'status', '--short');
    expect(none).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const more of [['-o', 'json'], ['--watch'], ['admin', 'acme']]) {
      expect((await home.run('status', '--short', ...more)).code, more.join(' ')).not.toBe(0);
    }
  });

  it('shows what a context costs once it was measured on this machine, also one that runs another program', async () => {
    const token = JSON.stringify(JSON.parse((await home.run('token', 'dev', 'us-east-1')).stdout));
    write({ dev: running('aws', ...words), saml: running('saml2aws', 'exec', '--', 'aws', ...words) });
    const PATH = `${home.pathWith('saml2aws', `echo '${token}'`)}`;
    home.pathWith('aws', 'exit 3');
    expect((await home.run('status')).stdout).not.toContain('PER COMMAND');
    const { code, stdout, stderr } = await home.runWith({ PATH }, 'status', '--measure');
    expect(code).toBe(1);
    expect(stderr).toBe('ekspress: dev: its command failed (exit status 3): `ekspress doctor dev`\n');
    expect(stdout).toMatch(/PER COMMAND/);
    expect(stdout).toMatch(/^\* dev +not applied +another program +dev +us-east-1/m);
    expect(stdout).toMatch(/^ {2}saml +runs saml2aws +([\d.]+ m?s) /m);
    const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout);
    expect(contexts).toMatchObject([{ secondsPerCommand: null }, { secondsPerCommand: expect.any(Number) }]);
  });

  it.skipIf(!existsSync('/dev/full'))('fails where its output cannot be written', async () => {
    write({ admin: running('aws', ...words) });
    const { code } = await home.runInShell('ekspress status >/dev/full');
    expect(code).toBe(1);
  });
});

describe('the command login', () => {
  it('runs the login that a context lacks, once for all contexts that share it', async () => {
    await world.aws.ssoLogin(home.path, { expiresInSeconds: -60 });
    write({
      one: running('aws', ...words, '--profile', 'acme'),
      two: running('aws', ...words, '--profile', 'acme', '--role-arn', 'arn:aws:iam::123456789012:role/x'),
      keys: running('aws', ...words),
    });
    const PATH = pathWithAWS(`echo "aws $*" >>'${home.path}/calls'`);
    const { code, stdout } = await home.runWith({ PATH }, 'login', '--all', '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain('start URL  https://local.awsapps.com/start\n');
    expect(stdout).toMatch(/file {7}~\/\.aws\/sso\/cache\/\w+\.json\n/);
    expect(stdout).toContain('contexts   one, two\n');
    expect(home.read('../calls')).toBe('aws sso login --profile acme\n');
  });

  it('runs nothing where the login is there, where none is needed, and without a terminal or --yes', async () => {
    const PATH = pathWithAWS(`touch '${home.path}/ran'`);
    expect((await home.runWith({ PATH }, 'login', 'keys')).stdout).toContain('its credentials need no login');
    expect(await home.runWith({ PATH }, 'login', 'one')).toMatchObject({ code: 2 });
    await world.aws.ssoLogin(home.path, { expiresInSeconds: 7200 });
    expect((await home.runWith({ PATH }, 'login', 'one', '--yes')).stdout).toMatch(/the SSO login of acme ends in /);
    expect(existsSync(join(home.path, 'ran'))).toBe(false);
  });
});

describe('the command login, for a program that runs aws with other credentials', () => {
  const identity = ['aws', 'sts', 'get-caller-identity'];
  const table: [program: string, before: string[], inside: string[], command: string[]][] = [
    ['aws-vault', ['exec', 'acme', '--'], ['aws', ...words], ['exec', 'acme', '--', ...identity]],
    ['assume', ['admin', '--exec'], [`aws ${words.join(' ')}`], ['admin', '--exec', identity.join(' ')]],
    ['op', ['plugin', 'run', '--'], ['aws', ...words], ['plugin', 'run', '--', ...identity]],
    ['saml2aws', ['exec', '-a', 'work', '--exec-profile', 'x', '--'], ['aws', ...words], ['login', '-a', 'work']],
    ['aws-sso', ['exec', '-S', 'corp', '-p', 'dev', '--'], ['aws', ...words], ['login', '--sso', 'corp']],
  ];

  it.each(table)('runs the login of %s, once for two contexts, and says where it is kept', async (...row) => {
    const [program, before, inside, command] = row;
    const PATH = home.pathWith(program, `for word; do echo "$word"; done >>'${home.path}/${program}-ran'`);
    const user = running(program, ...before, ...inside);
    write({ one: user, two: user });
    const { code, stdout, stderr } = await home.runWith({ PATH }, 'login', '--all', '--yes');
    expect(stderr).toBe('');
    expect(stdout).toContain('contexts   one, two\n');
    expect(stdout).toMatch(/^ {2}kept in {4}\S/m);
    expect(stdout).toContain(`until      only ${program} knows`);
    expect(home.read(`../${program}-ran`)).toBe(`${command.join('\n')}\n`);
    expect(code).toBe(0);
  });

  it('knows when the login behind aws2-wrap ends, which is that of the AWS CLI', async () => {
    await world.aws.ssoLogin(home.path, { expiresInSeconds: -60 });
    write({ wrapped: running('aws2-wrap', '--profile', 'acme', 'aws', ...words) });
    const { stdout } = await home.run('login', '--dry-run');
    expect(stdout).toMatch(/^aws sso login --profile acme\n/);
    await world.aws.ssoLogin(home.path, { expiresInSeconds: 7200 });
    expect((await home.run('login')).stdout).toMatch(/^wrapped: the SSO login of acme ends in /);
  });

  it('is not kept from the logins of other contexts by one whose profile does not exist', async () => {
    await world.aws.ssoLogin(home.path, { expiresInSeconds: -60 });
    write({
      bad: running('aws', ...words, '--profile', 'nobody'),
      acme: running('aws', ...words, '--profile', 'acme'),
    });
    const { code, stdout, stderr } = await home.run('login', '--all', '--dry-run');
    expect(stdout).toMatch(/^aws sso login --profile acme\n/);
    expect(stderr).toMatch(/^! bad: The AWS profile "nobody" is in none of the AWS files: .*\.\n$/);
    expect(code).toBe(0);
  });

  it('runs nothing for a program that it does not know, and fails with the login', async () => {
    const script = home.write('#!/bin/sh\n', 'own-script');
    write({ own: running(script), vault: running('aws-vault', 'exec', 'acme', '--', 'aws', ...words) });
    expect(await home.run('login', 'own', '--yes')).toEqual({
      code: 0,
      stdout: 'own runs own-script, whose login ekspress does not know.\n',
      stderr: '',
    });
    const PATH = home.pathWith('aws-vault', 'exit 3');
    expect(await home.runWith({ PATH }, 'login', 'vault', '--yes')).toMatchObject({ code: 1 });
  });
});

describe('the command apply', () => {
  it('says that a kubeconfig has no EKS context, and which contexts it could take by name', async () => {
    write({ kind: { token: 'x' }, saml: running('saml2aws', 'exec') });
    const { code, stdout } = await home.run('apply', '--all', '--yes');
    expect(code).toBe(0);
    expect(stdout).toBe(
      'Nothing to do: there is no EKS context in ~/.kube/config; 1 context runs another program, which `ekspress apply NAME` takes.\n',
    );
  });
});
