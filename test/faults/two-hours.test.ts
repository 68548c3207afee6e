import { expect, it, vi } from 'vitest';
import { RefreshTicker } from '../../src/aws/refresh/refresh-ticker.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../src/aws/stanza/stanza.ts';
import { TokenManager } from '../../src/aws/token/token-manager.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { heapAfterCollection } from '../support/heap.ts';
import { NOWHERE } from '../support/paths.ts';
import { SEED } from '../support/seed.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const CLUSTERS = 200;
/** A token of full life is replaced, while that is possible, before its last minute begins. */
const MARGIN = 60 * SECOND;

/** A small generator of the linear congruential kind: the same seed, the same two hours. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** But the timers of the test runner itself. */
function activeHandles(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout' && name !== 'Immediate')
    .sort();
}

it('Two hours of 200 clusters with failures of STS give no call an ending token, spread the refreshes, and leak nothing', async () => {
  const seed = SEED;
  console.log(`two hours with seed ${seed} (EKSPRESS_SEED=${seed} repeats them)`);
  const random = randomFrom(seed);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let now = Date.parse('2026-01-02T03:00:00Z');
  let brokenUntil = 0;
  const mintsByTick = new Map<number, number>();
  const ticker = new RefreshTicker();
  const managers = Array.from({ length: CLUSTERS }, (_, index) => {
    const config = parseExecConfig(stanzaForCluster({ clusterName: `c${index}`, region: 'us-east-1' }));
    const manager = new TokenManager(config, {
      env: { HOME: NOWHERE },
      cache: false,
      now: () => new Date(now),
      ticker,
      credentials: async () => {
        if (now < brokenUntil) throw new Error('STS answers 503');
        return { accessKeyId: `ASIA${index}`, secretAccessKey: 'secret', expiration: new Date(now + 60 * MINUTE) };
      },
      onRefreshed: () => {
        mintsByTick.set(now, (mintsByTick.get(now) ?? 0) + 1);
      },
    });
    manager.startAutoRefresh();
    return manager;
  });
  expect(vi.getTimerCount()).toBe(1);
  await Promise.all(managers.map((manager) => manager.getValidToken()));

  const began = now;
  let reads = 0;
  let refused = 0;
  let heap = 0;
  let handles: readonly string[] = [];
  let worstLeft = Number.POSITIVE_INFINITY;
  while (now - began < 120 * MINUTE) {
    now += 5 * SECOND;
    // Failures of up to three minutes, about every ten: shorter than the time that refreshing ahead leaves.
    if (now > brokenUntil && random() < 1 / 120) brokenUntil = now + random() * 3 * MINUTE;
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    for (let reader = 0; reader < 20; reader += 1) {
      const manager = managers[Math.floor(random() * CLUSTERS)];
      try {
        const token = await manager?.getValidToken();
        const left = (token?.expiresAt.getTime() ?? 0) - now;
        expect(left).toBeGreaterThan(0);
        if (now >= brokenUntil) worstLeft = Math.min(worstLeft, left);
        reads += 1;
      } catch (error) {
        // Two outages in a row can outlast a token: then there is none to be had.
        if (!(error instanceof EKSAuthError) || now >= brokenUntil) throw error;
        refused += 1;
      }
    }
    if (heap === 0 && now - began >= 10 * MINUTE) {
      heap = heapAfterCollection();
      handles = activeHandles();
    }
  }

  expect(reads).toBeGreaterThan(20_000);
  expect(worstLeft).toBeGreaterThanOrEqual(MARGIN);
  const failed = managers.reduce((sum, manager) => sum + manager.status().counts.failed, 0);
  expect(failed).toBeGreaterThan(0);
  expect(refused).toBeLessThan(reads / 50);
  // Everything began in one moment, and outages bring it into step again: still never a third of the fleet at once.
  const peak = Math.max(...[...mintsByTick].filter(([at]) => at > began).map(([, count]) => count));
  expect(peak).toBeLessThan(CLUSTERS / 3);
  expect(vi.getTimerCount()).toBe(1);
  expect(heapAfterCollection()).toBeLessThan(heap * 1.1);
  expect(activeHandles()).toEqual(handles);
  for (const manager of managers) manager.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
