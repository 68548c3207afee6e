import { execFile } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EKSAuthError, parseEKSConfig, parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { writeAWSProgram } from '../../../support/aws-program.ts';
import { FakeHome, KEYS } from '../../../support/fake-aws-home.ts';
import { PATH } from '../../../support/paths.ts';

const PLUGIN = fileURLToPath(new URL('../../../../bin/ekspress-exec', import.meta.url));
const AWS = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'a'];
const [DEV, PROD] = ['AKIAEXAMPLEDEV00001', 'AKIAEXAMPLEPROD0001'];

/** Two profiles, and an AWS CLI of the second generation. */
function homeOfTwo(): FakeHome {
  const section = (name: string, key: string) =>
    `[${name}]\naws_access_key_id = ${key}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`;
  const home = new FakeHome().withCredentials(section('dev', DEV) + section('prod', PROD));
  writeAWSProgram(join(home.directory, 'bin', 'aws'), "echo 'aws-cli/2.36.7 Python/3.11.7'");
  home.env.PATH = `${join(home.directory, 'bin')}:${PATH}`;
  return home;
}

const stanza = (...more: string[]) => ({ command: 'aws', args: [...AWS, ...more] });

/** Whose key has signed a token. */
function signerOf(token: string): string | undefined {
  return urlOf(token).searchParams.get('X-Amz-Credential')?.split('/')[0];
}

function urlOf(token: string): URL {
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
}

async function signerOfManager(manager: TokenManager): Promise<string | undefined> {
  return signerOf((await manager.getValidToken()).token);
}

/** Whose token kubectl gets: the exec plugin in a process of its own. */
async function signerOfPlugin(home: FakeHome, ...more: string[]): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(PLUGIN, ['aws', ...AWS, ...more], { env: home.env });
  return signerOf(JSON.parse(stdout).status.token);
}

