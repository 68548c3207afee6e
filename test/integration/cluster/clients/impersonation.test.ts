import { PassThrough } from 'node:stream';
import { CoreV1Api, Exec, Watch } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { quickRegistry } from '../../../support/quick-registry.ts';
import { emptyList, frame, scriptedServer } from '../../../support/scripted-server.ts';

const AS = {
  as: 'auditor',
  'as-uid': 'u-1',
  'as-groups': ['readers', 'ops, on call', 'größe'],
  'as-user-extra': { 'example.com/reason': ['audit', 'review'] },
};
/** As client-go sends it: one line for each value, and bytes of UTF-8. */
const LINES = [
  'Impersonate-Extra-example.com%2Freason: audit',
  'Impersonate-Extra-example.com%2Freason: review',
  `Impersonate-Group: ${Buffer.from('größe').toString('latin1')}`,
  'Impersonate-Group: ops, on call',
  'Impersonate-Group: readers',
  'Impersonate-Uid: u-1',
  'Impersonate-User: auditor',
];

/** Each way in which a cluster's requests go out. */
const WAYS: Readonly<Record<string, (cluster: Cluster) => Promise<unknown>>> = {
  'an API client': (cluster) => cluster.makeApiClient(CoreV1Api).listNamespace(),
  'an API client that writes': (cluster) =>
    cluster.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: 'x' } } }),
  'a watch': (cluster) => new Promise((resolve) => void cluster.watch().watch('/api/v1/pods', {}, () => {}, resolve)),
  "client-node's own watch": ({ kubeConfig }) =>
    new Promise((resolve) => void new Watch(kubeConfig).watch('/api/v1/pods', {}, () => {}, resolve)),
  logs: (cluster) => cluster.makeLog().log('default', 'pod', 'c', new PassThrough()),
  metrics: (cluster) => cluster.makeMetrics().getPodMetrics('default'),
  health: (cluster) => cluster.makeHealth().readyz({}),
  exec: (cluster) => cluster.makeExec().exec('default', 'pod', 'c', ['id'], new PassThrough(), null, null, false),
  "client-node's own exec": ({ kubeConfig }) =>
    new Exec(kubeConfig).exec('default', 'pod', 'c', ['id'], new PassThrough(), null, null, false),
};

describe('impersonation of the kubeconfig', () => {
  it.each(Object.entries(WAYS))('is whole in %s', async (_way, call) => {
    await using server = await scriptedServer(
      (_request, response) => emptyList(response),
      (_request, socket, accept) => {
        accept();
        socket.write(frame(3, '{"metadata":{},"status":"Success"}'));
      },
    );
    await using registry = quickRegistry();
    const kubeconfig = JSON.parse(server.kubeconfig);
    Object.assign(kubeconfig.users[0].user, AS);
    const cluster = await registry.registerByString(JSON.stringify(kubeconfig), {
      trustedServers: [server.trusted],
      allow: ['impersonation'],
    });
    await call(cluster);
    await call(cluster);
    expect(server.seen.map(({ impersonation }) => impersonation)).toEqual([LINES, LINES]);
  });

  it('is refused for groups without a user, as in kubectl', async () => {
    await using server = await scriptedServer((_request, response) => emptyList(response));
    await using registry = quickRegistry();
    const kubeconfig = JSON.parse(server.kubeconfig);
    Object.assign(kubeconfig.users[0].user, { 'as-groups': ['system:masters'] });
    await expect(
      registry.registerByString(JSON.stringify(kubeconfig), { trustedServers: [server.trusted] }),
    ).rejects.toMatchObject({ code: 'INVALID_KUBECONFIG', message: expect.stringContaining('has no `as`') });
  });
});
