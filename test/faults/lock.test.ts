import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../support/fake-aws-home.ts';
import { optionalProgram } from '../support/optional-programs.ts';

const CHILD = fileURLToPath(new URL('../support/one-token-program.mjs', import.meta.url));
/** Of the identity that the child asks for. */
const LOCK = 'dev_us-east-1_default.json.lock';

const strace = optionalProgram('strace') ?? '';

/** One token in a process of its own. */
function oneToken(home: FakeHome, wrapper: readonly string[] = []) {
  const [command = '', ...args] = [...wrapper, process.execPath, CHILD, 'dev', 'us-east-1', 'default'];
  return spawnSync(command, args, { env: home.env, encoding: 'utf8' });
}

describe('a lock whose holder is killed', () => {
  // By the name of the lock or through its handle; and wherever else the first such call is.
  const moments = [
    ['openat', true],
    ['write', true],
    ['link', true],
    ['link', false],
    ['rename', false],
    ['unlink', false],
  ] as const;

  it.skipIf(!strace)('names its owner at whatever moment that happens, and no process waits for it', () => {
    let left = 0;
    for (const [call, ofTheLock] of moments) {
      const home = new FakeHome().withStaticKeys();
      mkdirSync(home.cacheDirectory, { recursive: true, mode: 0o700 });
      const lock = join(home.cacheDirectory, LOCK);
      const kill = [`--inject=${call}:signal=KILL:when=1`, `--trace=${call}`, ...(ofTheLock ? ['-P', lock] : [])];
      const { signal } = oneToken(home, [strace, '-f', '-qq', '-o', '/dev/null', ...kill]);
      for (const name of readdirSync(home.cacheDirectory).filter((one) => one.includes('.lock'))) {
        const owner = readFileSync(join(home.cacheDirectory, name), 'latin1');
        expect(owner, `${name} after ${call}`).toMatch(/^[0-9a-f]{16} \d+ \S+ \S+ \S+\n$/);
        left += 1;
      }
      if (signal === null) expect(existsSync(lock), `${call} ${ofTheLock} killed nobody`).toBe(false);
      expect(oneToken(home)).toMatchObject({ status: 0, stderr: '' });
    }
    // Some of the kills came while the lock was held.
    expect(left).toBeGreaterThan(0);
  });

  it.skipIf(!strace)('works without hard links in the file system', () => {
    const home = new FakeHome().withStaticKeys();
    const inject = ['--inject=link:error=EPERM', '--inject=rename:signal=KILL:when=1', '--trace=link,rename'];
    oneToken(home, [strace, '-f', '-qq', '-o', '/dev/null', ...inject]);
    expect(readFileSync(join(home.cacheDirectory, LOCK), 'latin1')).toMatch(/^[0-9a-f]{16} \d+ /);
    expect(readdirSync(home.cacheDirectory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
