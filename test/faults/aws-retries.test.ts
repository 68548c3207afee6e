import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HTTPRequest } from '../../src/aws/http/transport.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { hostFrom } from '../../src/host.ts';
import { baseEnvironment, findCLIs } from '../support/frozen-aws-cli.ts';
import { mintInProcess } from '../support/mint-in-process.ts';
import { noteSkipped } from '../support/optional-programs.ts';
import {
  ANSWERS,
  bodyOf,
  LEAVES,
  type Leaf,
  RETRY_SITUATIONS,
  type RetrySituation,
} from '../support/retry-situations.ts';
import { stubAWS } from '../support/stub-aws.ts';

/** What a call did: whether a token came out, and every request in order, without what differs in each run. */
interface Outcome {
  readonly token: boolean;
  readonly requests: readonly string[];
}

type Version = 'v1' | 'v2';

const VECTORS = fileURLToPath(new URL('../vectors/aws-retries.json', import.meta.url));
const vectors: Record<string, Partial<Record<Version, Outcome>>> = existsSync(VECTORS)
  ? JSON.parse(readFileSync(VECTORS, 'utf8'))
  : {};
/** Set: the AWS CLIs on PATH are asked, and their answers are the new vectors. `new`: only in situations without one. */
const { EKSPRESS_RECORD_RETRIES: RECORD } = process.env;
/** How many situations the AWS CLIs on PATH are asked about in a run. */
const LIVE = Number(process.env.EKSPRESS_RETRIES ?? 2);
const ARGS = ['eks', 'get-token', '--cluster-name', 'dev', '--region', 'us-west-2', '--profile', 'p'];

// Every pause is random, and then none takes time.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

interface World extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly requests: readonly string[];
}

async function arrange({ leaf: name, answer, times, env = {}, profile }: RetrySituation): Promise<World> {
  const leaf: Leaf = LEAVES[name];
  const aws = stubAWS({ now: new Date(), stub: { imds: true } });
  const requests: string[] = [];
  let left = times;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers: headers as Record<string, string>, body: Buffer.concat(chunks).toString() };
    requests.push(summary(request));
    const fault = ANSWERS[answer];
    if (url.startsWith(leaf.troubled) && left > 0) {
      left -= 1;
      if (fault === undefined) return void incoming.socket.destroy();
      const type = leaf.troubled === '/sts' ? 'text/xml' : 'application/json';
      return void outgoing.writeHead(fault.status, { 'content-type': type }).end(bodyOf(fault, leaf));
    }
    const [, first = '', rest = '/'] = /^\/(\w+)(.*)$/.exec(url) ?? [];
    const asked = {
      ...request,
      url: `${HOSTS[first]}${rest || '/'}`,
      proxied: false,
      connectTimeoutMs: 0,
      readTimeoutMs: 0,
    };
    const given = await aws.transport(asked as HTTPRequest);
    outgoing.writeHead(given.status, given.headers).end(given.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const stub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = await mkdtemp(join(tmpdir(), 'ekspress-retries-'));
  const fill = (text: string) => text.replaceAll('${HOME}', home).replaceAll('${STUB}', stub);
  const config = leaf.config.replace('[profile p]\n', `[profile p]\n${profile === undefined ? '' : `${profile}\n`}`);
  for (const [path, text] of Object.entries({ '.aws/config': config, ...leaf.files })) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), fill(text));
  }
  const given = Object.entries({ AWS_EC2_METADATA_DISABLED: 'true', ...leaf.env, ...env });
  return {
    requests,
    env: {
      HOME: home,
      AWS_ENDPOINT_URL_STS: `${stub}/sts`,
      AWS_ENDPOINT_URL_SSO: `${stub}/sso`,
      AWS_ENDPOINT_URL_SSO_OIDC: `${stub}/oidc`,
      AWS_ENDPOINT_URL_SIGNIN: `${stub}/signin`,
      ...Object.fromEntries(given.map(([variable, value]) => [variable, fill(value)])),
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(home, { recursive: true, force: true });
    },
  };
}

const HOSTS: Readonly<Record<string, string>> = {
  sts: 'https://sts.stub',
  sso: 'https://portal.sso.stub',
  oidc: 'https://oidc.stub',
  signin: 'https://signin.stub',
  container: 'http://169.254.170.2',
  imds: 'http://169.254.169.254',
};

/** Equal requests in a row as one line with their number. */
function counted(requests: readonly string[]): string[] {
  const runs: { request: string; count: number }[] = [];
  for (const request of requests) {
    const last = runs.at(-1);
    if (last?.request === request) last.count += 1;
    else runs.push({ request, count: 1 });
  }
  return runs.map(({ request, count }) => `${count} x ${request}`);
}

