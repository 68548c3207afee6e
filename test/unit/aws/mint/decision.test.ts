import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { MintFacts } from '../../../../src/aws/context/mint-context.ts';
import { MintMemory } from '../../../../src/aws/context/mint-memory.ts';
import { TransportError } from '../../../../src/aws/http/transport.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import type { EKSAuthError } from '../../../../src/errors.ts';
import { type Environment, hostFrom } from '../../../../src/host.ts';
import { Recorder } from '../../../../src/recording/recorder.ts';
import { makeHome, mint, type World } from '../../../support/aws-home.ts';
import { writeAWSProgram } from '../../../support/aws-program.ts';
import { mintInProcess } from '../../../support/mint-in-process.ts';
import { NOWHERE, PATH } from '../../../support/paths.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hush/hush+hush' };
const REGION = { AWS_DEFAULT_REGION: 'us-west-2' };

/** An `aws` that counts how often it is asked for its version. */
async function installAWS(world: World, version: string): Promise<Environment> {
  const body = `echo asked >> "${world.path}/asked"\necho "aws-cli/${version} Python/3.11.7 Linux/6.1"`;
  writeAWSProgram(join(world.path, 'aws'), body);
  return { ...world.env, PATH: `${world.path}:${PATH}` };
}

const timesAsked = async (world: World): Promise<number> =>
  (await readFile(join(world.path, 'asked'), 'utf8').catch(() => '')).split('\n').length - 1;

async function mintAs(env: Environment, extra: Partial<MintFacts> = {}, command = 'aws') {
  const config = parseExecConfig({ command, args: ['eks', 'get-token', '--cluster-name', 'c'] });
  return mintInProcess({ config, host: hostFrom({ env }), ...extra });
}

function hostOf(minted: object): string {
  const token = 'token' in minted ? String(minted.token) : '';
  return new URL(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).host;
}

