import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MintMemory } from '../../../../src/aws/context/mint-memory.ts';
import { cliCacheFile } from '../../../../src/aws/plan/assume-role-source.ts';
import type { EKSAuthError } from '../../../../src/errors.ts';
import { hostFrom } from '../../../../src/host.ts';
import { makeHome, mint, type World } from '../../../support/aws-home.ts';
import { isRunning } from '../../../support/is-running.ts';
import { noteSkipped, optionalProgram } from '../../../support/optional-programs.ts';
import { NOWHERE } from '../../../support/paths.ts';
import { stubAWS } from '../../../support/stub-aws.ts';

const NOW = new Date('2024-06-15T12:34:56Z');
const REGION = { AWS_DEFAULT_REGION: 'us-west-2' };
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();

/** A mint at NOW, before a stub of AWS. */
async function mintNow(
  world: World,
  args: readonly string[] = [],
  stub: Record<string, unknown> = {},
  version: 'v1' | 'v2' = 'v2',
) {
  const { transport, requests } = stubAWS({ now: NOW, stub });
  const host = hostFrom({ env: world.env, now: () => NOW });
  return { ...(await mint(world, args, { transport, host }, version)), requests };
}

const ROLE = 'arn:aws:iam::123456789012:role/r';
const ROLE_PROFILE = `[profile r]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n`;

describe("the CLI's cache of role credentials", () => {
  const cached = (expiration: string, more: object = {}) =>
    JSON.stringify({
      Credentials: {
        AccessKeyId: 'ASIACACHED',
        SecretAccessKey: 's',
        SessionToken: 't',
        Expiration: expiration,
        ...more,
      },
    });

  async function worldWith(text: string): Promise<World> {
    const world = await makeHome({ '.aws/config': ROLE_PROFILE }, REGION);
    const path = cliCacheFile(world.path, { roleArn: ROLE });
    await mkdir(join(world.path, '.aws/cli/cache'), { recursive: true });
    await writeFile(path, text);
    return world;
  }

  it.each([
    ['15 minutes left: taken', later(900), 'ASIACACHED'],
    ['a second less: assumed anew', later(899), 'ASIA0579BC9B85493C54'],
    ['in the words of other releases', later(3600).replace('Z', 'UTC'), 'ASIACACHED'],
    ['with an offset', later(3600).replace('.000Z', '+00:00'), 'ASIACACHED'],
  ])('is used as the CLI uses it: %s', async (_, expiration, accessKeyId) => {
    expect((await mintNow(await worldWith(cached(expiration)), ['--profile', 'r'])).minted).toMatchObject({
      accessKeyId,
    });
  });

  it.each([3600, 0])('is recorded whether it is used or not: %s seconds before its end', async (seconds) => {
    const { read } = await mintNow(await worldWith(cached(later(seconds))), ['--profile', 'r']);
    expect(read.filter((path) => path.includes('/cli/cache/'))).toHaveLength(1);
  });

  it.each(['nonsense', '[]', '{}', cached(later(3600), { SessionToken: 1 }), cached('soon')])(
    'is left to the CLI where %s',
    async (text) => {
      expect((await mintNow(await worldWith(text), ['--profile', 'r'])).minted).toMatchObject({ kind: 'undecided' });
    },
  );

  it('may fail to be written without an error', async () => {
    const world = await makeHome(
      { '.aws/config': ROLE_PROFILE, '.aws/cli': 'a file where the folder would be' },
      REGION,
    );
    const { minted } = await mintNow(world, ['--profile', 'r']);
    expect(minted).toMatchObject({ kind: 'minted', accessKeyId: 'ASIA0579BC9B85493C54' });
  });

  it('is left without temporary files', async () => {
    const world = await makeHome({ '.aws/config': ROLE_PROFILE }, REGION);
    await mintNow(world, ['--profile', 'r']);
    expect(await readdir(join(world.path, '.aws/cli/cache'))).toEqual([expect.stringMatching(/^[0-9a-f]{40}\.json$/)]);
  });
});

