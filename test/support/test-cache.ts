import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { StoredMint } from '../../src/cache/entry/shared-token.ts';
import { type CacheKey, cacheKey, type IdentityFacts } from '../../src/cache/identity/key.ts';
import type { TokenCacheOptions } from '../../src/cache/store/cache-requests.ts';
import { TokenCache } from '../../src/cache/store/token-cache.ts';
import type { Logger } from '../../src/host.ts';

/** A directory of its own, gone after the test. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'ekspress-cache-')));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A file that has been there for an hour, in a folder in which nothing has changed for as long. */
export function oldFile(path: string, text = 'text\n', ageSeconds = 3600): string {
  const seconds = Math.floor(Date.now() / 1000) - ageSeconds + 0.123;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  for (const aged of [path, dirname(path)]) utimesSync(aged, seconds, seconds);
  return path;
}

export function facts(overrides: Partial<IdentityFacts> = {}): IdentityFacts {
  return { tool: 'aws', cluster: 'dev', region: 'us-east-1', env: { HOME: '/home/kim' }, ...overrides };
}

export const key: CacheKey = cacheKey(facts());

/** Collects what the cache says at debug. */
export function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const say = (...words: unknown[]): void => void lines.push(words.map(String).join(' '));
  return { logger: { debug: say, info: say, warn: say, error: say }, lines };
}

export function openCache(directory: string, options: Partial<TokenCacheOptions> = {}): TokenCache {
  return new TokenCache({ directory, now: () => new Date(), logger: recorder().logger, ...options });
}

/** A token that was signed `agoSeconds` ago and that clients are told to use for 14 minutes. */
export function mint(overrides: Partial<StoredMint> = {}, agoSeconds = 0): StoredMint {
  const at = Math.floor(Date.now() / 1000) - agoSeconds;
  return {
    token: 'k8s-aws-v1.aHR0cHM6Ly9zdHM',
    mintedAt: new Date(at * 1000),
    expiresAt: new Date((at + 840) * 1000),
    unattended: true,
    ...overrides,
  };
}

export const asked = { command: 'aws', marginSeconds: 60, env: {} };
