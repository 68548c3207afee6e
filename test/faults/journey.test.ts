import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../src/testing/index.ts';
import { type ManagerHome, makeHome } from '../support/cli-home.ts';
import { realKubectls, speaksV1 } from '../support/kubectl.ts';
import { noteSkipped } from '../support/optional-programs.ts';
import { expectOwnWords, isDebugged } from '../support/own-words.ts';
import { NOWHERE, PATH } from '../support/paths.ts';
import { withValues } from '../support/sh.ts';

const kubectl = realKubectls().at(-1);
if (kubectl !== undefined && !speaksV1(kubectl)) noteSkipped('no kubectl that knows client.authentication.k8s.io/v1');

let eks: LocalEKS;
let home: ManagerHome;

beforeEach(async () => {
  eks = await startLocalEKS();
  home = makeHome();
  await eks.writeAWSFiles(home.path, { region: eks.region });
});
afterEach(async () => {
  home.remove();
  await eks.close();
});

const get = async (env: Record<string, string> = {}) => {
  const options = { env: { ...home.env, EKS_TOKEN_DEBUG: '1', ...env } };
  const ran = await promisify(execFile)(kubectl ?? '', ['get', 'namespaces', '-o', 'name'], options);
  expectOwnWords(ran.stderr, isDebugged(options.env));
  return ran;
};

const stateOf = async () => {
  const { stdout } = await home.run('status', '-o', 'json');
  return JSON.parse(stdout).contexts[0];
};

describe.skipIf(!kubectl)('a kubeconfig as the AWS CLI writes it', () => {
  it('goes through apply, kubectl, a rewrite and apply again, back to the first byte', async () => {
    const written = eks.kubeconfig();
    home.write(written);
    expect(await stateOf()).toMatchObject({ state: 'not-applied', token: { state: 'none' }, cluster: eks.clusterName });
    expect((await home.run('apply-all', '--yes')).code).toBe(0);
    expect(await stateOf()).toMatchObject({ state: 'applied', token: { state: 'none' } });

    const first = await get();
    expect(first.stdout).toContain('namespace/kube-system');
    expect(first.stderr).toContain('miss: no entry');
    expect(await stateOf()).toMatchObject({ state: 'applied', token: { state: 'valid', source: 'in-process' } });
    const second = await get();
    expect(second.stderr).toContain('[DEBUG] hit:');
    expect(second.stderr).not.toContain('miss');
    expect((await home.run('status', '--check')).code).toBe(0);

    // What `aws eks update-kubeconfig` does to a user that it knows: the whole entry is replaced.
    home.write(written);
    expect(await stateOf()).toMatchObject({ state: 'drifted', reason: 'the kubeconfig says aws again' });
    const check = await home.run('status', '--check');
    expect([check.code, check.stdout]).toEqual([1, expect.stringContaining('drifted')]);
    expect((await home.run('apply', '--all', '--yes')).code).toBe(0);
    expect((await get()).stderr).toContain('[DEBUG] hit:');
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(written);
    expect(await stateOf()).toMatchObject({ state: 'not-applied' });
  });

  it('works with kubectl when the package and the cache are gone, and when only the one-liner of the hint is left', async () => {
    const tools = join(home.path, 'tools');
    mkdirSync(tools);
    const credential = JSON.stringify({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      spec: {},
      status: { token: await tokenOf() },
    });
    writeFileSync(join(tools, 'aws'), `#!/bin/sh\necho aws >> ${home.path}/ran\necho '${credential}'\n`, {
      mode: 0o755,
    });
    home.write(eks.kubeconfig());
    await home.runWith({ PATH: `${tools}:${home.env.PATH}` }, 'apply', '--all', '--yes');
    const script = readFileSync(home.script, 'utf8');
    writeFileSync(home.script, withValues(script, { ekspress_package: NOWHERE }));
    rmSync(join(home.path, '.kube', 'cache'), { recursive: true, force: true });
    // A program started from a desktop: the script knows where the original command lies.
    expect((await get({ PATH })).stdout).toContain('namespace/kube-system');

    const hint = /mkdir -p \S+ && ln -sf \/usr\/bin\/env \S+ekspress-exec/.exec(home.read())?.[0] ?? 'false';
    rmSync(join(home.path, '.kube', 'ekspress'), { recursive: true });
    // kubectl itself shows the hint for commands without a path only: it is found in the kubeconfig.
    await expect(get({ PATH: `${tools}:${PATH}` })).rejects.toThrow('ekspress-exec: no such file');
    expect(spawnSync('sh', ['-c', hint], { env: home.env }).status).toBe(0);
    expect((await get({ PATH: `${tools}:${PATH}` })).stdout).toContain('namespace/kube-system');
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(eks.kubeconfig());
  });

  it('serves machines with and without ekspress in its portable form', async () => {
    home.write(eks.kubeconfig());
    await home.run('apply', '--all', '--yes', '--portable');
    await get();
    expect((await get()).stderr).toContain('[DEBUG] hit:');
    const other = makeHome();
    try {
      const tools = join(other.path, 'tools');
      mkdirSync(tools);
      const credential = JSON.stringify({
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        spec: {},
        status: { token: await tokenOf() },
      });
      writeFileSync(join(tools, 'aws'), `#!/bin/sh\necho '${credential}'\n`, { mode: 0o755 });
      symlinkSync(home.kubeconfig, other.kubeconfig);
      const got = await get({ HOME: other.path, PATH: `${tools}:${PATH}` });
      expect(got.stdout).toContain('namespace/kube-system');
      expect(readdirSync(join(other.path, '.kube'))).not.toContain('ekspress');
    } finally {
      other.remove();
    }
  });

  it.skipIf(!speaksV1(kubectl ?? ''))('gets the interactiveMode that kubectl asks for in v1 stanzas', async () => {
    const text = eks.kubeconfig().replace('client.authentication.k8s.io/v1beta1', 'client.authentication.k8s.io/v1');
    home.write(text);
    await expect(get()).rejects.toMatchObject({ stderr: expect.stringContaining('interactiveMode') });
    await home.run('apply', '--all', '--yes');
    expect((await get()).stdout).toContain('namespace/kube-system');
    await home.run('revert', '--all', '--yes');
    expect(home.read()).toBe(text);
  });
});

async function tokenOf(): Promise<string> {
  const { stdout } = await home.run('token', '--raw', eks.clusterName, eks.region);
  return stdout.trim();
}