describe('credential_process', () => {
  const answer = (more: object = {}) =>
    JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROC', SecretAccessKey: 'hush/hush', ...more });
  const profile = (command: string) => ({
    '.aws/config': `[profile p]\ncredential_process = ${command}\n`,
    'a b.json': answer(),
  });

  it('runs without a shell, with the given environment', async () => {
    const world = await makeHome(
      { ...profile('/bin/sh -c ". \'%/say it\'"'), 'say it': `echo '${answer()}' | tr P "$WHO"\n` },
      { ...REGION, WHO: 'M' },
    );
    expect((await mintNow(world, ['--profile', 'p'])).minted).toMatchObject({
      kind: 'minted',
      accessKeyId: 'AKIDMROC',
      unattended: false,
    });
  });

  it('is found on PATH, gets words with blanks, and no variables are put in', async () => {
    expect(
      (await mintNow(await makeHome(profile('cat "%/a b.json"'), REGION), ['--profile', 'p'])).minted,
    ).toMatchObject({
      accessKeyId: 'AKIDPROC',
    });
    expect(
      (await mintNow(await makeHome(profile('cat "$HOME/a b.json"'), REGION), ['--profile', 'p'])).minted,
    ).toMatchObject({
      code: 'EXEC_FAILED',
      message: expect.stringContaining('$HOME/a b.json'),
    });
  });

  it('is not run for a stranger', async () => {
    const world = await makeHome(profile('touch "%/ran"'), REGION);
    const { minted } = await mint(world, ['--profile', 'p'], { programs: false });
    expect(minted).toMatchObject({ kind: 'undecided', reason: expect.stringContaining('"p"') });
    expect(await readdir(world.path)).not.toContain('ran');
  });

  it('gets no input where it waits for input', async () => {
    const world = await makeHome(profile('/bin/sh -c "cat; cat \'%/a b.json\'"'), REGION);
    expect((await mintNow(world, ['--profile', 'p'])).minted).toMatchObject({ accessKeyId: 'AKIDPROC' });
  });

  it.each([
    ['exits', '/bin/sh -c "echo boom >&2; exit 3"', 'ended with 3: boom'],
    ['does not exist', `${NOWHERE}/program`, 'ENOENT'],
    ['prints not JSON', 'echo hush/hush', 'not JSON'],
    ['prints another version', `echo '{"Version":2}'`, 'version 1'],
    ['prints no keys', `echo '{"Version":1}'`, 'without keys'],
  ])('fails with EXEC_FAILED where it %s', async (_, command, message) => {
    const { minted } = await mintNow(await makeHome(profile(command), REGION), ['--profile', 'p']);
    expect(minted).toMatchObject({ code: 'EXEC_FAILED', message: expect.stringContaining(message) });
    expect((minted as EKSAuthError).message).toContain('profile "p"');
    expect((minted as EKSAuthError).message).not.toContain('hush');
  });

  it('fails where it prints more than 1 MiB: its answer is never cut to what fits', async () => {
    const script = `cat "$HOME/a b.json"; head -c 2000000 /dev/zero | tr '\\0' ' '; echo '"the rest"'\n`;
    const world = await makeHome({ ...profile('/bin/sh "%/talk"'), talk: script }, REGION);
    const { minted } = await mintNow(world, ['--profile', 'p']);
    expect(minted).toMatchObject({ code: 'EXEC_FAILED', message: expect.stringContaining('more than 1 MiB') });
  });

  it('is killed with what it has started where the caller gives up', async () => {
    const script = 'sleep 600 & echo $! >"$HOME/started"; wait\n';
    const world = await makeHome({ ...profile('/bin/sh "%/wait"'), wait: script }, REGION);
    const impatient = new AbortController();
    const attempt = mint(world, ['--profile', 'p'], { signal: impatient.signal });
    const started = async () => (await readFile(join(world.path, 'started'), 'utf8').catch(() => '')).trim();
    await expect.poll(started, { timeout: 10_000 }).not.toBe('');
    impatient.abort();
    expect((await attempt).minted).toMatchObject({ code: 'TIMEOUT' });
    const pid = Number(await started());
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });

  it('is run again for each mint: its keys may have changed', async () => {
    const script = "/bin/sh -c \"echo >> '%/runs'; cat '%/a b.json'\"";
    const world = await makeHome({ ...profile(script), 'a b.json': answer({ Expiration: later(3600) }) }, REGION);
    const memory = new MintMemory();
    for (let time = 0; time < 3; time += 1) {
      const host = hostFrom({ env: world.env, now: () => NOW });
      expect((await mint(world, ['--profile', 'p'], { memory, host })).minted).toMatchObject({
        credentialsExpireAt: new Date(later(3600)),
      });
    }
    expect((await readFile(join(world.path, 'runs'), 'utf8')).length).toBe(3);
  });

  it('is shared while it runs; a caller that gives up ends it, and the others run it again', async () => {
    const script = "/bin/sh -c \"echo >> '%/runs'; while [ ! -f '%/go' ]; do sleep 0.02; done; cat '%/a b.json'\"";
    const world = await makeHome(profile(script), REGION);
    const memory = new MintMemory();
    const impatient = new AbortController();
    const first = mint(world, ['--profile', 'p'], { memory, signal: impatient.signal });
    const runs = async () => (await readFile(join(world.path, 'runs'), 'utf8').catch(() => '')).length;
    await expect.poll(runs, { timeout: 10_000 }).toBe(1);
    // The first call has begun the program by now; the others find it under way.
    const others = [1, 2, 3].map(() => mint(world, ['--profile', 'p'], { memory }));
    await sleep(200);
    expect(await runs()).toBe(1);
    impatient.abort();
    expect((await first).minted).toMatchObject({ code: 'TIMEOUT' });
    await expect.poll(runs, { timeout: 10_000 }).toBe(2);
    await writeFile(join(world.path, 'go'), '');
    for (const { minted } of await Promise.all(others)) expect(minted).toMatchObject({ accessKeyId: 'AKIDPROC' });
    expect(await runs()).toBe(2);
  });

  it('is asked once more where its answer ended in the past, then SESSION_EXPIRED', async () => {
    const script = "/bin/sh -c \"echo >> '%/runs'; cat '%/a b.json'\"";
    const world = await makeHome({ ...profile(script), 'a b.json': answer({ Expiration: later(-1) }) }, REGION);
    expect((await mintNow(world, ['--profile', 'p'])).minted).toMatchObject({ code: 'SESSION_EXPIRED' });
    expect((await readFile(join(world.path, 'runs'), 'utf8')).length).toBe(2);
  });
});

