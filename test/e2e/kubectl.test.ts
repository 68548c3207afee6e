import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ClusterRegistry } from '../../src/index.ts';
import type { ApiServer } from '../setup/api-server.ts';
import { realKubectls } from '../support/kubectl.ts';
import { decisionsOf, nextSecond, tokenHash } from '../support/server-decisions.ts';

const plugin = fileURLToPath(new URL('../../bin/ekspress-exec', import.meta.url));
// Service and kubectl find the same `aws`, or none: which one is part of the identity.
const REAL_NODE = `${dirname(process.execPath)}:/usr/bin:/bin`;
const server = inject('apiServer');
const kubectls = realKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl');

describe.skipIf(!server).each(kubectls)('kubectl %s with the plugin', (kubectl) => {
  const original = join(server?.folder ?? '', 'kc', 'aws.yaml');
  let home: string;
  let applied: string;
  let started: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    await nextSecond();
    home = mkdtempSync(join(tmpdir(), 'ekspress-e2e-home-'));
    applied = join(home, 'applied.yaml');
    const stanza = readFileSync(original, 'utf8')
      .replace('command: aws', `command: ${plugin}`)
      .replace('args: [', 'args: [aws, ');
    writeFileSync(applied, stanza, { mode: 0o600 });
    // First on PATH: a node that says that it was started, and fails.
    started = join(home, 'started');
    const poisoned = join(home, 'poisoned');
    mkdirSync(poisoned);
    writeFileSync(join(poisoned, 'node'), `#!/bin/sh\necho node >> '${started}'\nexit 99\n`);
    chmodSync(join(poisoned, 'node'), 0o755);
    env = { HOME: home, PATH: `${poisoned}:/usr/bin:/bin`, KUBECONFIG: applied };
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** What a service does; it never talks to the API server, so whatever that is shown comes from kubectl. */
  async function tokenOfService(): Promise<string> {
    await using registry = new ClusterRegistry({ env: { HOME: home, PATH: REAL_NODE } });
    const cluster = await registry.registerEKSByPath(original);
    return (await cluster.getToken()).token;
  }

  const hashesShown = (from: number) =>
    decisionsOf(server as ApiServer)
      .slice(from)
      .map((line) => line.split('sha=')[1]);

  it('shows the server the very token that the library put in the cache, without Node', async () => {
    const token = await tokenOfService();
    const before = decisionsOf(server as ApiServer).length;
    const printed = execFileSync(kubectl, ['get', 'namespaces', '-o', 'name'], { env, encoding: 'utf8' });
    expect(printed).toContain('namespace/kube-system');
    expect(hashesShown(before)).toEqual([tokenHash(token)]);
    expect(existsSync(started) ? readFileSync(started, 'utf8') : 'nothing was started').toBe('nothing was started');
  });

  it('starts no other program on a hit', async (test) => {
    const log = join(home, 'strace');
    const traced = ['-f', '-qq', '-e', 'trace=execve', '-o', log];
    if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) test.skip('skipped: no strace');
    await tokenOfService();
    execFileSync('strace', [...traced, kubectl, 'get', 'namespaces', '-o', 'name'], { env, encoding: 'utf8' });
    // A call during which another thread was traced ends as unfinished here and is resumed on a line of its own.
    const calls = /execve\("([^"]+)".*( = 0|<unfinished \.\.\.>)$/gm;
    const programs = [...readFileSync(log, 'utf8').matchAll(calls)].map(([, path]) => path);
    expect(new Set(programs)).toEqual(new Set([kubectl, plugin]));
  });

  it('leaves what it minted itself to the service', async () => {
    // A miss needs Node, which is found where it really is.
    const before = decisionsOf(server as ApiServer).length;
    execFileSync(kubectl, ['get', 'namespaces', '-o', 'name'], { env: { ...env, PATH: REAL_NODE }, encoding: 'utf8' });
    await nextSecond();
    const token = await tokenOfService();
    expect(hashesShown(before)).toEqual([tokenHash(token)]);
  });
});
