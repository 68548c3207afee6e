import { ClusterRegistry, listContexts, parseEKSConfig } from 'ekspress';
import { describe, expect, it } from 'vitest';

/** A kubeconfig whose contexts share one cluster and one user. */
function sharing(contexts: number, { args = 6, authority = 1_500 } = {}): string {
  const words = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', ...Array(args).fill('--debug')];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    contexts: Array.from({ length: contexts }, (_, index) => ({
      name: `c${index}`,
      context: { cluster: 'c', user: 'u' },
    })),
    clusters: [
      { name: 'c', cluster: { server: 'https://a.example', 'certificate-authority-data': 'a'.repeat(authority) } },
    ],
    users: [
      {
        name: 'u',
        user: { exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws', args: words } },
      },
    ],
  });
}

describe('contexts that share a cluster and a user', () => {
  it.each([
    ['a long command', sharing(2_500, { args: 36_000 })],
    ['a long certificate', sharing(2_500, { authority: 500_000 })],
  ])('are refused where they repeat %s more often than a text may cost', async (_what, text) => {
    const refused = {
      code: 'INVALID_KUBECONFIG',
      message: expect.stringMatching(
        /has 2500 contexts that share long clusters or users: they repeat more than 32 MiB\.$/,
      ),
    };
    await expect(listContexts(text)).rejects.toMatchObject(refused);
    await using registry = new ClusterRegistry({ env: {} });
    await expect(registry.registerAllByString(text)).rejects.toMatchObject(refused);
    expect(() => parseEKSConfig(text, { context: 'c0' })).toThrow(expect.objectContaining(refused));
  });

  it('are read where their command and certificate are as long as those of AWS', async () => {
    expect(await listContexts(sharing(5_000))).toHaveLength(5_000);
  });
});
