import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nodeTransport } from '../../../../src/aws/http/node-transport.ts';
import type { HTTPResponse, HTTPTransport } from '../../../../src/aws/http/transport.ts';
import { hostFrom } from '../../../../src/host.ts';
import { Recorder } from '../../../../src/recording/recorder.ts';
import { makeHome, mint, type World } from '../../../support/aws-home.ts';

const NOW = new Date('2024-06-15T12:34:56Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

const answer = (status: number, body: string, headers: Record<string, string> = {}): HTTPResponse => ({
  status,
  headers,
  body,
});
const HTML = '<!doctype html><html><title>Welcome to Hotel WiFi</title></html>';

/** What answers in place of AWS: a login page, a proxy, a connection cut short. */
const STRANGERS: Record<string, HTTPResponse> = {
  'a web page': answer(200, HTML, { 'content-type': 'text/html; charset=utf-8' }),
  'the word null': answer(200, 'null', { 'content-type': 'application/json' }),
  nothing: answer(200, ''),
  'half an answer': answer(200, '{"roleCredentials":{"accessKeyId":"A","secretAc'),
  'half an answer in XML': answer(200, '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</Acc'),
  'an answer without what was asked for': answer(200, '{}'),
  'a redirect to a login page': answer(302, '', { location: 'https://login.hotel.example/?from=sts' }),
  'the refusal of a proxy': answer(403, HTML, { 'content-type': 'text/html' }),
};

const SSO =
  '[profile p]\nsso_session = c\nsso_account_id = 1\nsso_role_name = A\n[sso-session c]\nsso_start_url = u\nsso_region = us-east-1\n';
const login = (expiresAt: string) =>
  JSON.stringify({
    accessToken: 'access',
    expiresAt,
    refreshToken: 'r',
    clientId: 'c',
    clientSecret: 's',
    registrationExpiresAt: later(99_999),
  });
const SSO_FILE = `.aws/sso/cache/${sha1('c')}.json`;
const KEYS = 'aws_access_key_id = A\naws_secret_access_key = s\n';
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/r';

/** Who is asked, and in which home. */
const CALLS: Record<string, Record<string, string>> = {
  'the SSO portal': { '.aws/config': SSO, [SSO_FILE]: login(later(7200)) },
  'SSO-OIDC, the login having ended': { '.aws/config': SSO, [SSO_FILE]: login(later(-1)) },
  'AssumeRole of STS': { '.aws/config': `[profile p]\n${ROLE}\nsource_profile = b\n[profile b]\n${KEYS}` },
  'AssumeRoleWithWebIdentity of STS': {
    '.aws/config': `[profile p]\n${ROLE}\nweb_identity_token_file = %/jwt\n`,
    jwt: 'header.payload.signature',
  },
};

async function ask(world: World, transport: HTTPTransport) {
  const host = hostFrom({ env: world.env, now: () => NOW });
  return (await mint(world, ['--profile', 'p', '--region', 'us-east-1'], { transport, host }, 'v1')).minted;
}

describe.each(Object.entries(CALLS))('a foreign answer in the place of %s', (_, files) => {
  it.each(Object.entries(STRANGERS))(
    'is a NETWORK error with a word about login pages and proxies: %s',
    async (__, response) => {
      expect(await ask(await makeHome(files), async () => response)).toMatchObject({
        code: 'NETWORK',
        message: expect.stringMatching(/^What answers at https:\/\/\S+ is not AWS \(status \d+/),
        remedy: expect.stringMatching(/captive portal.*HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL/),
      });
    },
  );

  it('is asked for five times, as v1 of the CLI does, then NETWORK: try again', async () => {
    let asked = 0;
    const transport: HTTPTransport = async () => {
      asked += 1;
      return answer(503, HTML);
    };
    const failure = await ask(await makeHome(files), transport);
    expect(failure).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('status 503') });
    expect(failure).toMatchObject({ remedy: expect.stringContaining('Try again in a moment') });
    expect(asked).toBe(5);
  });
});

