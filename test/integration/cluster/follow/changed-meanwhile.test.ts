import { execFile } from 'node:child_process';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startLocalEKS } from '../../../../src/testing/index.ts';
import { localWorld } from '../../../support/local-cluster.ts';
import { expectOwnWords } from '../../../support/own-words.ts';

/** Runs a script in a process of its own. */
async function runAlone(script: string, env: Readonly<Record<string, string>>): Promise<{ stdout: string }> {
  const ran = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  expectOwnWords(ran.stderr);
  return ran;
}

describe('a kubeconfig that is replaced at a bad moment', () => {
  it('moves a watch that is connecting: it does not stay where it was', async () => {
    await using world = await localWorld({ cache: false });
    const { eks, home, registry } = world;
    await using next = await startLocalEKS();
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = eks.identities.admin;
    const keys = JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey });
    const program = `#!/bin/sh\nwhile [ -e '${home}/hold' ]; do /bin/sleep 0.05; done\necho '${keys}'\n`;
    await chmod(await world.write('keys', program), 0o755);
    await world.write('.aws/config', `[profile held]\ncredential_process = ${home}/keys\n`);
    await world.write('hold', '');
    const path = await world.write('config', eks.kubeconfig({ profile: 'held' }));
    const cluster = await registry.registerByPath(path, { id: 'mine' });
    const ended = new Promise((resolve) => {
      void cluster.watch().watch('/api/v1/namespaces', {}, () => {}, resolve);
    });
    await world.write('config', next.kubeconfig({ profile: 'held' }));
    while (cluster.server !== next.server) {
      cluster.getToken().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await rm(join(home, 'hold'));
    await ended;
    expect([eks.requests.length, cluster.server]).toEqual([1, next.server]);
  });

  it('fails the only call of a process just after it, and the process learns of it', async () => {
    await using world = await localWorld();
    const { eks, env } = world;
    const path = await world.write('config', eks.kubeconfig({ profile: 'gone' }));
    const script = `
      import { appendFileSync } from 'node:fs';
      import { ClusterRegistry } from 'ekspress';
      const cluster = await new ClusterRegistry({ cache: false }).registerByPath(${JSON.stringify(path)});
      appendFileSync(${JSON.stringify(path)}, '# changed');
      await cluster.getToken().catch(({ code }) => console.log(code));`;
    expect((await runAlone(script, env)).stdout).toBe('PROFILE_NOT_FOUND\n');
  });
});
