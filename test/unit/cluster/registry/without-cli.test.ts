import { ClusterRegistry } from 'ekspress';
import { expect, it } from 'vitest';
import { NOWHERE } from '../../../support/paths.ts';

const SERVER = 'https://ABC.gr7.us-west-2.eks.amazonaws.com';

function kubeconfig(command: string, region: readonly string[]): string {
  const args = [...region, 'eks', 'get-token', '--cluster-name', 'foo'];
  const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command, args };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'e',
    clusters: [{ name: 'k', cluster: { server: SERVER } }],
    contexts: [{ name: 'e', context: { cluster: 'k', user: 'e' } }],
    users: [{ name: 'e', user: { exec } }],
  });
}

it.each([
  ['a region that old releases do not know', {}, ['--region', 'eusc-de-east-1'], 'sts.eusc-de-east-1.amazonaws.eu'],
  ['AWS_REGION alone', { AWS_REGION: 'eu-west-1' }, [], 'sts.eu-west-1.amazonaws.com'],
  [
    'legacy endpoints',
    { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' },
    ['--region', 'us-west-2'],
    'sts.us-west-2.amazonaws.com',
  ],
])('A kubeconfig as text gets the token of v2 where no aws is installed: %s', async (_, more, region, host) => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'sEXAMPLEKEY' };
  const env = { HOME: '/nonexistent', PATH: NOWHERE, ...keys, ...more };
  await using registry = new ClusterRegistry({ env, cache: false, trustedServers: [SERVER] });
  for (const command of ['aws', '/net/stranger/aws']) {
    const cluster = await registry.registerEKSByString(kubeconfig(command, region), { id: command });
    const { token } = await cluster.getToken();
    expect(new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString()).host).toBe(host);
  }
});
