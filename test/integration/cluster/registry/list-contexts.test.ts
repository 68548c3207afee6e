import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { attachEKSAuth, listContexts, parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { NOWHERE } from '../../../support/paths.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' };
const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
const TEXT = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'dev',
  contexts: [
    { name: 'dev', context: { cluster: 'dev', user: 'dev' } },
    { name: 'kind', context: { cluster: 'kind', user: 'kind' } },
    { name: 'broken', context: { cluster: 'gone', user: 'kind' } },
  ],
  clusters: [
    { name: 'dev', cluster: { server: 'https://dev.example' } },
    { name: 'kind', cluster: { server: 'https://kind.example' } },
  ],
  users: [
    { name: 'dev', user: { exec: { ...exec, args, interactiveMode: 'Never' } } },
    { name: 'kind', user: { token: 'fixed' } },
  ],
});

describe('listContexts', () => {
  it('lists the contexts of a text and of a file alike, with those that cannot be used', async () => {
    const path = join(temporaryFolder('home'), 'config');
    writeFileSync(path, TEXT);
    const listed = await listContexts(TEXT);
    expect(listed).toMatchObject([
      { name: 'dev', isCurrent: true, isEKS: true, server: 'https://dev.example' },
      { name: 'kind', isCurrent: false, isEKS: false, server: 'https://kind.example' },
      { name: 'broken', isEKS: false, problem: { code: 'INVALID_KUBECONFIG' } },
    ]);
    for (const place of [await listContexts(path), await listContexts(undefined, { env: { KUBECONFIG: path } })]) {
      expect(place.map(({ name, isEKS }) => [name, isEKS])).toEqual(listed.map(({ name, isEKS }) => [name, isEKS]));
    }
  });
});

describe('what holds something', () => {
  it('lets go of it at the end of a using block', async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(TEXT);
    const before = kubeConfig.getCurrentUser();
    const env = { HOME: NOWHERE, PATH: NOWHERE };
    {
      using attached = await attachEKSAuth(kubeConfig, { env });
      using tokens = new TokenManager(parseExecConfig({ command: 'aws', args }), { env });
      tokens.startAutoRefresh();
      expect(attached.eksAuth.clusterName).toBe('dev');
      expect(kubeConfig.getCurrentUser()).not.toBe(before);
    }
    expect(kubeConfig.getCurrentUser()).toBe(before);
  });
});
