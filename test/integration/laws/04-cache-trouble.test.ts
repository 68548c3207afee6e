import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getEKSToken, type Logger } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';

const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];

/** One token from the library, and one from the plugin; what the library said at debug. */
async function bothTokens(home: FakeHome): Promise<{ library: string; plugin: string; said: string[] }> {
  const said: string[] = [];
  const silent = () => undefined;
  const logger: Logger = {
    debug: (...words) => void said.push(words.join(' ')),
    info: silent,
    warn: silent,
    error: silent,
  };
  const { token } = await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env: home.env, logger });
  const { status, stdout, stderr } = await run([SCRIPT, ...WORDS], home.env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { library: token, plugin: JSON.parse(stdout).status.token, said };
}

const TOKEN = /^k8s-aws-v1\./;

// A full disk: test/faults/full-disk.test.ts.

describe('the authentication', () => {
  it.each([
    ['in a place where nothing can be made', (home: FakeHome) => ({ EKS_TOKEN_CACHE_DIR: '/proc/nowhere', home })],
    [
      'with a file in its place',
      (home: FakeHome) => ({ EKS_TOKEN_CACHE_DIR: join(home.directory, '.aws/credentials') }),
    ],
    ['with a device in its place', () => ({ EKS_TOKEN_CACHE_DIR: '/dev/full' })],
  ])('works with a cache %s, and a line at debug says why nothing is shared', async (_, variables) => {
    const home = new FakeHome().withStaticKeys();
    const { EKS_TOKEN_CACHE_DIR } = variables(home);
    Object.assign(home.env, { EKS_TOKEN_CACHE_DIR });
    const { library, plugin, said } = await bothTokens(home);
    expect(library).toMatch(TOKEN);
    expect(plugin).toMatch(TOKEN);
    expect(said.length).toBeGreaterThan(0);
  });

  it.each([
    ['that is cut off', (path: string) => writeFileSync(path, '{"kind":"ExecCre')],
    ['of another program', (path: string) => writeFileSync(path, `\u0000\u0001${'x'.repeat(9_000)}`)],
    [
      'that is a folder',
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('takes an entry %s for a miss', async (_, damage) => {
    const home = new FakeHome().withStaticKeys();
    await bothTokens(home);
    const entries = readdirSync(home.cacheDirectory).filter((name) => name.endsWith('.json'));
    expect(entries.length).toBeGreaterThan(0);
    for (const name of entries) damage(join(home.cacheDirectory, name));
    const { library, plugin } = await bothTokens(home);
    expect(library).toMatch(TOKEN);
    expect(plugin).toMatch(TOKEN);
  });
});
