import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { type LocalAWS, startLocalAWS } from '../../src/testing/local-aws/local-aws.ts';
import { makeHome } from '../support/aws-home.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { baseEnvironment, faketimeLibrary, findCLIs, runFrozen } from '../support/frozen-aws-cli.ts';
import { OUTER_PATH } from '../support/optional-programs.ts';

/** EKSPRESS_RIVAL_ROUNDS=200 for long. Each takes a second of a real `aws`. */
const ROUNDS = Number(process.env.EKSPRESS_RIVAL_ROUNDS ?? 10);
const GET_TOKEN = ['eks', 'get-token', '--cluster-name', 'c', '--profile', 'acme', '--region', 'us-east-1'];
const PROFILE =
  '[profile acme]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n[sso-session corp]\nsso_start_url = https://local.awsapps.com/start\nsso_region = us-east-1\n';
/** A renewed token lives for an hour: 50 minutes later it is about to end, 61 minutes later it has ended. */
const ABOUT_TO_END_MS = 50 * 60_000;
const ENDED_MS = 61 * 60_000;

const aws1 = faketimeLibrary() === undefined ? undefined : (await findCLIs()).find((cli) => cli.configurableEndpoints);
if (!aws1) console.log('skipped: no aws whose endpoints can be set (or no faketime)');

it.skipIf(!aws1)(
  'Two processes of ekspress and a real aws trade one refresh token at the same moment, and the login survives',
  {
    timeout: 60_000 + ROUNDS * 30_000,
  },
  async () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    await using aws = await startLocalAWS({
      now: () => new Date(now),
      ssoRoles: [{ accountId: '123456789012', roleName: 'Admin' }],
    });
    const gate = await startGate(aws);
    const home = await makeHome({ '.aws/config': PROFILE });
    const file = await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: 3600 });
    const program = await bundleProgram('mint-once-program', home.path);
    const env = { ...baseEnvironment(), ...home.env, PATH: OUTER_PATH, AWS_ENDPOINT_URL: gate.url };
    const frozen = () => new Date(now).toISOString().slice(0, 19);
    const ours = () => run(process.execPath, [program, JSON.stringify(env), `${frozen()}Z`, ...GET_TOKEN]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ended = round % 2 === 1;
      now += ended ? ENDED_MS : ABOUT_TO_END_MS;
      // An `aws` that comes second with a login that has ended gives up; of the two orders, that one is not ours to mend.
      gate.order = ended || round % 4 === 0 ? 'aws first' : 'ours first';
      const theirs = aws1 && runFrozen(aws1, GET_TOKEN, env, `${frozen()}Z`);
      const [one, two, real] = await Promise.all([ours(), ours(), theirs]);
      expect({ round, one, two }).toEqual({ round, one: 'minted', two: 'minted' });
      expect({ round, stderr: real?.stderr, exitCode: real?.exitCode }).toMatchObject({ round, exitCode: 0 });
    }
    const trades = aws.calls.filter(({ operation }) => operation === 'CreateToken');
    // Each round one trade went well and one came too late: they did meet.
    expect(trades.filter(({ status }) => status === 200)).toHaveLength(ROUNDS);
    expect(trades.filter(({ status }) => status !== 200).length).toBeGreaterThan(ROUNDS / 2);
    const { clientId, clientSecret, refreshToken } = JSON.parse(await readFile(file, 'utf8'));
    const body = JSON.stringify({ grantType: 'refresh_token', clientId, clientSecret, refreshToken });
    expect((await fetch(`${aws.endpoint}/token`, { method: 'POST', body })).status).toBe(200);
  },
);

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((settle) => {
    execFile(file, args, { env: {} }, (error, stdout) => settle(error ? String(error) : stdout.trim()));
  });
}

interface Gate {
  readonly url: string;
  order: 'aws first' | 'ours first';
}

/** Leads to the local AWS, but lets trades of refresh tokens pass in pairs only, and in a certain order. */
async function startGate(aws: LocalAWS): Promise<Gate> {
  interface Trade {
    readonly byAWS: boolean;
    pass(): Promise<void>;
  }
  let waiting: Trade[] = [];
  const release = async () => {
    const byAWSFirst = gate.order === 'aws first' ? 1 : -1;
    const passing = waiting.sort((one, other) => byAWSFirst * (Number(other.byAWS) - Number(one.byAWS)));
    waiting = [];
    for (const trade of passing) await trade.pass();
  };
  const forward = async (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const headers = Object.entries(request.headers).filter(
      ([name]) => !/^(host|connection|content-length|expect)$/.test(name),
    );
    const answer = await fetch(`${aws.endpoint}${request.url}`, {
      method: request.method ?? 'GET',
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const text = await answer.text();
    const type = Object.fromEntries(
      [...answer.headers].filter(([name]) => /^(content-type|x-amzn-errortype)$/.test(name)),
    );
    response.writeHead(answer.status, type).end(text);
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const pass = () => forward(request, response, Buffer.concat(chunks));
    if (request.url !== '/token') return pass();
    waiting.push({ byAWS: /aws-cli/.test(request.headers['user-agent'] ?? ''), pass });
    if (waiting.length === 2) return release();
    // One comes alone where the other has seen the renewed token already.
    setTimeout(() => waiting.length === 1 && release(), 20_000).unref();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const gate: Gate = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, order: 'aws first' };
  return gate;
}