/** Method, path, form, who signed, and what proves the caller. */
function summary({
  method,
  url,
  headers,
  body,
}: Pick<HTTPRequest, 'url' | 'headers' | 'body'> & { method: string }): string {
  const text = body ?? '';
  const fields = text.startsWith('{') ? Object.entries<string>(JSON.parse(text)) : [...new URLSearchParams(text)];
  const form = fields.map(([name, value]) => `${name}=${value}`).sort();
  const signer = /Credential=([^/]+)\/\d+\/([^,]+),/
    .exec(headers.authorization ?? '')
    ?.slice(1)
    .join('/');
  const bearer = headers['x-amz-sso_bearer_token'] ?? headers['x-aws-ec2-metadata-token'];
  const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds'];
  // The SDK ends the path of an endpoint with a slash.
  return [method, url.replace(/^\/sts\/$/, '/sts'), form.join('&'), signer, bearer, ttl].filter(Boolean).join(' ');
}

/** @returns `left` where the original command decides */
async function ours(situation: RetrySituation, cliVersion: Version): Promise<Outcome | 'left'> {
  await using world = await arrange(situation);
  try {
    const config = parseExecConfig({ command: 'aws', args: ARGS }, { cliVersion });
    const minted = await mintInProcess({ config, host: hostFrom({ env: world.env }) });
    return minted.kind === 'undecided' ? 'left' : { token: true, requests: counted(world.requests) };
  } catch (error) {
    if (!(error instanceof EKSAuthError)) throw error;
    return { token: false, requests: counted(world.requests) };
  }
}

/** The AWS CLI, whose pauses take no time. */
async function theirs(situation: RetrySituation, path: string): Promise<Outcome> {
  await using world = await arrange(situation);
  const { HOME = '' } = world.env;
  await writeFile(join(HOME, 'sitecustomize.py'), 'import time\ntime.sleep = lambda seconds: None\n');
  const env = { ...baseEnvironment(), ...world.env, PYTHONPATH: HOME, PYTHONWARNINGS: 'ignore' };
  const token = await new Promise<boolean>((ended) => {
    execFile(path, ARGS, { env, timeout: 100_000 }, (error, stdout) => ended(!error && stdout.includes('k8s-aws-v1.')));
  });
  return { token, requests: counted(world.requests) };
}

const NAMES = Object.keys(RETRY_SITUATIONS);

describe.skipIf(RECORD !== undefined)('a request to AWS that fails', () => {
  const cases = NAMES.flatMap((name) =>
    (Object.keys(vectors[name] ?? {}) as Version[]).map((version) => [name, version] as const),
  );
  it.each(cases)('is sent again as the AWS CLI sends it, or left to it: %s, %s', async (name, version) => {
    const outcome = await ours(RETRY_SITUATIONS[name] as RetrySituation, version);
    if (outcome !== 'left') expect(outcome).toEqual(vectors[name]?.[version]);
  });
});

const clis = (await findCLIs()).filter(({ configurableEndpoints }) => configurableEndpoints);
if (clis.length === 0) noteSkipped('no aws with endpoints of the environment');

describe.skipIf(clis.length === 0)('the AWS CLI', () => {
  it.runIf(RECORD !== undefined)('is asked what it does', { timeout: 3_600_000 }, async () => {
    const all = NAMES.flatMap((name) => clis.map((cli) => ({ name, cli })));
    const todo = all.filter(({ name, cli }) => RECORD !== 'new' || vectors[name]?.[cli.version] === undefined);
    const worker = async () => {
      for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
        const { name, cli } = next;
        const outcome = await theirs(RETRY_SITUATIONS[name] as RetrySituation, cli.path);
        vectors[name] = { ...vectors[name], [cli.version]: outcome };
        writeFileSync(VECTORS, `${JSON.stringify(vectors, null, 1)}\n`);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  });

  it.skipIf(RECORD !== undefined).each(clis)(
    'does what was recorded of it ($version)',
    { timeout: 300_000 },
    async ({ path, version }) => {
      // The digests of the names choose, so that it is the same situations in each run.
      const chosen = [...NAMES].sort((one, other) => (digest(one) < digest(other) ? -1 : 1)).slice(0, LIVE);
      for (const name of chosen) {
        expect({ name, ...(await theirs(RETRY_SITUATIONS[name] as RetrySituation, path)) }).toEqual({
          name,
          ...vectors[name]?.[version],
        });
      }
    },
  );
});

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
