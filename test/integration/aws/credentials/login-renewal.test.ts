import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EKSAuthError, parseExecConfig, TokenManager } from 'ekspress';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeHome } from '../../../support/fake-aws-home.ts';
import { readLoginFile, type SignInService, startSignIn } from '../../../support/sign-in-service.ts';

// Every pause between attempts is random, and then none takes time.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

/** The access key id of a token, or the failure. */
async function ask(signIn: SignInService, home: FakeHome, cluster = 'c', version: 'v2' | undefined = 'v2') {
  const args = ['eks', 'get-token', '--cluster-name', cluster, '--profile', 'l'];
  const config = parseExecConfig({ command: 'aws', args }, version && { cliVersion: version });
  const env = { ...home.env, AWS_ENDPOINT_URL_SIGNIN: signIn.url };
  try {
    const { token } = await new TokenManager(config, { env, cache: false }).getValidToken();
    const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
    return url.searchParams.get('X-Amz-Credential')?.split('/')[0];
  } catch (error) {
    return error as EKSAuthError;
  }
}

const CLUSTERS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'];

describe('a login of `aws login` with less than five minutes left', () => {
  it('is renewed once for eight clusters, as the AWS CLI renews it', async () => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    const file = signIn.login(home.directory, 200, { note: 'kept' });
    const before = readLoginFile(file);
    const answers = await Promise.all(CLUSTERS.map((cluster) => ask(signIn, home, cluster)));
    expect(answers).toEqual(CLUSTERS.map(() => 'ASIARENEWED1'));
    expect(signIn.requests).toHaveLength(1);
    const [request] = signIn.requests;
    expect(request?.path).toBe('/v1/token');
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.body).toBe(
      '{"clientId":"arn:aws:signin:::devtools/same-device","refreshToken":"refresh-EXAMPLEKEY-0","grantType":"refresh_token"}',
    );
    const { accessToken, ...rest } = readLoginFile(file);
    expect(rest).toEqual({ ...before, accessToken: undefined, refreshToken: 'refresh-EXAMPLEKEY-1' });
    expect(accessToken).toMatchObject({ accessKeyId: 'ASIARENEWED1', accountId: '123456789012' });
    expect(accessToken.expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('is taken as it is with more than five minutes left, and renewed after its end', async () => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    signIn.login(home.directory, 320);
    expect(await ask(signIn, home)).toBe('ASIAOLD');
    expect(signIn.requests).toHaveLength(0);
    signIn.login(home.directory, -60);
    expect(await ask(signIn, home)).toBe('ASIARENEWED1');
    expect(await ask(signIn, home)).toBe('ASIARENEWED1');
    expect(signIn.requests).toHaveLength(1);
  });

  it('lives on with its old keys where the renewal is refused before their end', async () => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    signIn.login(home.directory, 200);
    signIn.intercept = () => ({ status: 500, body: { error: 'server_error' } });
    expect(await ask(signIn, home)).toBe('ASIAOLD');
    expect(signIn.requests).toHaveLength(3);
  });

  it.each<[string, number, unknown, string, RegExp]>([
    [
      'the login is over',
      401,
      { error: 'TOKEN_EXPIRED', message: 'The refresh token has expired.' },
      'SESSION_EXPIRED',
      /TOKEN_EXPIRED, The refresh token has expired/,
    ],
    [
      'the password was changed',
      403,
      { error: 'USER_CREDENTIALS_CHANGED', message: 'Changed.' },
      'SESSION_EXPIRED',
      /USER_CREDENTIALS_CHANGED/,
    ],
    ['the service is in trouble', 503, { message: 'busy' }, 'NETWORK', /busy or in trouble/],
    ['the answer holds no keys', 200, { expiresIn: 900 }, 'NETWORK', /is not AWS/],
  ])('ends with what AWS Sign-In said, after the end of its keys: %s', async (_, status, body, code, message) => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    const file = signIn.login(home.directory, -1);
    const before = readFileSync(file, 'utf8');
    signIn.intercept = ({ refreshToken }) => {
      // The wait for another's renewal ends as soon as one shows: here it never does.
      expect(refreshToken).toBe('refresh-EXAMPLEKEY-0');
      return { status, body };
    };
    const failure = await ask(signIn, home);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    if (code === 'SESSION_EXPIRED') expect(failure).toMatchObject({ remedy: 'Log in again: `aws login --profile l`.' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('lies alone in its folder while it is renewed, since other programs take every file there for a login', async () => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    const folder = dirname(signIn.login(home.directory, 200));
    let seen: string[] = [];
    signIn.intercept = () => {
      seen = readdirSync(folder);
      return undefined;
    };
    expect(await ask(signIn, home)).toBe('ASIARENEWED1');
    expect(seen).toHaveLength(1);
  });

  it('is taken from an `aws` that renews it at the same moment, without the lock', async () => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    signIn.login(home.directory, -1);
    signIn.intercept = () => {
      signIn.login(home.directory, 900, { refreshToken: 'theirs' });
      return { status: 401, body: { error: 'TOKEN_EXPIRED', message: 'used' } };
    };
    expect(await ask(signIn, home)).toBe('ASIAOLD');
    expect(readLoginFile(signIn.fileIn(home.directory)).refreshToken).toBe('theirs');
  });

  it('is not renewed over what another program has written meanwhile', async () => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    signIn.login(home.directory, -1);
    signIn.intercept = () => {
      signIn.login(home.directory, 900, { refreshToken: 'theirs' });
      return undefined;
    };
    expect(await ask(signIn, home)).toBe('ASIAOLD');
    expect(readLoginFile(signIn.fileIn(home.directory)).refreshToken).toBe('theirs');
  });
});

