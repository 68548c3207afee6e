import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../../src/cache/identity/key.ts';
import { failureSeconds } from '../../../src/cache/rules.ts';
import { EKSAuthError, type EKSAuthErrorCode } from '../../../src/errors.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import { asked, facts, key, mint, oldFile, openCache, temporaryDirectory } from '../../support/test-cache.ts';

function failing(code: EKSAuthErrorCode = 'SESSION_EXPIRED', remedy = 'Log in again: `aws sso login`.') {
  return { error: new EKSAuthError(code, 'The session of "acme" is over.', { remedy }), seconds: 30 };
}

function world() {
  const home = temporaryDirectory();
  const directory = join(home, 'eks-tokens');
  const cache = openCache(directory);
  const credentials = oldFile(join(home, '.aws/credentials'));
  const watch = async () => {
    const watching = new Recorder({});
    await watching.look(credentials);
    return watching.finish();
  };
  return { directory, cache, credentials, watch, file: join(directory, `${key.fileName}.error`) };
}

describe('a failure that is remembered', () => {
  it('is one line of JSON with its class and the remedy, for its owner alone', async () => {
    const { cache, watch, file } = world();
    await cache.storeFailure(key, failing('SESSION_EXPIRED', 'Say "a\\b"\nand\u001b[31m more.'), await watch());
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      error: 'session_expired',
      message: "SESSION_EXPIRED: The session of 'acme' is over. Next: Say 'a\\b' and\\u{1b}[31m more.",
    });
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is known again, to the same identity and no other', async () => {
    const { cache, watch, file } = world();
    await cache.storeFailure(key, { ...failing(), asker: '7 11 kubectl' }, await watch());
    expect(await cache.readFailure(key, asked)).toEqual({
      askers: ['7 11 kubectl'],
      line: readFileSync(file, 'utf8'),
      failure: 'session_expired',
      message: "SESSION_EXPIRED: The session of 'acme' is over. Next: Log in again: `aws sso login`.",
    });
    const other = { ...cacheKey(facts({ env: { HOME: '/home/lee' } })), fileName: key.fileName };
    expect(await cache.readFailure(other, asked)).toBeUndefined();
  });

  it('is forgotten when a source changes', async () => {
    const { cache, watch, credentials } = world();
    await cache.storeFailure(key, failing(), await watch());
    oldFile(credentials, 'logged in', 60);
    expect(await cache.readFailure(key, asked)).toBeUndefined();
  });

  it('is forgotten when a token is stored', async () => {
    const { cache, watch, file } = world();
    await cache.storeFailure(key, failing(), await watch());
    await cache.store(key, mint(), await watch());
    expect(existsSync(file)).toBe(false);
  });

  it('names the processes that have failed, eight at most, and keeps those of the failure before', async () => {
    const { cache, watch } = world();
    for (const asker of [
      ...Array.from({ length: 9 }, (_, n) => `${n} 11 kubectl`),
      '8 11 kubectl',
      'a|b',
      'a"b',
      undefined,
    ])
      await cache.storeFailure(key, { ...failing(), asker }, await watch());
    const names = [8, 7, 6, 5, 4, 3, 2, 1].map((n) => `${n} 11 kubectl`);
    expect((await cache.readFailure(key, asked))?.askers).toEqual(names);
  });

  it('wears off', async () => {
    const { cache, watch, directory } = world();
    await cache.storeFailure(key, failing(), await watch());
    const later = openCache(directory, { now: () => new Date(Date.now() + 31_000) });
    expect(await later.readFailure(key, asked)).toBeUndefined();
  });

  it('is no failure where the file is cut off or of another kind', async () => {
    const { cache, watch, file } = world();
    await cache.storeFailure(key, failing(), await watch());
    const text = readFileSync(file, 'utf8');
    for (const damaged of [text.trimEnd(), text.slice(0, 40), text.replace('session_expired', 'no_idea'), '{}\n', '']) {
      writeFileSync(file, damaged);
      expect(await cache.readFailure(key, asked)).toBeUndefined();
    }
  });

  it.each<EKSAuthErrorCode>(['TIMEOUT', 'INVALID_CONFIG', 'EXEC_DENIED', 'TOKEN_REJECTED'])(
    'is not kept where it may be over at once, or no call waits for it: %s',
    async (code) => {
      const { cache, watch, file } = world();
      await cache.storeFailure(key, failing(code), await watch());
      expect(existsSync(file)).toBe(false);
    },
  );
});

describe('the time that failures are remembered', () => {
  it.each<[number, string | undefined, EKSAuthErrorCode]>([
    [30, undefined, 'SESSION_EXPIRED'],
    [5, undefined, 'NETWORK'],
    [10, '10', 'ACCESS_DENIED'],
    [5, '10', 'NETWORK'],
    [2, '2', 'NETWORK'],
    [0, '0', 'SESSION_EXPIRED'],
    [840, '99999', 'SESSION_EXPIRED'],
    [30, 'soon', 'SESSION_EXPIRED'],
  ])('is %d seconds with EKS_TOKEN_ERROR_TTL=%s for %s', (seconds, ttl, code) => {
    expect(failureSeconds({ EKS_TOKEN_ERROR_TTL: ttl }, code)).toBe(seconds);
  });

  it('is zero where that is turned off', async () => {
    const { cache, watch, file } = world();
    await cache.storeFailure(key, { ...failing(), seconds: 0 }, await watch());
    expect(existsSync(file)).toBe(false);
  });
});
