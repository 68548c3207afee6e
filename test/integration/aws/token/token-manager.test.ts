import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signedAt } from '../../../../src/aws/command/exec-credential.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../../../src/aws/stanza/stanza.ts';
import { TokenManager } from '../../../../src/aws/token/token-manager.ts';
import type { TokenManagerOptions } from '../../../../src/aws/token/token-provider.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { FakeHome } from '../../../support/fake-aws-home.ts';

const MINUTE = 60_000;

function manager(home: FakeHome, options: TokenManagerOptions & { profile?: string } = {}): TokenManager {
  const { profile, ...rest } = options;
  const identity = { clusterName: 'dev', region: 'us-east-1', ...(profile && { profile }) };
  return new TokenManager(parseExecConfig(stanzaForCluster(identity)), { env: home.env, ...rest });
}

/** A clock that the test moves by hand. */
function movableClock(): { now: () => Date; forward(ms: number): void } {
  let at = Date.now();
  return {
    now: () => new Date(at),
    forward(ms) {
      at += ms;
    },
  };
}

async function failure(work: Promise<unknown>): Promise<EKSAuthError> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof EKSAuthError) return error;
  throw new Error(`expected an EKSAuthError, got ${error}`);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('readers', () => {
  it('get one mint, however many call at once', async () => {
    const home = new FakeHome().withMfaProfile().withAws();
    const tokens = manager(home, { profile: 'mfa', cache: false });
    const got = await Promise.all(Array.from({ length: 1000 }, () => tokens.getValidToken()));
    expect(new Set(got.map(({ token }) => token)).size).toBe(1);
    expect(home.awsCalls).toBe(1);
    expect(tokens.status().counts).toEqual({
      mint: 0,
      exec: 1,
      cache: 0,
      fleet: 0,
      provider: 0,
      failed: 0,
      joined: 999,
      refused: 0,
    });
  });

  it('never wait for a valid token while it is refreshed ahead of its end', async () => {
    const home = new FakeHome().withMfaProfile().withAws(`while [ -e "$HOME/hold" ]; do sleep 0.02; done`);
    const clock = movableClock();
    const tokens = manager(home, { profile: 'mfa', cache: false, now: clock.now });
    const first = await tokens.getValidToken();
    home.mark('hold');
    clock.forward(11.5 * MINUTE);
    await expect(tokens.getValidToken()).resolves.toBe(first);
    expect(tokens.status().refreshing).toBe(true);
    await expect(tokens.getValidToken()).resolves.toBe(first);
    rmSync(join(home.directory, 'hold'));
    await expect.poll(() => tokens.status().counts.exec).toBe(2);
    expect((await tokens.getValidToken()).token).not.toBe(first.token);
    expect(home.awsCalls).toBe(2);
  });

  it('wait for the new token where the old one ends', async () => {
    const home = new FakeHome().withStaticKeys();
    const clock = movableClock();
    const tokens = manager(home, { cache: false, now: clock.now });
    const first = await tokens.getValidToken();
    clock.forward(13.5 * MINUTE);
    const second = await tokens.getValidToken();
    expect(second.token).not.toBe(first.token);
    expect(signedAt(second.token)?.getTime()).toBeGreaterThan(signedAt(first.token)?.getTime() ?? 0);
  });

  it('may stop waiting without stopping the others', async () => {
    const home = new FakeHome().withMfaProfile().withAws('sleep 0.3');
    const tokens = manager(home, { profile: 'mfa', cache: false });
    const other = tokens.getValidToken();
    await expect(tokens.getValidToken({ signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/i);
    await expect(other).resolves.toBeDefined();
    await expect(tokens.getValidToken({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

describe('a refresh that fails', () => {
  it('is reported, and the living token is served', async () => {
    const home = new FakeHome().withProcess('[ -e "$HOME/broken" ] && exit 1');
    const clock = movableClock();
    const failures: EKSAuthError[] = [];
    const onRefreshFailed = (error: EKSAuthError) => failures.push(error);
    const tokens = manager(home, { cache: false, now: clock.now, onRefreshFailed, profile: 'process' });
    const first = await tokens.getValidToken();
    home.mark('broken');
    clock.forward(13.5 * MINUTE);
    await expect(tokens.getValidToken()).resolves.toBe(first);
    expect(failures.length).toBeGreaterThan(0);
    expect(tokens.status()).toMatchObject({ state: 'valid', lastError: { name: 'EKSAuthError' } });
    clock.forward(2 * MINUTE);
    await failure(tokens.getValidToken());
    expect(tokens.status().state).toBe('failed');
  });

  it('ends the token of what was configured before: another identity may be meant now', async () => {
    const home = new FakeHome().withStaticKeys();
    const clock = movableClock();
    const tokens = manager(home, { cache: false, now: clock.now });
    await tokens.getValidToken();
    home.withCredentials('').withConfig('');
    home.env.AWS_EC2_METADATA_DISABLED = 'true';
    clock.forward(13.5 * MINUTE);
    await expect(failure(tokens.getValidToken())).resolves.toMatchObject({ code: 'NO_CREDENTIALS' });
  });

  it('is not repeated at each call while the old token lives', async () => {
    const home = new FakeHome().withMfaProfile().withAws(`[ -e "$HOME/broken" ] && { echo broken >&2; exit 1; }`);
    const clock = movableClock();
    const tokens = manager(home, { profile: 'mfa', cache: false, now: clock.now });
    await tokens.getValidToken();
    home.mark('broken');
    clock.forward(13.5 * MINUTE);
    for (let call = 0; call < 20; call += 1) await tokens.getValidToken();
    expect(home.awsCalls).toBe(2);
  });

  it('recovers by itself', async () => {
    const home = new FakeHome().withCredentials('');
    home.env.AWS_EC2_METADATA_DISABLED = 'true';
    const tokens = manager(home, { cache: false });
    expect((await failure(tokens.getValidToken())).code).toBe('NO_CREDENTIALS');
    home.withStaticKeys();
    await expect(tokens.getValidToken()).resolves.toBeDefined();
    expect(tokens.status().lastError).toBeUndefined();
  });
});

describe('a refused token', () => {
  it('is not served again, neither from memory nor from the shared cache', async () => {
    const home = new FakeHome().withStaticKeys();
    const clock = movableClock();
    const tokens = manager(home, { now: clock.now });
    const refused = await tokens.getValidToken();
    clock.forward(2000);
    await tokens.invalidate(refused.token);
    const next = await tokens.getValidToken();
    expect(next.token).not.toBe(refused.token);
    await expect(manager(home, { now: clock.now }).getValidToken()).resolves.toMatchObject({ token: next.token });
  });

  it('takes no newer token with it', async () => {
    const home = new FakeHome().withStaticKeys();
    const clock = movableClock();
    const tokens = manager(home, { now: clock.now });
    const old = await tokens.getValidToken();
    clock.forward(2000);
    const newer = await tokens.refreshToken();
    await tokens.invalidate(old.token);
    await expect(tokens.getValidToken()).resolves.toBe(newer);
    await expect(manager(home, { now: clock.now }).getValidToken()).resolves.toMatchObject({ token: newer.token });
  });
});

it('A refused token is not adopted from the shared cache later, where a newer one could not be stored', async () => {
  const home = new FakeHome().withStaticKeys();
  const clock = movableClock();
  const tokens = manager(home, { now: clock.now });
  const refused = await tokens.getValidToken();
  const entry = readdirSync(home.cacheDirectory).find((name) => name.endsWith('.json')) ?? '';
  const kept = readFileSync(join(home.cacheDirectory, entry));
  clock.forward(2000);
  await tokens.invalidate(refused.token);
  const healed = await tokens.getValidToken();
  // As a full disk would have left it.
  writeFileSync(join(home.cacheDirectory, entry), kept);
  clock.forward(11.5 * MINUTE);
  await tokens.getValidToken();
  await expect.poll(() => tokens.status().refreshing).toBe(false);
  const next = await tokens.getValidToken();
  expect(next.token).not.toBe(refused.token);
  expect(next.expiresAt.getTime()).toBeGreaterThan(healed.expiresAt.getTime());
});

describe('the shared cache', () => {
  it('answers a second process without a second mint', async () => {
    const home = new FakeHome().withMfaProfile().withAws();
    const { token } = await manager(home, { profile: 'mfa' }).getValidToken();
    const second = manager(home, { profile: 'mfa' });
    await expect(second.getValidToken()).resolves.toMatchObject({ token });
    expect(second.status()).toMatchObject({ source: 'cache', counts: { cache: 1, exec: 0 } });
    expect(home.awsCalls).toBe(1);
  });

  it('is left alone where it is switched off', async () => {
    const home = new FakeHome().withStaticKeys();
    await manager(home, { cache: false }).getValidToken();
    expect(existsSync(home.cacheDirectory)).toBe(false);
  });

  it('may lie anywhere', async () => {
    const home = new FakeHome().withStaticKeys();
    const directory = join(home.directory, 'elsewhere');
    await manager(home, { cache: { directory } }).getValidToken();
    expect(readdirSync(directory).filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  it('gets no token whose credentials end within the margin, and tells their true end', async () => {
    const home = new FakeHome();
    const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 90_000);
    Object.assign(home.env, {
      AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-a-session',
      AWS_SESSION_TOKEN: 'session-of-a-person',
      AWS_CREDENTIAL_EXPIRATION: end.toISOString(),
    });
    const { expiresAt } = await manager(home).getValidToken();
    expect(expiresAt).toEqual(end);
    const entries = existsSync(home.cacheDirectory) ? readdirSync(home.cacheDirectory) : [];
    expect(entries.filter((name) => name.endsWith('.json'))).toEqual([]);
  });
});

describe('forcing a refresh', () => {
  it('mints after the call, once for all who ask together', async () => {
    const home = new FakeHome().withMfaProfile().withAws();
    const tokens = manager(home, { profile: 'mfa' });
    const first = await tokens.getValidToken();
    const got = await Promise.all(Array.from({ length: 50 }, () => tokens.refreshToken()));
    expect(new Set(got.map(({ token }) => token)).size).toBe(1);
    expect(got[0]?.token).not.toBe(first.token);
    expect(home.awsCalls).toBe(2);
  });

  it('mints again at each call', async () => {
    const clock = movableClock();
    const tokens = manager(new FakeHome().withStaticKeys(), { now: clock.now });
    const first = await tokens.refreshToken();
    clock.forward(5000);
    const second = await tokens.refreshToken();
    expect(second.token).not.toBe(first.token);
    expect(tokens.status().counts.mint).toBe(2);
  });
});

describe('the wall clock', () => {
  it('makes a token come from the future where it falls back: a new one is minted', async () => {
    const home = new FakeHome().withStaticKeys();
    const clock = movableClock();
    const tokens = manager(home, { now: clock.now });
    const first = await tokens.getValidToken();
    clock.forward(-60 * MINUTE);
    const second = await tokens.getValidToken();
    expect(signedAt(second.token)?.getTime()).toBeLessThan(signedAt(first.token)?.getTime() ?? 0);
  });
});

describe("a stranger's kubeconfig", () => {
  it('gets no program started', async () => {
    const home = new FakeHome().withMfaProfile().withAws();
    const error = await failure(manager(home, { profile: 'mfa', execPolicy: 'eks-only' }).getValidToken());
    expect(error.code).toBe('EXEC_DENIED');
    expect(error.message).toContain('The token for "dev"');
    expect(error.remedy).toContain("execPolicy: 'allow'");
    expect(home.awsCalls).toBe(0);
  });
});

describe('refreshing ahead of time', () => {
  it('keeps used tokens fresh by one timer for all managers, which holds no process open', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const home = new FakeHome().withStaticKeys();
    const clock = movableClock();
    const tokens = manager(home, { cache: false, now: clock.now });
    using others = manager(home, { cache: false, now: clock.now });
    tokens.startAutoRefresh();
    tokens.startAutoRefresh();
    others.startAutoRefresh();
    expect(vi.getTimerCount()).toBe(1);
    const first = await tokens.getValidToken();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tokens.status().counts.mint).toBe(1);
    clock.forward(11.5 * MINUTE);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect.poll(() => tokens.status().counts.mint).toBe(2);
    expect((await tokens.getValidToken()).token).not.toBe(first.token);
    tokens.stop();
    tokens.stop();
    others.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a mint without a caller that waits', () => {
  it('ends when the manager is stopped, with an error for its callers', async () => {
    const home = new FakeHome().withMfaProfile().withAws('echo $$ > "$HOME/pid"; exec sleep 600');
    const tokens = manager(home, { profile: 'mfa', cache: false });
    const waiting = failure(tokens.getValidToken());
    const pid = await pidIn(home);
    tokens.stop();
    const error = await waiting;
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain('was stopped');
    expect(error.remedy).toContain('Call getValidToken()');
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('does not start after the manager was stopped: a refresh waited for the mint under way', async () => {
    const home = new FakeHome().withMfaProfile().withAws('echo $$ > "$HOME/pid"; exec sleep 600');
    const tokens = manager(home, { profile: 'mfa', cache: false });
    const waiting = failure(tokens.getValidToken());
    await pidIn(home);
    const refreshing = failure(tokens.refreshToken());
    tokens.stop();
    expect([(await waiting).code, (await refreshing).code]).toEqual(['TIMEOUT', 'TIMEOUT']);
    expect([home.awsCalls, tokens.status().refreshing]).toEqual([1, false]);
  });

  it('ends when its only caller gives up, and starts again for the next', async () => {
    const home = new FakeHome()
      .withMfaProfile()
      .withAws('[ -e "$HOME/pid" ] || { echo $$ > "$HOME/pid"; exec sleep 600; }');
    const tokens = manager(home, { profile: 'mfa', cache: false });
    const patience = new AbortController();
    const waiting = tokens.getValidToken({ signal: patience.signal });
    const pid = await pidIn(home);
    patience.abort(new Error('no patience'));
    await expect(waiting).rejects.toThrow('no patience');
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
    await expect(tokens.getValidToken()).resolves.toBeDefined();
  });
});

it('A token that is adopted late in its life is waited for no later than one minted here', async () => {
  const home = new FakeHome().withStaticKeys();
  const clock = movableClock();
  await manager(home, { now: clock.now }).getValidToken();
  clock.forward(12 * MINUTE + 50_000);
  const second = manager(home, { now: clock.now });
  const adopted = await second.getValidToken();
  expect(second.status().source).toBe('cache');
  clock.forward(20_000);
  expect((await second.getValidToken()).token).not.toBe(adopted.token);
});

async function pidIn(home: FakeHome): Promise<string> {
  const file = join(home.directory, 'pid');
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').trim()).toMatch(/^\d+$/);
  return readFileSync(file, 'utf8').trim();
}
