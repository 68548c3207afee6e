import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { linkSignals, onAbort } from '../../../src/system/link-signals.ts';
import { unlessAborted } from '../../../src/system/unless-aborted.ts';

const collect = (): void => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
};
const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const never = new Promise<never>(() => undefined);

describe('a signal that much waits for', () => {
  it('has one listener, and none when nothing waits any more', () => {
    const { signal } = new AbortController();
    const links = Array.from({ length: 100 }, () => linkSignals([signal, undefined]));
    const calledOff = Array.from({ length: 100 }, () => onAbort(signal, () => undefined));
    expect(listenersOf(signal)).toBe(1);
    for (const { unlink } of links) unlink();
    for (const callOff of calledOff) callOff();
    // Twice does no harm to what has begun in the meantime.
    const last = linkSignals([signal]);
    links[0]?.unlink();
    expect(listenersOf(signal)).toBe(1);
    last.unlink();
    expect(listenersOf(signal)).toBe(0);
  });

  it('tells all of them, in their order, with its reason', async () => {
    const source = new AbortController();
    const told: number[] = [];
    for (const one of [1, 2, 3]) onAbort(source.signal, () => told.push(one));
    const link = linkSignals([undefined, source.signal]);
    const waits = unlessAborted(never, source.signal);
    onAbort(source.signal, () => told.push(4))();
    source.abort(new Error('enough'));
    expect(told).toEqual([1, 2, 3]);
    expect(link.signal.reason).toMatchObject({ message: 'enough' });
    await expect(waits).rejects.toThrow('enough');
    expect(listenersOf(source.signal)).toBe(0);
  });

  it('tells at once where it has aborted already', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    expect(linkSignals([signal]).signal.reason).toMatchObject({ message: 'before' });
    await expect(unlessAborted(never, signal)).rejects.toThrow('before');
    expect(listenersOf(signal)).toBe(0);
  });

  it('is let go by work that ends, however it ends', async () => {
    const { signal } = new AbortController();
    await unlessAborted(Promise.resolve(1), signal);
    await unlessAborted(Promise.reject(new Error('no')), signal).catch(() => undefined);
    expect(listenersOf(signal)).toBe(0);
  });

  it('keeps nothing of 100,000 links that came and went in its life', () => {
    const { signal } = new AbortController();
    const linked: WeakRef<AbortSignal>[] = [];
    const link = (count: number): void => {
      for (let made = 0; made < count; made += 1) {
        const one = linkSignals([signal]);
        if (made % 10_000 === 0) linked.push(new WeakRef(one.signal));
        one.unlink();
      }
    };
    link(10_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    link(100_000);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      collect();
      expect(linked.filter((reference) => reference.deref() !== undefined)).toEqual([]);
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
      expect(listenersOf(signal)).toBe(0);
    });
  });

  it('reaches what waits for a linked signal that is held nowhere else', async () => {
    const source = new AbortController();
    const told = new Promise<void>((resolve) => void onAbort(linkSignals([source.signal]).signal, resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
    collect();
    source.abort();
    await told;
  });
});