it.each(Object.entries(CALLS))(
  'A missing proxy on the way to %s is a NETWORK error with its name, without its password',
  async (_, files) => {
    const world = await makeHome(files, { HTTPS_PROXY: 'http://me:hush%2Fhush@127.0.0.1:9' });
    const failure = await ask(world, nodeTransport(new Recorder(world.env)));
    expect(failure).toMatchObject({
      code: 'NETWORK',
      message: expect.stringMatching(/^No answer from https:\/\/\S+: the proxy 127\.0\.0\.1:9 cannot be reached\.$/),
      remedy: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/hush|aHVza/);
  },
);

it('The error about a login page says where it leads, without the words of its query', async () => {
  const redirect = STRANGERS['a redirect to a login page'] as HTTPResponse;
  const failure = await ask(await makeHome(CALLS['the SSO portal'] ?? {}), async () => redirect);
  expect(failure).toMatchObject({ message: expect.stringContaining('(status 302, leads to login.hotel.example)') });
});

describe('a login that cannot be renewed while it lives', () => {
  const files = { '.aws/config': SSO, [SSO_FILE]: login(later(300)) };
  const role = { accessKeyId: 'A', secretAccessKey: 's', sessionToken: 't', expiration: NOW.getTime() + 3_600_000 };
  const renewalSays = (response: HTTPResponse): HTTPTransport => {
    return async ({ url }) =>
      url.includes('oidc') ? response : answer(200, JSON.stringify({ roleCredentials: role }));
  };

  it.each([
    ['refused', answer(400, '{"error":"invalid_grant"}')],
    ['in trouble', answer(500, '')],
    ['a redirect', answer(302, '')],
  ])('is used to its end, as the CLI does: %s', async (_, response) => {
    expect(await ask(await makeHome(files), renewalSays(response))).toMatchObject({ kind: 'minted', accessKeyId: 'A' });
  });

  it.each(['', 'null', HTML, '{"accessToken":"x"}'])('fails with "%s" in place of tokens', async (body) => {
    expect(await ask(await makeHome(files), renewalSays(answer(200, body)))).toMatchObject({ code: 'NETWORK' });
  });

  it.each([
    ['an empty refresh token is sent', { refreshToken: '' }, 'minted', 2],
    ['none is not', { refreshToken: undefined }, 'minted', 1],
    ['one that is no text is left to the CLI', { refreshToken: 5 }, 'undecided', 0],
  ])('is renewed or used to its end: %s', async (_, change, kind, calls) => {
    const text = JSON.stringify({ ...JSON.parse(login(later(300))), ...change });
    let asked = 0;
    const counting: HTTPTransport = (request) => {
      asked += 1;
      return renewalSays(answer(400, '{"error":"invalid_grant"}'))(request);
    };
    expect(await ask(await makeHome({ ...files, [SSO_FILE]: text }), counting)).toMatchObject({ kind });
    expect(asked).toBe(calls);
  });
});

it('A login that another process renews first is waited for, and used', async () => {
  const world = await makeHome({ '.aws/config': SSO, [SSO_FILE]: login(later(-1)) });
  const renewed = JSON.stringify({ ...JSON.parse(login(later(3600))), refreshToken: 'theirs', accessToken: 'theirs' });
  const role = { accessKeyId: 'A', secretAccessKey: 's', sessionToken: 't', expiration: NOW.getTime() + 3_600_000 };
  const transport: HTTPTransport = async ({ url, headers }) => {
    if (!url.includes('oidc')) {
      const known = headers['x-amz-sso_bearer_token'] === 'theirs';
      return known ? answer(200, JSON.stringify({ roleCredentials: role })) : answer(401, '{"message":"who?"}');
    }
    setTimeout(() => writeFileSync(join(world.path, SSO_FILE), renewed), 200);
    return answer(400, '{"error":"invalid_grant"}');
  };
  expect(await ask(world, transport)).toMatchObject({ kind: 'minted', accessKeyId: 'A' });
});

it('Container credentials are asked for three times, and the answer decides the code', async () => {
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/x', AWS_DEFAULT_REGION: 'us-east-1' };
  const cases = [
    [answer(200, HTML), 'NETWORK', /AWS_CONTAINER_CREDENTIALS_FULL_URI/, 3],
    [answer(200, '{"message":"no"}'), 'NO_CREDENTIALS', /Pod Identity association/, 1],
    [answer(403, 'no'), 'NO_CREDENTIALS', /Pod Identity association/, 3],
    [answer(500, 'oops'), 'NETWORK', /eks-pod-identity-agent/, 3],
  ] as const;
  const attempts = cases.map(async ([response, code, remedy, times]) => {
    let asked = 0;
    const transport: HTTPTransport = async () => {
      asked += 1;
      return response;
    };
    const { minted } = await mint(await makeHome({}, env), [], { transport });
    expect(minted).toMatchObject({ code, remedy: expect.stringMatching(remedy) });
    expect(asked).toBe(times);
  });
  await Promise.all(attempts);
});