describe('aws login', () => {
  const SESSION = 'arn:aws:sts::123456789012:assumed-role/admin/me';
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const dpopKey = privateKey.export({ format: 'pem', type: 'sec1' });
  const keys = { accessKeyId: 'ASIALOGIN', secretAccessKey: 's', sessionToken: 't', accountId: '123456789012' };
  const token = (expiresAt: string, rest: object = {}) =>
    JSON.stringify({ accessToken: { ...keys, expiresAt }, refreshToken: 'r', dpopKey, clientId: 'c', ...rest });
  const config = { '.aws/config': `[profile l]\nlogin_session = ${SESSION}\n` };
  const file = `${createHash('sha256').update(SESSION).digest('hex')}.json`;

  it('gives credentials that are used while they live', async () => {
    const world = await makeHome({ ...config, [`.aws/login/cache/${file}`]: token(later(301)) }, REGION);
    const { minted, read } = await mintNow(world, ['--profile', 'l']);
    expect(minted).toMatchObject({ accessKeyId: 'ASIALOGIN', source: { kind: 'login' } });
    expect(read).toContain(join(world.path, '.aws/login/cache', file));
  });

  it('has another folder by AWS_LOGIN_CACHE_DIRECTORY', async () => {
    const world = await makeHome(
      { ...config, [`else/${file}`]: token(later(900)) },
      { ...REGION, AWS_LOGIN_CACHE_DIRECTORY: '~/else' },
    );
    expect((await mintNow(world, ['--profile', 'l'])).minted).toMatchObject({ accessKeyId: 'ASIALOGIN' });
  });

  it('is left to the CLI where it has to be renewed and the region is not known, and for v1', async () => {
    const world = await makeHome({ ...config, [`.aws/login/cache/${file}`]: token(later(300)) });
    expect((await mintNow(world, ['--profile', 'l'])).minted).toMatchObject({ kind: 'undecided' });
    expect((await mintNow(world, ['--profile', 'l'], {}, 'v1')).minted).toMatchObject({ kind: 'undecided' });
  });

  it.each(['refreshToken', 'dpopKey', 'clientId'])('is left to the CLI without the field %s', async (field) => {
    const text = token(later(3600), { [field]: undefined });
    const world = await makeHome({ ...config, [`.aws/login/cache/${file}`]: text }, REGION);
    expect((await mintNow(world, ['--profile', 'l'])).minted).toMatchObject({ kind: 'undecided' });
  });

  it.each([
    [601, 'minted'],
    [600, 'undecided'],
  ])('has to be renewed in time with a key that cannot be read: %i seconds are left', async (seconds, kind) => {
    const text = token(later(seconds), { dpopKey: 'no key' });
    const world = await makeHome({ ...config, [`.aws/login/cache/${file}`]: text }, REGION);
    expect((await mintNow(world, ['--profile', 'l'])).minted).toMatchObject({ kind });
  });

  it('fails without a login: SESSION_EXPIRED, and how to log in', async () => {
    const { minted } = await mintNow(await makeHome(config, REGION), ['--profile', 'l']);
    expect(minted).toMatchObject({ code: 'SESSION_EXPIRED', remedy: 'Log in: `aws login --profile l`.' });
  });
});