describe('a config that a spread has changed', () => {
  it("never leaves one profile's token in the cache under the name of another", async () => {
    const home = homeOfTwo();
    const config = parseExecConfig(stanza('--profile', 'dev'));
    const changed = { ...config, profile: 'prod' };
    try {
      // @ts-expect-error what a spread makes is not a config
      await new TokenManager(changed, { env: home.env }).getValidToken();
    } catch {
      // The next test says how it is refused.
    }
    const genuine = new TokenManager(parseExecConfig(stanza('--profile', 'prod')), { env: home.env });
    await expect(signerOfManager(genuine)).resolves.toBe(PROD);
    await expect(signerOfPlugin(home, '--profile', 'prod')).resolves.toBe(PROD);
  });

  it.each([
    ['a spread', () => ({ ...parseExecConfig(stanza()), profile: 'prod' })],
    ['a copy of the fields', () => JSON.parse(JSON.stringify(parseExecConfig(stanza())))],
    ['an object that inherits from a config', () => Object.create(parseExecConfig(stanza()))],
  ])('is refused with what to do instead: %s', (_, make) => {
    let refused: unknown;
    try {
      new TokenManager(make());
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(EKSAuthError);
    expect(refused).toMatchObject({
      code: 'INVALID_CONFIG',
      remedy: expect.stringContaining('parseExecConfig'),
    });
  });

  it('cannot be made by the constructor of a config', () => {
    const made = parseExecConfig(stanza());
    expect(() => Reflect.construct(made.constructor, [{ clusterName: 'a', profile: 'prod' }])).toThrow(EKSAuthError);
  });

  it('cannot be made by changing the words that it was read from', async () => {
    const home = homeOfTwo();
    const words = stanza('--profile', 'dev');
    const config = parseExecConfig(words);
    words.args.splice(-1, 1, 'prod');
    expect(() => (config.exec.args as string[]).splice(-1, 1, 'prod')).toThrow(TypeError);
    await expect(signerOfManager(new TokenManager(config, { env: home.env }))).resolves.toBe(DEV);
  });
});

/** An aws-iam-authenticator whose tokens say which arguments they are for, and what the file of `-c` held. */
function withAuthenticator(home: FakeHome): FakeHome {
  const script = `#!/bin/sh
file=; for word; do case $word in /*) file=$(cat "$word") ;; esac; done
url="https://sts.us-east-1.amazonaws.com/?X-Amz-Date=$(date -u +%Y%m%dT%H%M%SZ)&args=$(echo "$*" | tr ' ' +)&file=$file"
token=k8s-aws-v1.$(printf %s "$url" | base64 -w0 | tr '+/' '-_' | tr -d =)
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"%s"}}' "$token"
`;
  writeFileSync(join(home.directory, 'bin', 'aws-iam-authenticator'), script, { mode: 0o755 });
  return home;
}

describe('the arguments of aws-iam-authenticator', () => {
  const ask = async (home: FakeHome, args: readonly string[]) => {
    const config = parseExecConfig({ command: 'aws-iam-authenticator', args: ['token', ...args] });
    const manager = new TokenManager(config, { env: home.env });
    const { searchParams } = urlOf((await manager.getValidToken()).token);
    return [manager.status().source, searchParams.get('args'), searchParams.get('file')];
  };

  it('each have a token of their own where they decide the identity', async () => {
    const home = withAuthenticator(homeOfTwo());
    for (const name of ['one', 'two']) writeFileSync(join(home.directory, name), name);
    const role = ['-i', 'c', '-r', 'arn:aws:iam::123456789012:role/admin'];
    const all = [
      ['-c', join(home.directory, 'one')],
      ['-c', join(home.directory, 'two')],
      role,
      [...role, '--forward-session-name'],
    ];
    for (const args of all) {
      expect(await ask(home, args)).toEqual(['exec', ['token', ...args].join(' '), expect.any(String)]);
      expect((await ask(home, args))[0]).toBe('cache');
    }
  });

  it('have another token where they name a file and that file has changed', async () => {
    const home = withAuthenticator(homeOfTwo());
    const file = join(home.directory, 'settings');
    writeFileSync(file, 'one');
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    expect(await ask(home, ['-c', file])).toContain('one');
    expect((await ask(home, ['-c', file]))[0]).toBe('cache');
    writeFileSync(file, 'two');
    expect(await ask(home, ['-c', file])).toContain('two');
  });

  it('have no token on disk where they name a file by a relative path', async () => {
    const home = withAuthenticator(homeOfTwo());
    expect((await ask(home, ['-c', 'settings']))[0]).toBe('exec');
    expect((await ask(home, ['-c', 'settings']))[0]).toBe('exec');
  });
});

describe('the generation of the AWS CLI that a config was parsed for', () => {
  it.each([
    ['v1', PROD],
    ['v2', DEV],
  ] as const)('decides for %s, and callers that ask without one do not get its token', async (cliVersion, signer) => {
    const home = homeOfTwo();
    Object.assign(home.env, { AWS_PROFILE: 'dev', AWS_DEFAULT_PROFILE: 'prod' });
    const manager = () => new TokenManager(parseExecConfig(stanza(), { cliVersion }), { env: home.env });
    const first = manager();
    await expect(signerOfManager(first)).resolves.toBe(signer);
    expect(first.status().source).toBe('mint');
    const other = new TokenManager(parseExecConfig(stanza()), { env: home.env });
    await expect(signerOfManager(other)).resolves.toBe(DEV);
    expect(other.status().source).toBe('mint');
    await expect(signerOfPlugin(home)).resolves.toBe(DEV);
    const again = manager();
    await expect(signerOfManager(again)).resolves.toBe(signer);
    expect(again.status().source).toBe('cache');
  });

  it('shares its token with kubectl where the config names none', async () => {
    const home = homeOfTwo();
    Object.assign(home.env, { AWS_PROFILE: 'dev', EKS_TOKEN_DEBUG: '1' });
    await new TokenManager(parseExecConfig(stanza()), { env: home.env }).getValidToken();
    const { stderr } = await promisify(execFile)(PLUGIN, ['aws', ...AWS], { env: home.env });
    expect(stderr).toContain('[DEBUG] hit');
  });

  it('can be given for a kubeconfig too', () => {
    const text = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: 'https://k' } }],
      users: [{ name: 'u', user: { exec: stanza() } }],
    });
    expect(parseEKSConfig(text, { cliVersion: 'v1' }).cliVersion).toBe('v1');
    expect(parseEKSConfig(text).cliVersion).toBeUndefined();
  });

  it.each(['v3', '', 2])('is refused where its name is %j', (cliVersion) => {
    const parse = () => parseExecConfig(stanza(), { cliVersion: cliVersion as 'v1' });
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });
});
