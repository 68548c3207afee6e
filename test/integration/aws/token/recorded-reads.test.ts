import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { getEKSToken } from '../../../../src/aws/token/eks-token.ts';
import { TokenManager } from '../../../../src/aws/token/token-manager.ts';
import { writeAWSProgram, writeAWSShim } from '../../../support/aws-program.ts';
import { FakeHome } from '../../../support/fake-aws-home.ts';

const PLUGIN = fileURLToPath(new URL('../../../../bin/ekspress-exec', import.meta.url));
const CLUSTER = { clusterName: 'dev', region: 'us-east-1' } as const;

function signedBy(token: string): string {
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
  return url.searchParams.get('X-Amz-Credential')?.split('/')[0] ?? '';
}

async function signerOf(home: FakeHome, env: Record<string, string> = {}): Promise<string> {
  return signedBy((await getEKSToken({ ...CLUSTER, env: { ...home.env, ...env } })).token);
}

async function pluginSigner(home: FakeHome, words: readonly string[], env: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)(PLUGIN, words, { env: { ...home.env, ...env } });
  return signedBy(JSON.parse(stdout).status.token);
}

/** How many tokens lie in the cache folder of this home. */
function stored(home: FakeHome): number {
  const names = existsSync(home.cacheDirectory) ? readdirSync(home.cacheDirectory) : [];
  return names.filter((name) => name.endsWith('.json')).length;
}