describe('the version of the AWS CLI to agree with', () => {
  /** v1 looks at AWS_DEFAULT_REGION alone, v2 at AWS_REGION first. */
  const DISPUTED = { ...KEYS, AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-1' };

  it('is not asked for where both versions do the same', async () => {
    const world = await makeHome({}, { ...KEYS, ...REGION });
    expect(hostOf(await mintAs(await installAWS(world, '1.45.11')))).toBe('sts.us-west-2.amazonaws.com');
    expect(await timesAsked(world)).toBe(0);
  });

  it.each([
    ['1.45.11', 'sts.eu-west-1.amazonaws.com'],
    ['2.36.7', 'sts.eu-west-2.amazonaws.com'],
  ])('is asked for once where they differ: %s', async (version, host) => {
    const world = await makeHome({}, DISPUTED);
    const env = await installAWS(world, version);
    const memory = new MintMemory();
    for (let time = 0; time < 3; time += 1) expect(hostOf(await mintAs(env, { memory }))).toBe(host);
    expect(await timesAsked(world)).toBe(1);
  });

  it('is asked for again when `aws` was replaced', async () => {
    const world = await makeHome({}, DISPUTED);
    const memory = new MintMemory();
    expect(hostOf(await mintAs(await installAWS(world, '1.45.11'), { memory }))).toContain('eu-west-1');
    await new Promise((later) => setTimeout(later, 20));
    expect(hostOf(await mintAs(await installAWS(world, '2.36.7'), { memory }))).toContain('eu-west-2');
  });

  it('is in the recording of the mint, with the name that led to it', async () => {
    const world = await makeHome({}, DISPUTED);
    const env = await installAWS(world, '2.1.0');
    const recorder = new Recorder(env);
    await mintAs(env, { recorder });
    const found = join(world.path, 'aws');
    expect(await recorder.finish()).toMatchObject({
      lookUps: [{ name: 'aws', found }],
      files: expect.arrayContaining([expect.objectContaining({ path: found, program: true })]),
    });
  });

  it('is that of the path in the kubeconfig', async () => {
    const world = await makeHome({}, DISPUTED);
    await installAWS(world, '1.45.11');
    expect(hostOf(await mintAs(world.env, {}, join(world.path, 'aws')))).toContain('eu-west-1');
  });

  it('is v2 without an installed `aws`', async () => {
    const world = await makeHome({}, { ...DISPUTED, PATH: NOWHERE });
    expect(hostOf(await mintAs(world.env))).toBe('sts.eu-west-2.amazonaws.com');
  });

  it('is left to a program that does not say its version, or may not be asked', async () => {
    const world = await makeHome({}, DISPUTED);
    const env = await installAWS(world, 'unknown');
    expect(await mintAs(env)).toMatchObject({ kind: 'undecided', reason: expect.stringContaining('which version') });
    expect(await mintAs(env, { programs: false })).toMatchObject({
      kind: 'undecided',
      reason: expect.stringContaining('disagree'),
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['the Pod Identity agent', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' }, ''],
    [
      'the file with the token for a container',
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/credentials',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/nowhere',
      },
      '',
    ],
    [
      'AWS_EC2_METADATA_V1_DISABLED',
      { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_V1_DISABLED: 'true' },
      '[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Ec2InstanceMetadata\n',
    ],
    [
      'SSO as the source of a role',
      {},
      '[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = s\n[profile s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = R\n',
    ],
  ])('is left to the command where a release of before 2025 is installed: %s', async (_, env, file) => {
    const world = await makeHome({ '.aws/config': file }, { ...REGION, ...env });
    const transport = async () => {
      throw new TransportError('unreachable', 'nothing is there');
    };
    const outcome = async (release: string) =>
      await mintAs(await installAWS(world, release), { transport }).then(
        (minted) => minted.kind,
        (error: EKSAuthError) => error.code,
      );
    expect(await outcome('2.26.9')).toBe('undecided');
    expect(await outcome('1.39.0')).toBe('undecided');
    expect(await outcome('2.27.0')).not.toBe('undecided');
  });

  it('is asked for where only the caches differ, and v2 will do where it does not say', async () => {
    const config =
      '[default]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = R\n';
    const world = await makeHome({ '.aws/config': config }, REGION);
    const env = await installAWS(world, '1.45.11');
    const login = () => mintAs(env, { memory: new MintMemory() }).catch((error: EKSAuthError) => error.code);
    expect(await login()).toBe('SESSION_EXPIRED');
    expect(await timesAsked(world)).toBe(1);
    await installAWS(world, 'unknown');
    expect(await login()).toBe('SESSION_EXPIRED');
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['2.9.19', {}, ['--region', 'eusc-de-east-1']],
    ['2.9.19', {}, ['--region', 'eu-isoe-west-1']],
    ['1.29.0', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, ['--region', 'us-iso-east-1']],
    ['2.9.19', {}, ['--cli-error-format', 'json']],
  ])('is left to the command where %s may know nothing of it: %o %j', async (version, env, args) => {
    const world = await makeHome({}, { ...KEYS, ...REGION, ...env });
    const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c', ...args] });
    const mintWith = async (release: string) => {
      const host = hostFrom({ env: await installAWS(world, release) });
      return (await mintInProcess({ config, host })).kind;
    };
    expect(await mintWith(version)).toBe('undecided');
    expect(await mintWith(version.startsWith('1') ? '1.45.11' : '2.36.7')).toBe('minted');
  });

  it('decides about configured endpoints: releases before July 2023 know nothing of them', async () => {
    const world = await makeHome({}, { ...KEYS, ...REGION, AWS_ENDPOINT_URL_STS: 'https://sts.example.com' });
    expect(hostOf(await mintAs(await installAWS(world, '2.9.19')))).toBe('sts.us-west-2.amazonaws.com');
    expect(hostOf(await mintAs(await installAWS(world, '2.13.0'), { memory: new MintMemory() }))).toBe(
      'sts.example.com',
    );
    expect(hostOf(await mintAs(await installAWS(world, '1.28.0'), { memory: new MintMemory() }))).toContain(
      'amazonaws.com',
    );
  });
});

it.each([
  ['v1', 'AKIDDEFAULT'],
  ['v2', 'AKIDPROFILE'],
] as const)('The AWS CLI %s takes its own of AWS_PROFILE and AWS_DEFAULT_PROFILE', async (version, accessKeyId) => {
  const section = (name: string, id: string) => `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`;
  const credentials = section('one', 'AKIDPROFILE') + section('two', 'AKIDDEFAULT');
  const env = { ...REGION, AWS_PROFILE: 'one', AWS_DEFAULT_PROFILE: 'two' };
  expect((await mint(await makeHome({ '.aws/credentials': credentials }, env), [], {}, version)).minted).toMatchObject({
    accessKeyId,
  });
});

describe('the plan', () => {
  const cases: [string, Record<string, string>, string[], Record<string, string>][] = [
    ['an alias for eks', { '.aws/cli/alias': '[toplevel]\neks = !my-eks\n' }, [], {}],
    ['an alias for get-token', { '.aws/cli/alias': '[command eks]\nget-token = get-token --role-arn x\n' }, [], {}],
    ['an alias file that nobody can read', { '.aws/cli/alias': 'nonsense' }, [], {}],
    ['plugins', { '.aws/config': '[plugins]\ncli_legacy_plugin_path = x\n' }, [], {}],
    ['--query', {}, ['--query', 'status'], {}],
    ['--cli-auto-prompt', {}, ['--cli-auto-prompt'], {}],
    ['AWS_CLI_AUTO_PROMPT', {}, [], { AWS_CLI_AUTO_PROMPT: 'on' }],
    ['data of others', { '.aws/models/endpoints.json': '{}' }, [], {}],
    ['an API version of the past', { '.aws/config': '[default]\napi_versions =\n  sts = 2011-06-15\n' }, [], {}],
    ['settings of the STS client', { '.aws/config': '[default]\nsts =\n  signature_version = v2\n' }, [], {}],
    ['an odd number', {}, [], { AWS_MAX_ATTEMPTS: 'many' }],
    ['an argument from the web', {}, ['--role-arn', 'https://example.com/role'], {}],
    ['an endpoint with a query', {}, [], { AWS_ENDPOINT_URL_STS: 'https://sts.example.com/?x=1' }],
    ["somebody else's home", {}, [], { AWS_CONFIG_FILE: '~root/.aws/config' }],
    ['a certificate check that is switched off', {}, [], { AWS_CA_BUNDLE: '' }],
    ['a file in an unknown encoding', { '.aws/config': '[default]\n# é\n' }, [], { LC_ALL: 'de_DE.ISO-8859-1' }],
    ['an end without a zone', {}, [], { AWS_CREDENTIAL_EXPIRATION: '2030-01-01 00:00:00' }],
  ];

  it.each(cases)('leaves this to the original command: %s', async (_, files, args, env) => {
    const { minted } = await mint(await makeHome(files, { ...KEYS, ...REGION, ...env }), args);
    expect(minted).toMatchObject({ kind: 'undecided', reason: expect.stringMatching(/\w/) });
  });

  it('leaves aws-vault to itself, which has credentials of its own', async () => {
    const { env } = await makeHome({}, { ...KEYS, ...REGION });
    const args = ['exec', 'acme', '--', 'aws', 'eks', 'get-token', '--cluster-name', 'c'];
    const config = parseExecConfig({ command: 'aws-vault', args });
    const result = await mintInProcess({ config, host: hostFrom({ env }) });
    expect(result).toEqual({ kind: 'undecided', reason: 'aws-vault gives the credentials' });
  });

  it('leaves a file that is not UTF-8 to the original command', async () => {
    const world = await makeHome({}, { ...KEYS, ...REGION });
    await writeFile(join(world.path, 'config'), Buffer.from('[default]\n# \xe9\n', 'latin1'));
    const { minted } = await mint({ ...world, env: { ...world.env, AWS_CONFIG_FILE: join(world.path, 'config') } });
    expect(minted).toMatchObject({ kind: 'undecided' });
  });
});

describe('the sources of a mint', () => {
  it('are recorded, absent ones too', async () => {
    const world = await makeHome({}, { ...KEYS, ...REGION });
    const { minted, read } = await mint(world);
    expect(minted).toMatchObject({ kind: 'minted' });
    const names = ['cli/alias', 'models', 'config', 'credentials'];
    expect(read).toEqual(names.map((name) => join(world.path, '.aws', name)));
  });

  it('are read again for each token', async () => {
    const world = await makeHome(
      { '.aws/credentials': '[default]\naws_access_key_id=AKIDOLD\naws_secret_access_key=s\n' },
      REGION,
    );
    const memory = new MintMemory();
    expect((await mint(world, [], { memory })).minted).toMatchObject({ accessKeyId: 'AKIDOLD' });
    await writeFile(
      join(world.path, '.aws/credentials'),
      '[default]\naws_access_key_id=AKIDNEW\naws_secret_access_key=s\n',
    );
    expect((await mint(world, [], { memory })).minted).toMatchObject({ accessKeyId: 'AKIDNEW' });
  });

  it('go to the logger with the plan, without any key', async () => {
    const lines: unknown[] = [];
    const logger = { debug: (...line: unknown[]) => lines.push(line), info() {}, warn() {}, error() {} };
    const files = {
      '.aws/credentials':
        '[p]\naws_access_key_id=AKIDFILE\naws_secret_access_key=hush/file\naws_session_token=hush-token\n',
    };
    const { env } = await makeHome(files, {
      ...REGION,
      AWS_PROFILE: 'p',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'hush-too',
    });
    const stanza = { command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c'] };
    const config = parseExecConfig(stanza, { cliVersion: 'v2' });
    await mintInProcess({ config, host: hostFrom({ env, logger }) });
    const shown = inspect(lines, { depth: 9 }) + JSON.stringify(lines);
    expect(shown).toContain('credentials-file');
    expect(shown).toContain('AWS_DEFAULT_REGION');
    expect(shown).not.toContain('hush');
  });

  it('give a warning where EKS will refuse the token', async () => {
    const warnings: unknown[][] = [];
    const logger = { debug() {}, info() {}, warn: (...line: unknown[]) => void warnings.push(line), error() {} };
    const { env } = await makeHome({}, { ...KEYS, ...REGION, AWS_ENDPOINT_URL_STS: 'http://localhost:4566' });
    await mintAs({ ...env, PATH: NOWHERE });
    const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c'] });
    await mintInProcess({
      config,
      host: hostFrom({ env: { ...env, PATH: NOWHERE }, logger }),
    });
    expect(warnings).toEqual([
      [expect.stringContaining('refuse'), { cluster: 'c', objection: expect.stringContaining('https') }],
    ]);
  });
});

it('An aborted mint ends with TIMEOUT', async () => {
  const world = await makeHome({}, { ...KEYS, ...REGION });
  const { minted } = await mint(world, [], { signal: AbortSignal.abort() });
  expect(minted).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('aborted') });
});

it('The time of the signature is in whole seconds, and the end of the keys is told', async () => {
  const { env } = await makeHome({}, { ...KEYS, ...REGION, AWS_CREDENTIAL_EXPIRATION: '2024-06-15T13:00:00Z' });
  const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c'] });
  const host = hostFrom({ env, now: () => new Date('2024-06-15T12:34:56.789Z') });
  expect(await mintInProcess({ config, host })).toMatchObject({
    mintedAt: new Date('2024-06-15T12:34:56Z'),
    credentialsExpireAt: new Date('2024-06-15T13:00:00Z'),
  });
});

describe('aws-iam-authenticator', () => {
  const authenticate = async (env: Environment, ...args: string[]) => {
    const config = parseExecConfig({ command: 'aws-iam-authenticator', args: ['token', '-i', 'c', ...args] });
    return mintInProcess({ config, host: hostFrom({ env }) });
  };

  it('signs with keys of the environment, its parameters sorted as the Go SDK sorts them', async () => {
    const { env } = await makeHome(
      {},
      { ...KEYS, AWS_SESSION_TOKEN: 'session', AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'x' },
    );
    const minted = await authenticate(env);
    expect(minted).toMatchObject({ kind: 'minted', source: { kind: 'environment' }, accessKeyId: 'AKIDEXAMPLE' });
    const url = Buffer.from(('token' in minted ? minted.token : '').split('.')[1] ?? '', 'base64url').toString();
    expect(new URL(url).host).toBe('sts.eu-west-2.amazonaws.com');
    expect([...new URL(url).searchParams.keys()]).toEqual([
      ...['Action', 'Version', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires'],
      ...['X-Amz-Security-Token', 'X-Amz-SignedHeaders', 'X-Amz-Signature'],
    ]);
    expect(hostOf(await authenticate(env, '--region', 'us-east-1'))).toBe('sts.us-east-1.amazonaws.com');
  });

  it.each<[string, Record<string, string>, Record<string, string>, string[]]>([
    ['', {}, {}, ['--region', 'us_west']],
    [' (from the environment)', {}, { AWS_REGION: 'us_west' }, []],
    [' (from the profile)', { '.aws/config': '[default]\nregion = us_west\n' }, { AWS_REGION: '' }, []],
  ])('names a region that is none%s', async (origin, files, variables, args) => {
    const { env } = await makeHome(files, { ...KEYS, ...variables });
    await expect(authenticate(env, ...args)).rejects.toThrow(`"us_west" is not an AWS region${origin}.`);
  });

  it.each<[string, Record<string, string>, string[], Record<string, string>]>([
    ['two ways to name a session', {}, ['-r', 'arn:aws:iam::1:role/x', '-s', 'x', '--forward-session-name'], {}],
    ['an empty role', {}, ['-r', ''], { DEFAULT_ROLE: 'arn:aws:iam::123456789012:role/x' }],
    ['a cache of its own', {}, ['--cache'], {}],
    ['a profile that is not there', {}, [], { AWS_PROFILE: 'p' }],
    ['a quoted value', { '.aws/credentials': '[default]\nregion = "x"\n' }, [], {}],
    ['a comment behind a value', { '.aws/config': '[default]\nregion = x # y\n' }, [], {}],
    [
      'a setting in both files',
      { '.aws/config': '[default]\nregion = a', '.aws/credentials': '[default]\nregion = b' },
      [],
      {},
    ],
    [
      'a name in two spellings',
      { '.aws/config': '[p]\nregion = a\n[profile p]\nregion = b' },
      [],
      { AWS_PROFILE: 'p' },
    ],
    ['a path that Python expands', {}, [], { AWS_CONFIG_FILE: '~/.aws/config' }],
    [
      'a proxy with exceptions',
      {},
      ['-r', 'arn:aws:iam::1:role/x', '-s', 'x'],
      { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'x' },
    ],
    [
      'half of the keys',
      { '.aws/config': '[default]\naws_access_key_id = a\naws_secret_access_key = b' },
      [],
      { AWS_SECRET_ACCESS_KEY: '' },
    ],
    ['a web identity', {}, [], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_WEB_IDENTITY_TOKEN_FILE: '/t' }],
    ['an unknown rule for endpoints', {}, [], { AWS_STS_REGIONAL_ENDPOINTS: 'Regional' }],
    ['another endpoint', {}, [], { AWS_USE_FIPS_ENDPOINT: 'true' }],
    ['a default profile with more than keys', { '.aws/config': '[default]\nendpoint_url = https://x\n' }, [], {}],
    ['a broken file', { '.aws/config': 'nonsense' }, [], {}],
    ['no keys', {}, [], { AWS_ACCESS_KEY_ID: '' }],
    ['no region', {}, [], { AWS_REGION: '' }],
  ])('has its own order of credentials: %s', async (_, files, args, env) => {
    const world = await makeHome(files, { ...KEYS, AWS_REGION: 'eu-west-2', ...env });
    expect(await authenticate(world.env, ...args)).toMatchObject({ kind: 'undecided' });
  });
});
