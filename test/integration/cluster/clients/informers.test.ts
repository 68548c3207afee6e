import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { type LocalWorld, localWorld, until } from '../../../support/local-cluster.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, scriptedServer } from '../../../support/scripted-server.ts';

async function registerAdmin(world: LocalWorld): Promise<Cluster> {
  const path = await world.write('config', world.eks.kubeconfig({ profile: 'admin' }));
  return world.registry.registerByPath(path, { execPolicy: 'eks-only' });
}

/** An informer on config maps, with what its listeners have been told. */
function observed(cluster: Cluster) {
  const api = cluster.makeApiClient(CoreV1Api);
  const informer = cluster.makeInformer('/api/v1/namespaces/default/configmaps', () =>
    api.listNamespacedConfigMap({ namespace: 'default' }),
  );
  const added: string[] = [];
  const errors: { code?: unknown }[] = [];
  informer.on('add', ({ metadata }) => added.push(metadata?.name ?? ''));
  informer.on('error', (error) => errors.push(error));
  const create = (name: string) =>
    api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name } } });
  return { informer, added, errors, create };
}

describe('an informer', () => {
  it('outlives refused credentials, and sees every object once when they are back', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registerAdmin(world);
    const failures: { error: unknown; retryInMs: number | undefined }[] = [];
    registry.on('watchFailed', ({ error, retryInMs }) => failures.push({ error, retryInMs }));
    const { informer, added, errors, create } = observed(cluster);
    await informer.start();
    await create('before');
    await until(() => added.includes('before'));

    const { admin } = eks.identities;
    eks.revoke(admin.accessKeyId);
    eks.closeWatches();
    await until(() => errors.length >= 2);
    expect(errors[0]).toMatchObject({ code: 'TOKEN_REJECTED' });
    expect(failures[0]?.error).toBe(errors[0]);
    expect(failures[0]?.retryInMs).toBeGreaterThanOrEqual(0);
    expect(failures[0]?.retryInMs).toSatisfy(Number.isInteger);
    eks.restore(admin.accessKeyId);
    await create('after');
    await until(() => added.includes('after'));
    expect(added.filter((name) => name === 'before' || name === 'after')).toEqual(['before', 'after']);
    await informer.stop();
  });

  it('outlives lost credentials, and an API server that is gone for a while', async () => {
    await using world = await localWorld();
    const { eks, home } = world;
    const cluster = await registerAdmin(world);
    const { informer, added, errors, create } = observed(cluster);
    const { admin } = eks.identities;
    await informer.start();
    await rm(join(home, '.aws', 'credentials'));
    await cluster.tokenManager?.invalidate((await cluster.getToken()).token);
    eks.closeWatches();
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ name: 'EKSAuthError' });
    const keys = `aws_access_key_id = ${admin.accessKeyId}\naws_secret_access_key = ${admin.secretAccessKey}\n`;
    await writeFile(join(home, '.aws', 'credentials'), `[admin]\n${keys}`);
    await until(() => errors.length > 0 && eks.closeWatches() > 0);
    eks.dropConnections();
    // A write fails over a connection that the server is closing at this moment.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await create('after');
    await until(() => added.includes('after'));
    await informer.stop();
  });

  it('ignores start() while it runs', async () => {
    await using world = await localWorld();
    const cluster = await registerAdmin(world);
    const { informer, added, create } = observed(cluster);
    await informer.start();
    await informer.start();
    await create('one');
    await until(() => added.includes('one'));
    expect(world.eks.closeWatches()).toBe(1);
    await informer.stop();
  });

  it('reports no end that was asked for, and can be started again', async () => {
    await using world = await localWorld();
    const { informer, added, errors, create } = observed(await registerAdmin(world));
    await informer.start();
    await until(() => world.eks.requests.some(({ path }) => path.includes('watch=true')));
    await informer.stop();
    await until(() => world.eks.closeWatches() === 0);
    await create('meanwhile');
    await informer.start();
    await until(() => added.includes('meanwhile'));
    expect(errors).toEqual([]);
    await informer.stop();
  });

  it.each(['close', 'unregister'] as const)(
    'stops without an error when its cluster ends by %s, and tries no more',
    async (way) => {
      await using world = await localWorld();
      const cluster = await registerAdmin(world);
      const { informer, errors } = observed(cluster);
      let failures = 0;
      world.registry.on('watchFailed', () => {
        failures += 1;
      });
      await informer.start();
      await until(() => world.eks.requests.length > 1);
      const listing = observed(cluster);
      const started = listing.informer.start();
      await world.registry[way](cluster.id);
      await started;
      const { length } = world.eks.requests;
      await new Promise((resolve) => setTimeout(resolve, 50));
      // It was asked for, so a service that counts failures sees none.
      expect([errors, listing.errors, failures, world.eks.requests.length]).toEqual([[], [], 0, length]);
      await informer.start();
      const why = way === 'close' ? 'The registry of cluster' : 'has been unregistered';
      expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining(why) })]);
    },
  );

  it('reports no failed watch where its cluster is unregistered during a pause', async () => {
    await using world = await localWorld();
    const cluster = await registerAdmin(world);
    const { informer, errors } = observed(cluster);
    const failures: unknown[] = [];
    world.registry.on('watchFailed', ({ error }) => failures.push(error));
    world.eks.revoke(world.eks.identities.admin.accessKeyId);
    await informer.start();
    await until(() => failures.length === 1);
    await world.registry.unregister(cluster.id);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(errors).toEqual(failures);
  });

  it('does not run in circles where a server ends every watch at once', async () => {
    await using server = await scriptedServer(({ path }, response) => {
      if (!path.includes('watch')) return emptyList(response);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end();
    });
    await using registry = quickRegistry();
    const { informer } = observed(await register(registry, server));
    await informer.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await informer.stop();
    // Without pauses there would be hundreds.
    expect(server.seen.length).toBeLessThan(30);
  });
});