/** A server of container credentials, whose role follows the authorization token or changes at a call. */
async function containerServer(): Promise<{ readonly url: string; role: string }> {
  const state = { url: '', role: 'DEV' };
  const server = createServer((request, response) => {
    const keys = {
      AccessKeyId: `ASIA${state.role}${request.headers.authorization ?? ''}`,
      SecretAccessKey: 'EXAMPLEKEY',
    };
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    response.end(JSON.stringify({ ...keys, Token: 'EXAMPLEKEY-session', Expiration }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return state;
}

describe('a server of container credentials', () => {
  it('is asked again for each token, as it may hand out another role: by a manager, by the next call, by the plugin', async () => {
    const server = await containerServer();
    const home = new FakeHome();
    Object.assign(home.env, { AWS_CONTAINER_CREDENTIALS_FULL_URI: server.url });
    const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    const manager = new TokenManager(parseExecConfig({ command: 'aws', args: words.slice(1) }), { env: home.env });
    expect(signedBy((await manager.getValidToken()).token)).toBe('ASIADEV');
    server.role = 'PROD';
    expect(signedBy((await manager.refreshToken()).token)).toBe('ASIAPROD');
    server.role = 'OPS';
    expect(await signerOf(home)).toBe('ASIAOPS');
    server.role = 'QA';
    expect(await pluginSigner(home, words)).toBe('ASIAQA');
    expect(stored(home)).toBe(0);
  });

  it('gives each inline authorization token its own role', async () => {
    const { url } = await containerServer();
    const home = new FakeHome();
    Object.assign(home.env, { AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    expect(await signerOf(home, { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'A' })).toBe('ASIADEVA');
    expect(await signerOf(home, { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'B' })).toBe('ASIADEVB');
  });
});

describe('a path with a variable inside', () => {
  it('leads to the credentials of the value of this moment, and to the cluster', async () => {
    const home = new FakeHome();
    for (const stage of ['a', 'b']) {
      mkdirSync(join(home.directory, stage));
      const keys = `aws_access_key_id = AKIA${stage.toUpperCase()}\naws_secret_access_key = EXAMPLEKEY\n`;
      writeFileSync(join(home.directory, stage, 'credentials'), `[default]\n${keys}`);
      writeFileSync(join(home.directory, stage, 'name'), `cluster-${stage}`);
    }
    const path = `${home.directory}/$STAGE/credentials`;
    const env = (STAGE: string) => ({ AWS_SHARED_CREDENTIALS_FILE: path, STAGE });
    expect([await signerOf(home, env('a')), await signerOf(home, env('b'))]).toEqual(['AKIAA', 'AKIAB']);
    const clusterIn = async (STAGE: string) => {
      const args = [
        '--region',
        'us-east-1',
        'eks',
        'get-token',
        '--cluster-name',
        `file://${home.directory}/$STAGE/name`,
      ];
      const config = parseExecConfig({ command: 'aws', args });
      const manager = new TokenManager(config, {
        env: { ...home.env, ...env('a'), STAGE, AWS_SHARED_CREDENTIALS_FILE: join(home.directory, 'a/credentials') },
      });
      return (await manager.getValidToken()).token;
    };
    expect(await clusterIn('a')).not.toBe(await clusterIn('b'));
  });
});

describe('a file that cannot be read', () => {
  it.skipIf(process.geteuid?.() === 0)('counts from the moment in which it can', async () => {
    const home = new FakeHome().withStaticKeys();
    const config = join(home.directory, '.aws', 'config');
    writeFileSync(config, '[default]\naws_access_key_id = AKIACONFIG\naws_secret_access_key = EXAMPLEKEY\n');
    home.withCredentials('');
    const credentials = join(home.directory, '.aws', 'credentials');
    writeFileSync(credentials, '[default]\naws_access_key_id = AKIAFIRST\naws_secret_access_key = EXAMPLEKEY\n');
    chmodSync(credentials, 0o000);
    expect(await signerOf(home)).toBe('AKIACONFIG');
    chmodSync(credentials, 0o600);
    expect(await signerOf(home)).toBe('AKIAFIRST');
  });
});

describe('the installed AWS CLI', () => {
  const release = (of: string, home: FakeHome) =>
    `echo asked >> '${home.directory}/asked'\necho 'aws-cli/${of} Python/3.11.7'`;
  const asked = (home: FakeHome): number => {
    const path = join(home.directory, 'asked');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').length : 0;
  };
  /** The two generations disagree: v1 knows AWS_DEFAULT_REGION only. */
  const disputed = () => {
    const home = new FakeHome().withStaticKeys();
    Object.assign(home.env, { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-west-2' });
    return home;
  };
  const regionOf = async (home: FakeHome, env: Record<string, string> = {}) => {
    const { token } = await getEKSToken({ clusterName: 'dev', env: { ...home.env, ...env } });
    const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
    return url.searchParams.get('X-Amz-Credential')?.split('/')[2];
  };

  it('is asked for its release once, for this process and for others', async () => {
    const home = disputed();
    writeAWSProgram(join(home.directory, 'bin/aws'), release('1.45.11', home));
    for (const clusterName of ['a', 'b']) await getEKSToken({ clusterName, env: home.env });
    await pluginSigner(home, ['aws', 'eks', 'get-token', '--cluster-name', 'c']);
    expect(asked(home)).toBe(1);
    const [name = ''] = readdirSync(home.cacheDirectory).filter((name) => name.endsWith('.release'));
    expect(JSON.parse(readFileSync(join(home.cacheDirectory, name), 'utf8'))).toMatchObject({ release: '1.45.11' });
  });

  it('is the one that PATH leads to now', async () => {
    const home = disputed();
    for (const [folder, of] of [
      ['one', '1.45.11'],
      ['two', '2.36.7'],
    ] as const) {
      mkdirSync(join(home.directory, folder));
      writeAWSProgram(join(home.directory, folder, 'aws'), release(of, home));
    }
    const at = (folder: string) => ({ PATH: `${join(home.directory, folder)}${delimiter}${home.env.PATH}` });
    expect(await regionOf(home, at('one'))).toBe('us-west-2');
    expect(await regionOf(home, at('two'))).toBe('eu-west-1');
  });

  it('is asked each time where a version manager stands before it, and its token stays in this process', async () => {
    const home = disputed();
    writeAWSShim(join(home.directory, 'bin/aws'), release('2.36.7', home));
    expect(await regionOf(home)).toBe('eu-west-1');
    expect(stored(home)).toBe(0);
    await getEKSToken({ clusterName: 'other', env: home.env });
    expect(asked(home)).toBe(2);
  });
});

it.each(['saml2aws', 'op', 'aws-sso', 'docker'])(
  'The token that %s runs the CLI for is made once, and shared',
  async (name) => {
    const home = new FakeHome().withAws();
    writeFileSync(join(home.directory, 'bin', name), `#!/bin/sh\nwhile [ "$1" != aws ]; do shift; done\nexec "$@"\n`, {
      mode: 0o755,
    });
    const verbs =
      { saml2aws: ['exec'], op: ['plugin', 'run'], 'aws-sso': ['exec'], docker: ['run', 'tools'] }[name] ?? [];
    const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    const config = parseExecConfig({ command: name, args: [...verbs, ...words] });
    const many = [1, 2, 3].map(() => new TokenManager(config, { env: home.env }).getValidToken());
    const [first, ...others] = await Promise.all(many);
    expect(others.map(({ token }) => token)).toEqual([first?.token, first?.token]);
    expect(home.awsCalls).toBe(1);
  },
);

it('Two aws-vault profiles on one cluster have an entry each', async () => {
  const home = new FakeHome().withAws();
  writeFileSync(join(home.directory, 'bin/aws-vault'), `#!/bin/sh\nshift 3\nexec "$@"\n`, { mode: 0o755 });
  const tokenAs = async (profile: string) => {
    const words = ['exec', profile, '--', 'aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    return (
      await new TokenManager(parseExecConfig({ command: 'aws-vault', args: words }), { env: home.env }).getValidToken()
    ).token;
  };
  const [admin, reader] = [await tokenAs('admin'), await tokenAs('reader')];
  expect(await tokenAs('admin')).toBe(admin);
  expect(await tokenAs('reader')).toBe(reader);
  expect(home.awsCalls).toBe(2);
});
