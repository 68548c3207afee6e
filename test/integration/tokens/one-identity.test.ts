import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EKSAuthError, parseEKSConfig, parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { writeAWSProgram } from '../../setup/aws-program.ts';
import { FakeHome, KEYS } from './fake-home.ts';

const PLUGIN = fileURLToPath(new URL('../../../bin/ekspress-exec', import.meta.url));
const AWS = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'a'];
const [DEV, PROD] = ['AKIAEXAMPLEDEV00001', 'AKIAEXAMPLEPROD0001'];

/** Two profiles, and an AWS CLI of the second generation. */
function homeOfTwo(): FakeHome {
  const section = (name: string, key: string) =>
    `[${name}]\naws_access_key_id = ${key}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`;
  const home = new FakeHome().withCredentials(section('dev', DEV) + section('prod', PROD));
  writeAWSProgram(join(home.directory, 'bin', 'aws'), "echo 'aws-cli/2.36.7 Python/3.11.7'");
  home.env.PATH = `${join(home.directory, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`;
  return home;
}

const stanza = (...more: string[]) => ({ command: 'aws', args: [...AWS, ...more] });

/** Whose key has signed a token. */
function signerOf(token: string): string | undefined {
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
  return url.searchParams.get('X-Amz-Credential')?.split('/')[0];
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
    ['no config', () => undefined],
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

  it('cannot be made by the constructor of a config either', () => {
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

describe('the generation of the AWS CLI that a config was parsed for', () => {
  it.each([
    ['v1', PROD],
    ['v2', DEV],
  ] as const)('decides for %s, and its token is not found by those who ask without one', async (cliVersion, signer) => {
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

  it('shares its token with kubectl where none was named', async () => {
    const home = homeOfTwo();
    Object.assign(home.env, { AWS_PROFILE: 'dev', EKS_TOKEN_DEBUG: '1' });
    await new TokenManager(parseExecConfig(stanza()), { env: home.env }).getValidToken();
    const { stderr } = await promisify(execFile)(PLUGIN, ['aws', ...AWS], { env: home.env });
    expect(stderr).toContain('[DEBUG] hit');
  });

  it('is said for a kubeconfig too', () => {
    const text = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: 'https://k' } }],
      users: [{ name: 'u', user: { exec: stanza() } }],
    });
    expect(parseEKSConfig(text, { cliVersion: 'v1' }).cliVersion).toBe('v1');
    expect(parseEKSConfig(text).cliVersion).toBeUndefined();
  });

  it.each(['v3', '', 2])('is refused where there is none called %j', (cliVersion) => {
    const parse = () => parseExecConfig(stanza(), { cliVersion: cliVersion as 'v1' });
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });
});
