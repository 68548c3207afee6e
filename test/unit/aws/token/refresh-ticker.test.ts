import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshTicker } from '../../../../src/aws/refresh/refresh-ticker.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets everything go on that waits for no timer; gives up where that has no end. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the timer of a registry', () => {
  it('asks a manager that stays due once for each look, and leaves the process to others', async () => {
    const ticker = new RefreshTicker();
    let asked = 0;
    // As a token manager while a call of its own refreshes the token: due, and nothing to be done.
    const leave = ticker.enrol({
      isDue: () => true,
      refresh: async () => {
        asked += 1;
        if (asked > 1_000) leave();
      },
    });
    vi.advanceTimersByTime(5_000);
    await settle();
    expect(asked).toBe(1);
    vi.advanceTimersByTime(5_000);
    await settle();
    expect(asked).toBe(2);
    leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refreshes a fleet eight at a time, all of them in one look, and no manager that has left', async () => {
    const ticker = new RefreshTicker();
    const running: (() => void)[] = [];
    let begun = 0;
    const leaves = Array.from({ length: 20 }, () => {
      let due = true;
      return ticker.enrol({
        isDue: () => due,
        refresh: () => {
          begun += 1;
          due = false;
          return new Promise<void>((resolve) => running.push(resolve));
        },
      });
    });
    vi.advanceTimersByTime(5_000);
    expect(begun).toBe(8);
    leaves[19]?.();
    while (running.length > 0) {
      running.shift()?.();
      await settle();
      expect(running.length).toBeLessThanOrEqual(8);
    }
    expect(begun).toBe(19);
    for (const leave of leaves) leave();
  });

  it('gives the event loop a turn between refreshes that end without one', async () => {
    const ticker = new RefreshTicker();
    let refreshed = 0;
    const leaves = Array.from({ length: 2_000 }, () => {
      let due = true;
      return ticker.enrol({
        isDue: () => due,
        refresh: async () => {
          due = false;
          refreshed += 1;
        },
      });
    });
    vi.advanceTimersByTime(5_000);
    let most = 0;
    for (let before = refreshed; refreshed < 2_000; before = refreshed) {
      await settle();
      most = Math.max(most, refreshed - before);
    }
    expect(most).toBeLessThanOrEqual(8);
    for (const leave of leaves) leave();
  });
});
