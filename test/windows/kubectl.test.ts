import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../src/testing/index.ts';
import { noteSkipped } from '../support/optional-programs.ts';
import { Machine, one } from '../support/windows-machine.ts';
import { onWindows, type WindowsProgram, windowsPath } from '../support/wine.ts';

const kubectl = process.env.EKSPRESS_TEST_WINDOWS_KUBECTL ?? '';
if (kubectl === '') noteSkipped('no kubectl for Windows');

describe.runIf(kubectl !== '')('kubectl.exe with the plugin of ekspress', () => {
  let machine: Machine;
  let eks: LocalEKS;
  beforeAll(async () => {
    machine = new Machine();
    eks = await startLocalEKS();
    await eks.writeAWSFiles(machine.home, { region: eks.region });
    machine.write(eks.kubeconfig({ command: 'aws', profile: 'admin' }));
  });
  afterAll(() => eks.close());

  const get = (what: string): WindowsProgram => ({
    program: windowsPath(kubectl),
    args: ['get', what, '-o', 'name'],
    env: { ...machine.env, KUBECONFIG: windowsPath(machine.kubeconfig) },
  });

  it('lists what the identity of the profile may list, on a miss and on a hit', async () => {
    const [applied, miss, hit] = await onWindows([
      machine.ekspress('apply', '--all', '--yes', '--preview'),
      get('namespaces'),
      get('namespaces'),
    ]);
    expect(applied, applied?.stderr).toMatchObject({ status: 0 });
    expect(miss, miss?.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('namespace/kube-system') });
    expect(hit).toEqual(miss);
  });

  it('hits without the package, and says what runs where the token has gone too', async () => {
    rmSync(join(machine.root, 'npm'), { recursive: true });
    const hit = await one(get('namespaces'));
    expect(hit, hit.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('namespace/kube-system') });
    machine.forget();
    const { status, stderr } = await one(get('namespaces'));
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/aws\.exe: bad option/) });
  });
});
