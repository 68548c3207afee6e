import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type LocalAWS, startLocalAWS } from '../../src/testing/local-aws/local-aws.ts';
import { makeHome } from '../support/aws-home.ts';
import { bundleProgram } from '../support/bundle-program.ts';

const ROUNDS = 200;

/**
 * Does what `aws` does with a login that is about to end, and like it without a lock: reads the file, trades the refresh
 * token, which works once, and writes what it got.
 */
const RIVAL = `
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
const [file, url, rounds] = process.argv.slice(2);
let renewed = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const token = JSON.parse(readFileSync(file, 'utf8'));
  const { clientId, clientSecret, refreshToken } = token;
  const body = JSON.stringify({ grantType: 'refresh_token', clientId, clientSecret, refreshToken });
  const response = await fetch(url + '/token', { method: 'POST', body });
  if (response.ok) {
    const { accessToken, refreshToken } = await response.json();
    const expiresAt = new Date(Date.parse(token.expiresAt) + 3_000_000).toISOString().slice(0, 19) + 'Z';
    writeFileSync(file + '.rival', JSON.stringify({ ...token, accessToken, refreshToken, expiresAt }));
    renameSync(file + '.rival', file);
    renewed += 1;
  }
  await new Promise((later) => setTimeout(later, Math.random() * 20));
}
console.log(JSON.stringify({ renewed, failures: [] }));
`;

interface Outcome {
  readonly renewed: number;
  readonly failures: readonly string[];
}

interface Login {
  /** A program of ours, and one that plays the CLI. */
  readonly ours: string;
  readonly rival: string;
  readonly file: string;
}

async function logIn(aws: LocalAWS): Promise<Login> {
  const home = await makeHome({ 'rival.mjs': RIVAL });
  const ours = await bundleProgram('renew-often-program', home.path);
  const file = await aws.ssoLogin(home.path, { sessionName: 'corp', expiresInSeconds: 600 });
  return { ours, rival: join(home.path, 'rival.mjs'), file };
}

function run(program: string, { file }: Login, aws: Pick<LocalAWS, 'endpoint'>, rounds: number): Promise<Outcome> {
  return new Promise((settle, fail) => {
    const args = [program, file, aws.endpoint, `${rounds}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('close', (code) => (code === 0 ? settle(JSON.parse(printed)) : fail(new Error(`ended with ${code}`))));
  });
}

/** Whether the refresh token in the file still buys something. */
async function isLoggedIn({ file }: Login, aws: LocalAWS): Promise<boolean> {
  const { clientId, clientSecret, refreshToken } = JSON.parse(await readFile(file, 'utf8'));
  const body = JSON.stringify({ grantType: 'refresh_token', clientId, clientSecret, refreshToken });
  return (await fetch(`${aws.endpoint}/token`, { method: 'POST', body })).ok;
}

it('Two processes of ekspress and a rival without a lock share a login, and the login survives', {
  timeout: 180_000,
}, async () => {
  await using aws = await startLocalAWS();
  const login = await logIn(aws);
  const [one, two, rival] = await Promise.all([
    run(login.ours, login, aws, ROUNDS),
    run(login.ours, login, aws, ROUNDS),
    run(login.rival, login, aws, ROUNDS),
  ]);
  expect([...one.failures, ...two.failures]).toEqual([]);
  expect(Math.min(one.renewed, two.renewed, rival.renewed)).toBeGreaterThan(ROUNDS / 20);
  expect(await isLoggedIn(login, aws)).toBe(true);
});

it('Processes of ekspress never trade a refresh token twice', { timeout: 120_000 }, async () => {
  await using aws = await startLocalAWS();
  const login = await logIn(aws);
  const outcomes = await Promise.all(Array.from({ length: 3 }, () => run(login.ours, login, aws, 40)));
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  const trades = aws.calls.filter(({ operation }) => operation === 'CreateToken');
  expect(trades.length).toBeGreaterThan(40);
  expect(trades.filter(({ status }) => status !== 200)).toEqual([]);
});

it('A lock whose holder died is taken over', { timeout: 60_000 }, async () => {
  await using aws = await startLocalAWS();
  const login = await logIn(aws);
  await writeFile(`${login.file}.ekspress-lock`, 'somebody who is gone');
  expect(await run(login.ours, login, aws, 1)).toEqual({ renewed: 1, failures: [] });
});

it('A process that is stopped while it renews, and continues after another has renewed, does no harm', {
  timeout: 60_000,
}, async () => {
  await using aws = await startLocalAWS();
  const login = await logIn(aws);
  const gate = await holdFirstTrade(aws);
  const stopped = spawn(process.execPath, [login.ours, login.file, gate.url, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  stopped.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const ended = new Promise((settle) => stopped.on('close', settle));
  await gate.held;
  stopped.kill('SIGSTOP');
  expect(await run(login.ours, login, { endpoint: gate.url }, 1)).toEqual({ renewed: 1, failures: [] });
  await gate.letGo();
  stopped.kill('SIGCONT');
  await ended;
  expect(JSON.parse(printed)).toMatchObject({ failures: [] });
  const trades = aws.calls.filter(({ operation }) => operation === 'CreateToken');
  // Once let go it may try again, in vain.
  expect(trades.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
  expect(await isLoggedIn(login, aws)).toBe(true);
});

/** Leads to OIDC, but keeps the first trade waiting. */
async function holdFirstTrade(aws: LocalAWS) {
  let arrived = () => {};
  const held = new Promise<void>((settle) => {
    arrived = settle;
  });
  let first: (() => Promise<void>) | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const pass = async () => {
      const answer = await fetch(`${aws.endpoint}${request.url}`, {
        method: 'POST',
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
    if (first) return pass();
    first = pass;
    arrived();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, held, letGo: async () => first?.() };
}
