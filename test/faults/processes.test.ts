import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createIdentityStore, defaultIdentities } from '../../src/testing/identities.ts';
import { verifyToken } from '../../src/testing/verify/verify-token.ts';
import { FakeHome, KEYS } from '../support/fake-aws-home.ts';
import { expectOwnWordsOf } from '../support/own-words.ts';

const CHILD = fileURLToPath(new URL('../support/one-token-program.mjs', import.meta.url));

const started = new Set<ChildProcess>();

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

interface Fetched {
  readonly token: string;
  readonly source: string;
}

function start(home: FakeHome, profile = 'mfa'): { child: ChildProcess; answer: Promise<Fetched> } {
  const child = spawn(process.execPath, [CHILD, 'dev', 'us-east-1', profile], {
    env: home.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  expectOwnWordsOf(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const answer = new Promise<Fetched>((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(stdout)) : reject(new Error(`${code} ${stderr}`))));
  });
  answer.catch(() => undefined);
  return { child, answer };
}

async function lockOf(home: FakeHome): Promise<void> {
  await expect
    .poll(() => readdirSync(home.cacheDirectory).some((name) => name.endsWith('.lock')), { timeout: 10_000 })
    .toBe(true);
}

describe('many processes that need the same token at once', () => {
  it('make it once, counted where the credentials come from', async () => {
    const home = new FakeHome().withProcess('sleep 0.5');
    const answers = await Promise.all(Array.from({ length: 100 }, () => start(home, 'process').answer));
    const { admin } = defaultIdentities('aws', '123456789012');
    const identities = createIdentityStore([{ ...admin, ...KEYS }]);
    const now = new Date();
    const verdicts = answers.map(({ token }) => verifyToken(token, { clusterName: 'dev', identities, now }).accepted);
    expect(verdicts).toEqual(Array(100).fill(true));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
    expect(home.processCalls).toBe(1);
    expect(readdirSync(home.cacheDirectory).filter((name) => name.includes('.lock'))).toEqual([]);
  }, 120_000);

  it('finish when the one that mints is killed', async () => {
    const home = new FakeHome().withMfaProfile().withAws(`[ -e "$HOME/first" ] || { : > "$HOME/first"; sleep 30; }`);
    const first = start(home);
    await lockOf(home);
    await expect.poll(() => home.awsCalls, { timeout: 20_000 }).toBe(1);
    first.child.kill('SIGKILL');
    const answers = await Promise.all(Array.from({ length: 5 }, () => start(home).answer));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
    expect(home.awsCalls).toBe(2);
  });

  it('finish when the one that mints is stopped, and it overwrites nothing once it continues', async () => {
    const home = new FakeHome().withMfaProfile().withAws(`[ -e "$HOME/first" ] || { : > "$HOME/first"; sleep 1; }`);
    const first = start(home);
    await lockOf(home);
    await expect.poll(() => home.awsCalls, { timeout: 20_000 }).toBe(1);
    first.child.kill('SIGSTOP');
    const second = await start(home).answer;
    first.child.kill('SIGCONT');
    await first.answer;
    await expect(start(home).answer).resolves.toEqual({ token: second.token, source: 'cache' });
    expect(readdirSync(home.cacheDirectory).filter((name) => name.includes('.lock'))).toEqual([]);
  });

  it('each mint for themselves where the cache cannot be written', async () => {
    const home = new FakeHome().withMfaProfile().withAws();
    home.env.EKS_TOKEN_CACHE_DIR = '/proc/nowhere';
    const answers = await Promise.all(Array.from({ length: 3 }, () => start(home).answer));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(3);
    home.env.EKS_TOKEN_CACHE_DIR = join(home.directory, '.aws', 'config');
    await expect(start(home).answer).resolves.toMatchObject({ source: 'exec' });
  });
});
