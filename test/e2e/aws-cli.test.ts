import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HTTPRequest } from '../../src/aws/http/transport.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { hostFrom } from '../../src/host.ts';
import { type LocalProxy, startConnectProxy } from '../../src/testing/local-aws/connect-proxy.ts';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { baseEnvironment, faketimeLibrary, findCLIs, type RealCLI, runFrozen } from '../support/frozen-aws-cli.ts';
import { mintInProcess } from '../support/mint-in-process.ts';
import { noteSkipped } from '../support/optional-programs.ts';
import { type StubAWS, stubAWS } from '../support/stub-aws.ts';

/** Certificates are made now, so it has to be now; it stands still for both sides. */
const TIME = `${new Date().toISOString().slice(0, 19)}Z`;
const later = (seconds: number) => new Date(Date.parse(TIME) + seconds * 1000).toISOString().replace('.000Z', 'Z');
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

const ROLE = 'arn:aws:iam::123456789012:role/';
const KEYS = 'aws_access_key_id = AKIDBASE\naws_secret_access_key = base/EXAMPLEKEY\n';
const START = 'https://corp.awsapps.com/start';
const SSO_ROLE = 'sso_account_id = 123456789012\nsso_role_name = Admin\n';
const login = (expiresAt: string, more: object = {}) =>
  JSON.stringify({ startUrl: START, region: 'us-east-1', accessToken: 'login/EXAMPLEKEY', expiresAt, ...more });
const RENEWABLE = {
  clientId: 'client',
  clientSecret: 'client/EXAMPLEKEY',
  registrationExpiresAt: later(86_400),
  refreshToken: 'refresh/EXAMPLEKEY',
};

interface Situation {
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** How many requests it takes: that AWS was asked at all is part of what is compared. */
  readonly requests: number;
  /** Whether v1 is asked too; the differential test leads it to other situations by the hundred. */
  readonly both?: boolean;
}

const SITUATIONS: Record<string, Situation> = {
  'a role with everything named': {
    args: ['--profile', 'r'],
    files: {
      '.aws/config': `[profile r]\nrole_arn = ${ROLE}deploy\nsource_profile = b\nexternal_id = ext\nduration_seconds = 7200\nrole_session_name = ci\nregion = eu-central-1\n[profile b]\n${KEYS}`,
    },
    requests: 1,
    both: true,
  },
  'a chain of roles, and one on top, in the region of the flag': {
    args: ['--profile', 'r', '--region', 'eu-west-1', '--role-arn', `${ROLE}top`],
    files: {
      '.aws/config': `[profile r]\nrole_arn = ${ROLE}two\nsource_profile = one\nregion = us-west-2\n[profile one]\nrole_arn = ${ROLE}one\nsource_profile = b\nregion = ap-south-1\n[profile b]\n${KEYS}`,
    },
    requests: 3,
  },
  'a web identity': {
    args: ['--region', 'us-gov-west-1'],
    files: { jwt: 'header.payload.signature\r\n' },
    env: { AWS_WEB_IDENTITY_TOKEN_FILE: '${HOME}/jwt', AWS_ROLE_ARN: `${ROLE}pod` },
    requests: 1,
  },
  'a legacy SSO profile': {
    args: ['--profile', 's', '--region', 'us-west-2'],
    files: {
      '.aws/config': `[profile s]\nsso_start_url = ${START}\nsso_region = eu-north-1\n${SSO_ROLE}`,
      [`.aws/sso/cache/${sha1(START)}.json`]: login(later(7200)),
    },
    requests: 1,
  },
  'an SSO session that is about to end': {
    args: ['--profile', 's', '--region', 'us-west-2', '--role-arn', `${ROLE}top`],
    files: {
      '.aws/config': `[profile s]\nsso_session = corp\n${SSO_ROLE}[sso-session corp]\nsso_start_url = ${START}\nsso_region = us-east-1\n`,
      [`.aws/sso/cache/${sha1('corp')}.json`]: login(later(600), RENEWABLE),
    },
    requests: 3,
    both: true,
  },
  'an SSO session with an empty refresh token': {
    args: ['--profile', 's', '--region', 'us-west-2'],
    files: {
      '.aws/config': `[profile s]\nsso_session = corp\n${SSO_ROLE}[sso-session corp]\nsso_start_url = ${START}\nsso_region = us-east-1\n`,
      [`.aws/sso/cache/${sha1('corp')}.json`]: login(later(600), { ...RENEWABLE, refreshToken: '' }),
    },
    requests: 2,
  },
};

