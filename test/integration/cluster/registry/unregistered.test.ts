import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it, vi } from 'vitest';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { until } from '../../../support/local-cluster.ts';
import { quickRegistry } from '../../../support/quick-registry.ts';
import { emptyList, type ScriptedServer, scriptedServer } from '../../../support/scripted-server.ts';

/** A pod that talks without end, and a list of nothing. */
function server(): Promise<ScriptedServer> {
  return scriptedServer(
    ({ path }, response) => {
      if (!path.includes('watch=') && !path.includes('/log')) return emptyList(response);
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
    },
    (_request, _socket, accept) => accept(),
  );
}

/** The same server for a user of EKS and for one with a fixed token. */
async function clusters(api: ScriptedServer) {
  const registry = quickRegistry();
  const config = JSON.parse(api.kubeconfig);
  config.users[0].user = { token: 'fixed' };
  const trust = { trustedServers: [api.trusted] };
  const eks = await registry.registerByString(api.kubeconfig, { id: 'eks', ...trust });
  const standard = await registry.registerByString(JSON.stringify(config), { id: 'standard', ...trust });
  return { registry, all: [eks, standard] };
}

/** Clients are made before the end, and called after it. */
function heldClients(cluster: Cluster): Record<string, () => Promise<unknown>> {
  const core = cluster.makeApiClient(CoreV1Api);
  const [logs, exec, attach, cp, metrics, health, watch] = [
    cluster.makeLog(),
    cluster.makeExec(),
    cluster.makeAttach(),
    cluster.makeCp(),
    cluster.makeMetrics(),
    cluster.makeHealth(),
    cluster.watch(),
  ];
  const forward = cluster.makePortForward();
  const out = () => new PassThrough();
  return {
    list: () => core.listNamespace(),
    logs: () => logs.log('default', 'pod', 'c', out()),
    exec: () => exec.exec('default', 'pod', 'c', ['id'], out(), null, null, false),
    attach: () => attach.attach('default', 'pod', 'c', out(), null, null, false),
    'port forwarding': () => forward.portForward('default', 'pod', [80], out(), null, out()),
    copies: () => cp.cpFromPod('default', 'pod', 'c', '/etc/hosts', '/tmp'),
    metrics: () => metrics.getPodMetrics('default'),
    health: () => health.readyz({}),
    watch: () => new Promise((_resolve, reject) => void watch.watch('/api/v1/pods', {}, () => {}, reject)),
  };
}

describe('a cluster that was unregistered', () => {
  it('ends each call of a client that is still held, and connects to no server, however its user authenticates', async () => {
    await using api = await server();
    const { registry, all } = await clusters(api);
    const held = all.map((cluster) => ({ id: cluster.id, clients: heldClients(cluster) }));
    for (const { clients } of held) await clients.list?.();
    await registry.close();
    const before = api.connections;
    for (const { id, clients } of held) {
      for (const [name, call] of Object.entries(clients)) {
        await expect(call(), `${id}: ${name}`).rejects.toMatchObject({
          code: 'INVALID_CONFIG',
          message: `The registry of cluster "${id}" is closed; the cluster provides no tokens and makes no connections.`,
          remedy: expect.stringMatching(/^Make a new ClusterRegistry, /),
        });
      }
    }
    expect(api.connections).toBe(before);
  });

  it('has no client to begin with', async () => {
    await using api = await server();
    const { registry, all } = await clusters(api);
    await registry.close();
    for (const cluster of all) {
      await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    }
    expect(api.seen).toEqual([]);
  });

  it('ends what was open: watches with the reason, informers without an error, logs, commands, ports', async () => {
    await using api = await server();
    const { registry, all } = await clusters(api);
    for (const cluster of all) {
      const watched = new Promise((resolve) => void cluster.watch().watch('/api/v1/pods', {}, () => {}, resolve));
      const list = () => cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces();
      const informer = cluster.makeInformer('/api/v1/pods', list);
      const errors: unknown[] = [];
      informer.on('error', (error) => errors.push(error));
      await informer.start();
      const logged = new PassThrough().on('error', () => {});
      const logs = once(logged, 'close').catch(() => undefined);
      await cluster.makeLog().log('default', 'pod', 'c', logged, { follow: true });
      const exec = await cluster.makeExec().exec('default', 'pod', 'c', ['id'], new PassThrough(), null, null, false);
      const forward = cluster.makePortForward();
      const port = await forward.portForward('default', 'pod', [80], new PassThrough(), null, new PassThrough());
      if (typeof port === 'function') throw new Error('a socket was expected');
      const closed = [exec, port].map((socket) => new Promise((resolve) => socket.addEventListener('close', resolve)));
      await until(() => api.seen.some(({ path }) => path.includes('watch=')));
      await registry.unregister(cluster.id);
      await Promise.all([logs, ...closed]);
      const reason = { code: 'INVALID_CONFIG', message: expect.stringContaining('has been unregistered') };
      expect(await watched).toMatchObject(reason);
      expect(errors).toEqual([]);
    }
    while ((await api.openConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('hands out no token, and refreshes none', async () => {
    await using api = await server();
    const { registry, all } = await clusters(api);
    const tokens = all[0]?.tokenManager;
    await tokens?.getValidToken();
    await registry.close();
    const unregistered = expect.stringMatching(/^The registry of cluster .* is closed/);
    await expect(tokens?.getValidToken()).rejects.toMatchObject({ message: unregistered });
    await expect(tokens?.refreshToken()).rejects.toMatchObject({ message: unregistered });
    await expect(all[0]?.getToken()).rejects.toMatchObject({ message: unregistered });
    const timers = vi.spyOn(globalThis, 'setInterval');
    tokens?.startAutoRefresh();
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
    expect(tokens?.status()).toMatchObject({ state: 'empty', refreshing: false });
  });
});
