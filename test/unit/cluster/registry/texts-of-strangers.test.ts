import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { CA, kubeconfigText, SERVER } from '../../../support/kubeconfig-text.ts';

const ARN = 'arn:aws:eks:us-west-2:123456789012:cluster/prod';
const trustedServers = [{ server: SERVER, certificateAuthorityData: CA }];

let registry: ClusterRegistry;
beforeEach(() => {
  registry = new ClusterRegistry({ env: { HOME: '/nowhere' }, cache: false });
});
afterEach(() => registry.close());

describe('registerAllByString', () => {
  it.each(['/etc/passwd', '~/.kube/config', './team.yaml'])(
    'reads no file in the place of a text: %s',
    async (path) => {
      await expect(registry.registerAllByString(path)).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        message: `"${path}" is a path, not the text of a kubeconfig.`,
      });
    },
  );

  it('registers the EKS users of a text alone where it is asked to, so that no other user chooses a server', async () => {
    const text = `${kubeconfigText()}  - {name: token, user: {token: abc}}\n`.replace(
      'contexts:\n',
      'contexts:\n  - {name: other, context: {cluster: inside, user: token}}\n',
    );
    const both = text.replace('clusters:\n', 'clusters:\n  - {name: inside, cluster: {server: "https://10.0.0.1"}}\n');
    const { registered, failed } = await registry.registerAllByString(both, { trustedServers, eksOnly: true });
    expect(registered.map(({ id }) => id)).toEqual([ARN]);
    expect(failed.map(({ context, error }) => [context, error.code])).toEqual([['other', 'NOT_EKS']]);
  });
});

describe('the id of a cluster from a text', () => {
  const posing = kubeconfigText({ user: 'token: abc', server: 'https://10.6.6.6' });

  it('is no ARN that only a name in the text claims', async () => {
    const cluster = await registry.registerByString(posing);
    expect(cluster.id).toBe('prod');
    expect((await registry.registerByString(kubeconfigText(), { trustedServers })).id).toBe(ARN);
  });

  it('cannot be the ARN of a cluster of another user by the name of the context', async () => {
    const named = posing
      .replaceAll('name: prod', `name: ${ARN}`)
      .replace('current-context: prod', `current-context: ${ARN}`);
    await expect(registry.registerByString(named)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: `context "${ARN}" in the kubeconfig string has the ARN of an EKS cluster as its name, and its user is not one of that cluster.`,
      remedy: 'Rename the context, or register it alone with an { id } of your own.',
    });
    expect((await registry.registerByString(named, { id: 'mine' })).id).toBe('mine');
  });
});