const clis = faketimeLibrary() === undefined ? [] : await findCLIs();
if (clis.length === 0) {
  noteSkipped('no aws (or no faketime)');
  it.skip('A real AWS CLI and ekspress send the same requests to AWS', () => {});
}

const authority = createCertificateAuthority('in place of AWS');
let aws: StubAWS;
const server = createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const request: HTTPRequest = {
    method: incoming.method as HTTPRequest['method'],
    url: `https://${incoming.headers.host}${incoming.url}`,
    headers: incoming.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
    proxied: false,
    connectTimeoutMs: 0,
    readTimeoutMs: 0,
  };
  const { status, headers, body } = await aws.transport(request);
  outgoing.writeHead(status, headers).end(body);
});
let proxy: LocalProxy;
beforeAll(async () => {
  proxy = await startConnectProxy(server, authority);
});
afterAll(() => proxy.close());

/** AWS's real names, through a proxy that answers for them: any release of the CLI can be led there. */
describe.each(clis)('aws $release and ekspress, before the same AWS,', (cli) => {
  const situations = Object.entries(SITUATIONS).filter(([, { both }]) => both || cli.version === 'v2');
  it.each(situations)('behave alike: %s', async (_, { args, files, env = {}, requests }) => {
    const theirs = await live(files, env, async (home) => {
      const ran = await runFrozen(cli, arguments_(args), home, TIME);
      expect(ran.stderr).toBe('');
      return ran.token;
    });
    const ours = await live(files, env, (home) => ourToken(cli, args, home));
    expect(ours.token).toBe(theirs.token);
    expect(ours.requests).toEqual(theirs.requests);
    expect(ours.requests).toHaveLength(requests);
    expect(ours.kept).toEqual(theirs.kept);
  });
});

const arguments_ = (args: readonly string[]) => ['eks', 'get-token', '--cluster-name', 'c', ...args];

async function ourToken(cli: RealCLI, args: readonly string[], env: Record<string, string>): Promise<string> {
  const config = parseExecConfig({ command: cli.path, args: arguments_(args) }, { cliVersion: cli.version });
  const host = hostFrom({ env, now: () => new Date(TIME) });
  const outcome = await mintInProcess({ config, host });
  return outcome.kind === 'minted' ? outcome.token : outcome.reason;
}

/** One run in a home of its own: the token, what AWS was asked, and what was left for the next. */
async function live(
  files: Situation['files'],
  env: NonNullable<Situation['env']>,
  getToken: (env: Record<string, string>) => Promise<string | undefined>,
) {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-live-'));
  try {
    for (const [name, text] of Object.entries({ ...files, 'ca.pem': authority.certificate })) {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), text);
    }
    const filled = Object.entries(env).map(([name, value]) => [name, value.replaceAll('${HOME}', home)]);
    aws = stubAWS({ now: new Date(TIME), stub: {} });
    const token = await getToken({
      ...baseEnvironment(),
      HOME: home,
      AWS_EC2_METADATA_DISABLED: 'true',
      HTTPS_PROXY: proxy.url,
      AWS_CA_BUNDLE: join(home, 'ca.pem'),
      ...Object.fromEntries(filled),
    });
    const asked = aws.requests.map((one) => ({ ...one, form: Object.fromEntries(Object.entries(one.form).sort()) }));
    return { token, requests: asked, kept: { ...(await keptIn(home, 'cli')), ...(await keptIn(home, 'sso')) } };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What lies in a cache folder, but for what only some releases write. */
async function keptIn(home: string, cache: 'cli' | 'sso'): Promise<Record<string, unknown>> {
  const folder = join(home, '.aws', cache, 'cache');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const entries = names.map(async (name) => {
    const { ResponseMetadata: _, ...content } = JSON.parse(await readFile(join(folder, name), 'utf8'));
    if (content.Credentials) {
      delete content.Credentials.AccountId;
      // `Z` or `+00:00`, with milliseconds or without.
      content.Credentials.Expiration = Date.parse(content.Credentials.Expiration);
    }
    return [`${cache}/${name}`, content];
  });
  return Object.fromEntries(await Promise.all(entries));
}
