import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { MintFacts } from '../../../../src/aws/context/mint-context.ts';
import type { HTTPTransport } from '../../../../src/aws/http/transport.ts';
import { TransportError } from '../../../../src/aws/http/transport.ts';
import { hostFrom } from '../../../../src/host.ts';
import { makeHome, mint } from '../../../support/aws-home.ts';
import { NOWHERE } from '../../../support/paths.ts';

/** Everything secret in these tests is spelled with it. */
const SECRET = 'hushhush+secret/0123456789';
const NOW = new Date('2024-06-15T12:34:56Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

const BASE = `[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = ${SECRET}\naws_session_token = ${SECRET}\n`;
const ROLE = '[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n';
const SSO =
  '[profile s]\nsso_session = c\nsso_account_id = 1\nsso_role_name = A\n[sso-session c]\nsso_start_url = u\nsso_region = us-east-1\n';
const LOGIN = {
  accessToken: SECRET,
  refreshToken: SECRET,
  clientId: 'id',
  clientSecret: SECRET,
  registrationExpiresAt: later(99_999),
};

const answer =
  (status: number, body: string): HTTPTransport =>
  async () => ({ status, headers: {}, body });
const quoting = (code: string) =>
  answer(
    403,
    `<ErrorResponse><Error><Code>${code}</Code><Message>The canonical string was x-amz-security-token:${SECRET}</Message></Error></ErrorResponse>`,
  );
const gone: HTTPTransport = async ({ headers, body }) => {
  throw new TransportError('unreachable', 'ECONNRESET', new Error(`no ${Object.keys(headers).length} ${body?.length}`));
};

interface Scene {
  readonly config?: string;
  readonly files?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly args?: string[];
  readonly transport?: HTTPTransport;
}

const SCENES: Record<string, Scene> = {
  'half a pair': { env: { AWS_ACCESS_KEY_ID: SECRET } },
  'keys that have ended': {
    env: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: SECRET, AWS_CREDENTIAL_EXPIRATION: later(-1) },
  },
  'a broken file with keys in it': { config: `${BASE}${SECRET}\n`, args: ['--profile', 'base'] },
  'a key where a setting should be, twice': { config: `${BASE}${SECRET}=\n${SECRET}=\n`, args: ['--profile', 'base'] },
  'a key in brackets, with another in it': { config: `${BASE}[${SECRET}]${SECRET}]\n`, args: ['--profile', 'base'] },
  'a key in brackets, twice': { config: `[${SECRET}]\n[${SECRET}]\n`, args: ['--profile', 'base'] },
  'a line of a group of settings that is none': { config: `${BASE}s3 =\n  ${SECRET}\n`, args: ['--profile', 'base'] },
  'a key twice': { config: `${BASE}aws_secret_access_key = ${SECRET}\n`, args: ['--profile', 'base'] },
  'a role, and a signature that is refused with its text': {
    config: BASE + ROLE,
    args: ['--profile', 'r'],
    transport: quoting('SignatureDoesNotMatch'),
  },
  'a role, and an ended token': { config: BASE + ROLE, args: ['--profile', 'r'], transport: quoting('ExpiredToken') },
  'a role, and nobody there': { config: BASE + ROLE, args: ['--profile', 'r'], transport: gone },
  'a role, and an answer that is none': {
    config: BASE + ROLE,
    args: ['--profile', 'r'],
    transport: answer(200, `<x>${SECRET}`),
  },
  'a login that is renewed, and refused': {
    config: SSO,
    files: { [`.aws/sso/cache/${sha1('c')}.json`]: JSON.stringify({ ...LOGIN, expiresAt: later(60) }) },
    args: ['--profile', 's'],
    transport: answer(401, `{"message":"${SECRET}"}`),
  },
  'a login with an odd end': {
    config: SSO,
    files: { [`.aws/sso/cache/${sha1('c')}.json`]: JSON.stringify({ ...LOGIN, expiresAt: SECRET }) },
    args: ['--profile', 's'],
  },
  'a login that is no JSON': {
    config: SSO,
    files: { [`.aws/sso/cache/${sha1('c')}.json`]: `{"accessToken": "${SECRET}"` },
    args: ['--profile', 's'],
  },
  'role credentials that are none': {
    config: SSO,
    files: { [`.aws/sso/cache/${sha1('c')}.json`]: JSON.stringify({ ...LOGIN, expiresAt: later(7200) }) },
    args: ['--profile', 's'],
    transport: answer(200, `{"roleCredentials":{"secretAccessKey":"${SECRET}"}}`),
  },
  'a program that fails and talks': {
    config: `[profile p]\ncredential_process = /bin/sh -c 'echo "SecretAccessKey: ${SECRET}" >&2; exit 1'\n`,
    args: ['--profile', 'p'],
  },
  'a program that does not exist, with a password': {
    config: `[profile p]\ncredential_process = ${NOWHERE}/x --password ${SECRET}\n`,
    args: ['--profile', 'p'],
  },
  'a program that prints half': {
    config: `[profile p]\ncredential_process = echo '{"Version":1,"SecretAccessKey":"${SECRET}"}'\n`,
    args: ['--profile', 'p'],
  },
  'a container that refuses': {
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/x', AWS_CONTAINER_AUTHORIZATION_TOKEN: SECRET },
    transport: answer(403, SECRET),
  },
  'a container, and a token with a line break': {
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/x', AWS_CONTAINER_AUTHORIZATION_TOKEN: `${SECRET}\n` },
  },
  'a secret in the address of container credentials': {
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1/x?key=${SECRET}` },
    transport: answer(403, SECRET),
  },
  'a role from container credentials with a secret in their address': {
    config: '[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = EcsContainer\n',
    args: ['--profile', 'r'],
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1/?${SECRET}` },
  },
  'a password in the address of container credentials': {
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://user:${SECRET}@127.0.0.1/x` },
  },
  'a web identity that is refused': {
    files: { jwt: SECRET },
    config: '[profile w]\nrole_arn = arn:aws:iam::123456789012:role/w\nweb_identity_token_file = %/jwt\n',
    args: ['--profile', 'w'],
    transport: quoting('InvalidIdentityToken'),
  },
};

describe('the errors, reasons and log lines', () => {
  it.each(Object.entries(SCENES))(
    'show no secret: %s',
    async (_, { config = '', files = {}, env = {}, args = [], transport = gone }) => {
      const world = await makeHome({ '.aws/config': config, ...files }, { AWS_DEFAULT_REGION: 'us-west-2', ...env });
      const lines: unknown[] = [];
      const note = (...line: unknown[]) => void lines.push(line);
      const logger = { debug: note, info: note, warn: note, error: note };
      const extra: Partial<MintFacts> = { host: hostFrom({ env: world.env, now: () => NOW, logger }), transport };
      const { minted } = await mint(world, args, extra, 'v1');
      expect('token' in minted).toBe(false);
      const shown = [minted, ...lines].map(
        (thing) => inspect(thing, { depth: 12, showHidden: true }) + JSON.stringify(thing),
      );
      for (const form of [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64')]) {
        expect(shown.join('\n')).not.toContain(form);
      }
    },
  );
});