describe('keys of tools from before profiles', () => {
  const BOTO = '[Credentials]\naws_access_key_id = AKIDBOTO\naws_secret_access_key = s\n';

  it.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['AWS_CREDENTIAL_FILE', { old: 'AWSAccessKeyId=AKIDOLD\n' }, { AWS_CREDENTIAL_FILE: '~/old' }, 'old'],
    ['AWS_CREDENTIAL_FILE that is absent', {}, { AWS_CREDENTIAL_FILE: '~/old' }, 'old'],
    ['~/.boto', { '.boto': BOTO }, {}, '.boto'],
    ['the file of BOTO_CONFIG', { 'b.cfg': BOTO }, { BOTO_CONFIG: '$HOME/b.cfg' }, 'b.cfg'],
  ])('are left to the AWS CLI, and count as read: %s', async (_, files, env, file) => {
    const world = await makeHome(files, { ...REGION, ...env });
    const { minted, read } = await mintNow(world);
    expect(minted).toMatchObject({ kind: 'undecided', reason: expect.stringContaining(join(world.path, file)) });
    expect(read).toContain(join(world.path, file));
  });

  it('count as read where a file of boto 2 is absent: it would decide', async () => {
    const world = await makeHome({}, REGION);
    const { minted, read } = await mintNow(world);
    expect(minted).toMatchObject({ code: 'NO_CREDENTIALS' });
    expect(read).toEqual(expect.arrayContaining(['/etc/boto.cfg', join(world.path, '.boto')]));
  });

  it('are not looked at where a profile has keys', async () => {
    const keys = '[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\n';
    const world = await makeHome(
      { '.aws/credentials': keys, '.boto': BOTO },
      { ...REGION, AWS_CREDENTIAL_FILE: '~/old' },
    );
    const { minted, read } = await mintNow(world);
    expect(minted).toMatchObject({ accessKeyId: 'AKIDPROFILE' });
    expect(read.filter((path) => /boto|old/.test(path))).toEqual([]);
  });
});

