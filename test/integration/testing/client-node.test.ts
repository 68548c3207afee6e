import { EventEmitter, once } from 'node:events';
import {
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../../src/testing/index.ts';
import { signToken } from '../../support/sign-token.ts';

let eks: LocalEKS;

beforeEach(async () => {
  eks = await startLocalEKS();
});

afterEach(async () => {
  await eks.close();
});

/** A KubeConfig with a token of its own in place of the exec stanza. */
function kubeConfigOf(name: 'admin' | 'reader', token = signToken(eks.identities[name])): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(eks.kubeconfig());
  kubeConfig.users = kubeConfig.users.map((user) => ({ name: user.name, token }));
  return kubeConfig;
}

function apiOf(name: 'admin' | 'reader'): CoreV1Api {
  return kubeConfigOf(name).makeApiClient(CoreV1Api);
}

function pod(name: string): V1Pod {
  return { metadata: { name, labels: { app: 'mine' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } };
}

describe('the local cluster under @kubernetes/client-node', () => {
  it('lets an admin list, create, read, replace, patch and delete', async () => {
    const api = apiOf('admin');
    await api.createNamespace({ body: { metadata: { name: 'mine' } } });
    expect((await api.listNamespace()).items.map(({ metadata }) => metadata?.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
      'mine',
    ]);

    const created = await api.createNamespacedConfigMap({
      namespace: 'mine',
      body: { metadata: { name: 'settings' }, data: { a: '1' } },
    });
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const replaced = await api.replaceNamespacedConfigMap({
      namespace: 'mine',
      name: 'settings',
      body: { ...created, data: { a: '2' } },
    });
    expect(replaced.data).toEqual({ a: '2' });
    expect(replaced.metadata?.uid).toBe(created.metadata?.uid);
    const patched = await api.patchNamespacedConfigMap(
      { namespace: 'mine', name: 'settings', body: { data: { b: '3' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.data).toEqual({ a: '2', b: '3' });
    const body = [{ op: 'remove', path: '/data/a' }];
    await api.patchNamespacedConfigMap({ namespace: 'mine', name: 'settings', body });
    expect((await api.readNamespacedConfigMap({ namespace: 'mine', name: 'settings' })).data).toEqual({ b: '3' });

    await api.createNamespacedPod({ namespace: 'mine', body: pod('one') });
    expect((await api.listPodForAllNamespaces({ labelSelector: 'app=mine' })).items).toHaveLength(1);
    await api.deleteNamespacedPod({ namespace: 'mine', name: 'one' });
    expect((await api.listNamespacedPod({ namespace: 'mine' })).items).toEqual([]);
    await api.deleteNamespace({ name: 'mine' });
    await expect(api.readNamespacedConfigMap({ namespace: 'mine', name: 'settings' })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('lets a reader see and not change', async () => {
    const api = apiOf('reader');
    expect((await api.listNamespacedPod({ namespace: 'kube-system' })).items.length).toBeGreaterThan(2);
    const refusal = await api
      .createNamespace({ body: { metadata: { name: 'mine' } } })
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 403 });
    expect(JSON.parse((refusal as { body: string }).body)).toMatchObject({ kind: 'Status', reason: 'Forbidden' });
    expect(eks.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces',
      status: 403,
      username: eks.identities.reader.arn,
    });
  });

  it('answers 401 to a token that stops being accepted, and takes it again when its key is back', async () => {
    const api = apiOf('admin');
    eks.revoke(eks.identities.admin.accessKeyId);
    await expect(api.listNamespace()).rejects.toMatchObject({ code: 401 });
    expect(eks.reviews.at(-1)).toMatchObject({ accepted: false, reason: 'UNKNOWN_ACCESS_KEY' });
    eks.restore(eks.identities.admin.accessKeyId);
    expect((await api.listNamespace()).items).not.toEqual([]);
  });

  it('shows what happens in a watch, from the version it starts at, until it is closed', async () => {
    const api = apiOf('admin');
    const before = await api.listNamespacedPod({ namespace: 'default' });
    await api.createNamespacedPod({ namespace: 'default', body: pod('missed') });
    const events: string[] = [];
    const [ended, deleted] = [new EventEmitter(), new EventEmitter()];
    const [hasEnded, isDeleted] = [once(ended, 'now'), once(deleted, 'now')];
    await new Watch(kubeConfigOf('reader')).watch(
      '/api/v1/namespaces/default/pods',
      { resourceVersion: before.metadata?.resourceVersion ?? '' },
      (type: string, object: V1Pod) => {
        events.push(`${type} ${object.metadata?.name}`);
        if (type === 'DELETED') deleted.emit('now');
      },
      () => ended.emit('now'),
    );
    await api.createNamespacedPod({ namespace: 'kube-system', body: pod('elsewhere') });
    await api.patchNamespacedPod({
      namespace: 'default',
      name: 'missed',
      body: [{ op: 'add', path: '/metadata/annotations', value: { seen: 'yes' } }],
    });
    await api.deleteNamespacedPod({ namespace: 'default', name: 'missed' });
    await isDeleted;
    expect(events).toEqual(['ADDED missed', 'MODIFIED missed', 'DELETED missed']);
    expect(eks.closeWatches()).toBe(1);
    await hasEnded;
  });

  it('keeps the picture of an informer through closed watches and dropped connections', async () => {
    const api = apiOf('admin');
    const kubeConfig = kubeConfigOf('reader');
    const reader = kubeConfig.makeApiClient(CoreV1Api);
    const informer = makeInformer(kubeConfig, '/api/v1/namespaces/default/pods', () =>
      reader.listNamespacedPod({ namespace: 'default' }),
    );
    const added = (name: string) =>
      new Promise<void>((resolve) => {
        informer.on('add', (object) => object.metadata?.name === name && resolve());
      });
    informer.on('error', () => void informer.start());
    await informer.start();
    for (const [name, disturb] of [
      ['first', () => 0],
      ['second', eks.closeWatches],
      ['third', eks.dropConnections],
    ] as const) {
      const seen = added(name);
      disturb();
      await api.createNamespacedPod({ namespace: 'default', body: pod(name) });
      await seen;
    }
    expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(
      expect.arrayContaining(['first', 'second', 'third']),
    );
    await informer.stop();
  });
});
