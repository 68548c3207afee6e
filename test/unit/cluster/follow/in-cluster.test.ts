import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import type { Environment } from '../../../../src/host.ts';
import { kubeconfigText } from '../../../support/kubeconfig-text.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let home: string;
let account: string;
beforeEach(() => {
  home = temporaryFolder('pod');
  account = join(home, 'serviceaccount');
  mkdirSync(account);
  for (const [name, text] of Object.entries({ token: 'a token\n', 'ca.crt': 'a certificate\n', namespace: 'shop\n' })) {
    writeFileSync(join(account, name), text);
  }
});

const POD = { KUBERNETES_SERVICE_HOST: '10.100.0.1', KUBERNETES_SERVICE_PORT: '443' };

function inPod(env: Environment = {}): ClusterRegistry {
  return new ClusterRegistry({ env: { HOME: home, ...POD, ...env }, serviceAccountDirectory: account });
}

function write(path: string, text: string): string {
  mkdirSync(join(home, '.kube'), { recursive: true });
  writeFileSync(join(home, path), text);
  return join(home, path);
}

describe('A service in a pod', () => {
  it('registerInCluster uses the service account, with the names of client-node', async () => {
    const cluster = await inPod().registerInCluster();
    expect(cluster).toMatchObject({ id: 'inClusterContext', server: 'https://10.100.0.1:443', eksAuth: undefined });
    const { kubeConfig } = cluster;
    expect(kubeConfig.getCurrentCluster()).toMatchObject({ name: 'inCluster', caFile: join(account, 'ca.crt') });
    expect(kubeConfig.getContextObject('inClusterContext')).toMatchObject({ user: 'inClusterUser', namespace: 'shop' });
  });

  it('the id is the one of the caller', async () => {
    const registry = inPod();
    const cluster = await registry.registerInCluster({ id: 'home' });
    expect(registry.get('home')).toBe(cluster);
    await expect(registry.registerInCluster({ id: 'home' })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    expect(await registry.registerInCluster({ id: 'home', replace: true })).toBe(registry.get('home'));
  });

  it('an IPv6 address of the API server gets its brackets', async () => {
    const cluster = await inPod({ KUBERNETES_SERVICE_HOST: 'fd00:10:96::1' }).registerInCluster();
    expect(cluster.server).toBe('https://[fd00:10:96::1]:443');
  });

  it('the token goes over https, whatever the port', async () => {
    const cluster = await inPod({ KUBERNETES_SERVICE_PORT: '8080' }).registerInCluster();
    expect(cluster.server).toBe('https://10.100.0.1:8080');
  });

  it('strict defaults of the registry do not refuse its own service account', async () => {
    const registry = new ClusterRegistry({
      env: { HOME: home, ...POD },
      serviceAccountDirectory: account,
      execPolicy: 'eks-only',
      trustedServers: [],
      allow: [],
    });
    expect((await registry.registerInCluster()).server).toBe('https://10.100.0.1:443');
  });

  it.each([
    ['registerByPath()', (registry: ClusterRegistry) => registry.registerByPath()],
    ['registerAll()', async (registry: ClusterRegistry) => (await registry.registerAll()).registered[0]],
  ])('%s uses the service account where there is no kubeconfig', async (_title, register) => {
    expect(await register(inPod())).toMatchObject({ context: 'inClusterContext', server: 'https://10.100.0.1:443' });
  });

  it('registerByPath() prefers ~/.kube/config', async () => {
    write('.kube/config', kubeconfigText());
    expect((await inPod().registerByPath()).context).toBe('prod');
  });

  it.each([
    ['a path', (registry: ClusterRegistry) => registry.registerByPath(join(home, 'absent'))],
    ['registerEKSByPath()', (registry: ClusterRegistry) => registry.registerEKSByPath()],
  ])('%s never means the service account', async (_title, register) => {
    await expect(register(inPod())).rejects.toMatchObject({
      code: 'INVALID_KUBECONFIG',
      message: expect.stringContaining('There is no kubeconfig at'),
    });
  });

  it('a KUBECONFIG whose files do not exist never means the service account', async () => {
    const KUBECONFIG = [join(home, 'a'), join(home, 'b')].join(delimiter);
    await expect(inPod({ KUBECONFIG }).registerByPath()).rejects.toMatchObject({
      code: 'INVALID_KUBECONFIG',
      message: expect.stringContaining('None of these exist'),
    });
  });

  it('a pod without a token is told about automountServiceAccountToken', async () => {
    rmSync(join(account, 'token'));
    const remedy = expect.stringContaining('automountServiceAccountToken: true');
    const why = `there is no service account token at ${join(account, 'token')}`;
    await expect(inPod().registerByPath()).rejects.toMatchObject({
      code: 'INVALID_KUBECONFIG',
      message: `There is no kubeconfig at ${join(home, '.kube', 'config')}, and ${why}.`,
      remedy,
    });
    await expect(inPod().registerInCluster()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: `This process has no service account of a pod: ${why}.`,
      remedy,
    });
  });
});

describe('A process outside of a pod', () => {
  it('registerInCluster says which variable is missing', async () => {
    const registry = new ClusterRegistry({ env: { HOME: home }, serviceAccountDirectory: account });
    await expect(registry.registerInCluster()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'This process has no service account of a pod: KUBERNETES_SERVICE_HOST is not set.',
    });
  });

  it('registerByPath() says that there is no kubeconfig', async () => {
    const registry = new ClusterRegistry({ env: { HOME: home }, serviceAccountDirectory: account });
    await expect(registry.registerByPath()).rejects.toMatchObject({
      message: `There is no kubeconfig at ${join(home, '.kube', 'config')}.`,
    });
  });
});