describe('a login that only the AWS CLI can renew', () => {
  /** An `aws` whose session may be renewed once. */
  const AWS = `#!/usr/bin/env node
const fs = require('node:fs');
if (process.argv.includes('--version')) { console.log('aws-cli/2.36.7 Python/3.11.7 Linux/6 exe/x86_64'); process.exit(); }
const file = process.env.LOGIN_FILE;
const login = JSON.parse(fs.readFileSync(file, 'utf8'));
fs.appendFileSync(file + '.log', 'run ');
if (Date.parse(login.accessToken.expiresAt) - Date.now() < 300000) {
  try { fs.mkdirSync(file + '.' + login.refreshToken); } catch { console.error('Your session has expired. Please reauthenticate using aws login.'); process.exit(255); }
  login.accessToken.expiresAt = new Date(Date.now() + 900000).toISOString();
  login.refreshToken += 'x';
  fs.writeFileSync(file, JSON.stringify(login));
}
const now = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
const url = 'https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Credential=ASIABYAWS%2Fx&X-Amz-Date=' + now;
const token = 'k8s-aws-v1.' + Buffer.from(url).toString('base64url');
const expirationTimestamp = new Date(Date.now() + 840000).toISOString();
console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', status: { expirationTimestamp, token } }));
`;

  it.each([
    ['a key that is not P-256', { dpopKey: 'x' }],
    ['no text as its client', { clientId: 7 }],
    ['a region that is not one', { signInRegion: 'us west 2' }],
    ['no text as its account', { accessToken: undefined }],
  ])('has one `aws` at a time, and the others use what it has renewed: %s', async (_, odd) => {
    await using signIn = await startSignIn();
    const home = new FakeHome();
    const file = signIn.login(home.directory, 200);
    const login = readLoginFile(file);
    const more = 'accessToken' in odd ? { accessToken: { ...login.accessToken, accountId: 7 } } : odd;
    writeFileSync(file, JSON.stringify({ ...login, ...more }));
    const program = join(home.directory, 'bin', 'aws');
    writeFileSync(program, AWS);
    chmodSync(program, 0o755);
    home.env.LOGIN_FILE = file;
    const answers = await Promise.all(CLUSTERS.slice(0, 5).map((cluster) => ask(signIn, home, cluster)));
    expect(answers.filter((answer) => answer === 'ASIABYAWS')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'ASIAOLD')).toHaveLength(4);
    expect(readFileSync(`${file}.log`, 'utf8')).toBe('run ');
    expect(signIn.requests).toHaveLength(0);
  });
});