describe('the credentials of containers and instances', () => {
  const URI = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' };

  it('may come from this machine or by TLS, and from nowhere else', async () => {
    const allowed = [
      'http://169.254.170.23/v1',
      'http://[fd00:ec2::23]/v1',
      'http://127.0.0.2:80/x',
      'http://[::1]/x',
      'https://a.example.com/x',
    ];
    const refused = ['http://a.example.com/x', 'http://169.254.169.254/x', 'http://10.0.0.1/x'];
    const attempts = [...allowed, ...refused].map(async (url) => {
      const { minted } = await mintNow(await makeHome({}, { ...REGION, AWS_CONTAINER_CREDENTIALS_FULL_URI: url }));
      return [url, 'code' in minted && minted.code];
    });
    expect(await Promise.all(attempts)).toEqual([
      ...allowed.map((url) => [url, 'NETWORK']),
      ...refused.map((url) => [url, 'INVALID_CONFIG']),
    ]);
  });

  it('come through proxies for AWS and, as the CLI has it, for instance metadata, but never for containers', async () => {
    const { transport } = stubAWS({ now: NOW, stub: { imds: true } });
    const asked: [string, boolean][] = [];
    const noting: typeof transport = (request) => {
      asked.push([new URL(request.url).hostname, request.proxied]);
      return transport(request);
    };
    const host = (env: Record<string, string>) => hostFrom({ env, now: () => NOW });
    const container = await makeHome(
      {},
      { ...REGION, ...URI, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://localhost/x' },
    );
    await mint(container, ['--role-arn', ROLE], { transport: noting, host: host(container.env) });
    const instance = await makeHome({}, { ...REGION, AWS_EC2_METADATA_DISABLED: 'false' });
    await mint(instance, [], { transport: noting, host: host(instance.env) });
    expect(Object.fromEntries(asked)).toEqual({
      localhost: false,
      'sts.us-west-2.amazonaws.com': true,
      '169.254.169.254': true,
    });
  });

  it('send no authorization token with a line break', async () => {
    const world = await makeHome({ token: 'hush\n' }, { ...REGION, ...URI });
    const env = { ...world.env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(world.path, 'token') };
    const { minted, requests } = await mintNow({ ...world, env });
    expect(minted).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(JSON.stringify(minted)).not.toContain('hush');
    expect(requests).toEqual([]);
  });

  it('fail where a token file is not there: NO_CREDENTIALS', async () => {
    const world = await makeHome({}, { ...REGION, ...URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${NOWHERE}/token` });
    expect((await mintNow(world)).minted).toMatchObject({
      code: 'NO_CREDENTIALS',
      message: expect.stringContaining(`${NOWHERE}/token`),
    });
  });

  it('are used a while after their end where the instance gets no new ones, as with the CLI', async () => {
    const keys = {
      Code: 'Success',
      AccessKeyId: 'ASIAOLD',
      SecretAccessKey: 's',
      Token: 't',
      Expiration: later(-2000),
    };
    const transport = async ({ method, url }: { method: string; url: string }) => {
      const body = method === 'PUT' ? 'session' : url.endsWith('credentials/') ? 'role' : JSON.stringify(keys);
      return { status: 200, headers: {}, body };
    };
    const world = await makeHome({}, { ...REGION, AWS_EC2_METADATA_DISABLED: 'false' });
    const host = hostFrom({ env: world.env, now: () => NOW });
    expect((await mint(world, [], { transport, host })).minted).toMatchObject({
      accessKeyId: 'ASIAOLD',
      credentialsExpireAt: new Date(later(12 * 60)),
    });
  });

  it('fail without an instance: NO_CREDENTIALS, and what to configure', async () => {
    const world = await makeHome(
      { '.aws/config': '[profile bare]\n' },
      { ...REGION, AWS_EC2_METADATA_DISABLED: 'false' },
    );
    const { minted, requests } = await mintNow(world, ['--profile', 'bare']);
    expect(minted).toMatchObject({
      code: 'NO_CREDENTIALS',
      message: 'There are no AWS credentials for the profile "bare".',
    });
    expect((minted as EKSAuthError).remedy).toContain('`aws configure sso --profile bare`');
    expect(requests.length).toBeGreaterThan(0);
  });

  it('fail at an instance that insists on sessions it does not give: NO_CREDENTIALS', async () => {
    const env = { ...REGION, AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_V1_DISABLED: 'true' };
    expect((await mintNow(await makeHome({}, env))).minted).toMatchObject({
      code: 'NO_CREDENTIALS',
      remedy: expect.stringContaining('hop limit'),
    });
  });
});

describe('the old form of IAM Identity Center', () => {
  const config =
    '[profile s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Admin\n';
  const file = `.aws/sso/cache/${createHash('sha1').update('https://x.awsapps.com/start').digest('hex')}.json`;
  const token = (expiresAt: string) =>
    JSON.stringify({ accessToken: 'sso-token', expiresAt, refreshToken: 'r', clientId: 'c', clientSecret: 's' });

  it('is never renewed', async () => {
    const world = await makeHome({ '.aws/config': config, [file]: token(later(60)) }, REGION);
    const { minted, requests } = await mintNow(world, ['--profile', 's'], {}, 'v1');
    expect(minted).toMatchObject({ kind: 'minted' });
    expect(requests).toHaveLength(1);
  });

  it('fails with SESSION_EXPIRED where the login has ended with 401', async () => {
    const world = await makeHome({ '.aws/config': config, [file]: token(later(3600)) }, REGION);
    expect((await mintNow(world, ['--profile', 's'], { sso: 'unauthorized' })).minted).toMatchObject({
      code: 'SESSION_EXPIRED',
      remedy: 'Log in again: `aws sso login --profile s`.',
    });
  });
});

describe('a login in a folder where nothing can be written', () => {
  const CONFIG =
    '[profile s]\nsso_session = c\nsso_account_id = 1\nsso_role_name = A\n[sso-session c]\nsso_start_url = u\nsso_region = us-east-1\n';
  const name = `${createHash('sha1').update('c').digest('hex')}.json`;

  /** Its path is so long that no longer one can be: root may write everywhere else. */
  async function fullHome(expiresAt: string): Promise<World> {
    const { path, env } = await makeHome({}, REGION);
    const longest = 4090 - `/.aws/sso/cache/${name}`.length;
    let home = path;
    while (longest - home.length > 200) home += `/${'d'.repeat(Math.min(150, longest - home.length - 20))}`;
    home += `/${'d'.repeat(longest - home.length - 1)}`;
    const login = { accessToken: 'old', expiresAt, refreshToken: 'r', clientId: 'c', clientSecret: 's' };
    await mkdir(join(home, '.aws/sso/cache'), { recursive: true });
    await writeFile(join(home, '.aws/config'), CONFIG);
    const text = JSON.stringify({ ...login, registrationExpiresAt: later(9999) });
    await writeFile(join(home, '.aws/sso/cache', name), text);
    return { path: home, env: { ...env, HOME: home } };
  }

  it('is used as long as it lives, and not renewed', async () => {
    const { minted, requests } = await mintNow(await fullHome(later(60)), ['--profile', 's'], {}, 'v1');
    expect(minted).toMatchObject({ kind: 'minted', source: { kind: 'sso' } });
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('ends with SESSION_EXPIRED after its end: a refresh token is not used up for nothing', async () => {
    const { minted, requests } = await mintNow(await fullHome(later(-1)), ['--profile', 's'], {}, 'v1');
    expect(minted).toMatchObject({
      code: 'SESSION_EXPIRED',
      message: expect.stringMatching(/ended at .*, and cannot be renewed here: nothing can be written to .*sso\/cache/),
      remedy: 'Log in again: `aws sso login --profile s`.',
    });
    expect(requests).toEqual([]);
  });
});

it('A renewed login that cannot be saved still makes this token, and a warning', async () => {
  const config =
    '[profile s]\nsso_session = c\nsso_account_id = 1\nsso_role_name = A\n[sso-session c]\nsso_start_url = u\nsso_region = us-east-1\n';
  const name = `${createHash('sha1').update('c').digest('hex')}.json`;
  const login = {
    accessToken: 'old',
    expiresAt: later(-1),
    refreshToken: 'rt',
    clientId: 'c',
    clientSecret: 's',
    registrationExpiresAt: later(9999),
  };
  const world = await makeHome({ '.aws/config': config, [`.aws/sso/cache/${name}`]: JSON.stringify(login) }, REGION);
  const { transport } = stubAWS({ now: NOW, stub: {} });
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (line: string) => void warnings.push(line), error() {} };
  const folder = join(world.path, '.aws/sso/cache');
  // The folder turns read-only while AWS answers, for root too.
  const chattr = optionalProgram('chattr');
  const asRoot = process.getuid?.() === 0;
  if (asRoot && chattr === undefined) return noteSkipped('root may write everywhere, and there is no chattr');
  const change = (flag: string) => promisify(execFile)(chattr ?? '', [flag, folder]);
  let locked = true;
  const spoiled: typeof transport = async (request) => {
    if (request.url.includes('oidc')) {
      await chmod(folder, 0o500);
      if (asRoot)
        locked = await change('+i').then(
          () => true,
          () => false,
        );
    }
    return transport(request);
  };
  onTestFinished(async () => {
    if (asRoot) await change('-i').catch(() => {});
    await chmod(folder, 0o700);
  });
  const host = hostFrom({ env: world.env, now: () => NOW, logger });
  const { minted } = await mint(world, ['--profile', 's'], { transport: spoiled, host }, 'v1');
  if (!locked) return noteSkipped('root may write everywhere, and chattr has no effect on this file system');
  expect(minted).toMatchObject({ kind: 'minted' });
  expect(warnings).toEqual([expect.stringContaining('could not be saved')]);
});
