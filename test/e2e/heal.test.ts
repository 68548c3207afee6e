import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Cluster, ClusterRegistry } from '../../src/index.ts';
import { killAPIServer } from '../support/restart-api-server.ts';
import { nextSecond } from '../support/server-decisions.ts';

const server = inject('apiServer');
const NAMESPACE = 'healing';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

/** An informer, and every event that it has told of: `+name`, `-name`. */
function observe(cluster: Cluster) {
  const api = cluster.makeApiClient(CoreV1Api);
  const informer = cluster.makeInformer(PATH, () => api.listNamespacedConfigMap({ namespace: NAMESPACE }));
  const seen: string[] = [];
  const errors: { code?: unknown }[] = [];
  informer.on('add', ({ metadata }) => seen.push(`+${metadata?.name}`));
  informer.on('delete', ({ metadata }) => seen.push(`-${metadata?.name}`));
  informer.on('error', (error) => errors.push(error));
  return { informer, seen, errors };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

describe.skipIf(!server)('a service on a real API server that refuses or drops it', () => {
  const apiServer = server ?? { folder: '', cluster: '' };
  const keys = join(apiServer.folder, 'creds.json');
  const kubeconfig = (name: string) => join(apiServer.folder, 'kc', name);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  let home: string;
  let registry: ClusterRegistry;
  let admin: Cluster;
  let operator: CoreV1Api;
  let kept: string;

  beforeAll(async () => {
    process.on('unhandledRejection', note);
    home = mkdtempSync(join(tmpdir(), 'ekspress-heal-'));
    kept = readFileSync(keys, 'utf8');
    registry = new ClusterRegistry({ env: { HOME: home } });
    // Somebody else, whose token is a fixed one.
    operator = (await registry.registerByPath(kubeconfig('static.yaml'), { id: 'operator' })).makeApiClient(CoreV1Api);
    admin = await registry.registerEKSByPath(kubeconfig('aws.yaml'));
    await operator.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    if (!server) return;
    writeFileSync(keys, kept);
    await registry.close();
    rmSync(home, { recursive: true, force: true });
  });

  const create = (name: string) =>
    operator.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { name } } });
  const revoke = () => {
    const { AKIAIOSFODNN7EXAMPLE: _, ...others } = JSON.parse(kept);
    writeFileSync(keys, JSON.stringify(others));
  };
  /** The API server believes a token that it has seen for ten seconds: one that it has not is judged now. */
  const freshToken = async () => {
    await nextSecond();
    await admin.tokenManager?.refreshToken();
  };

  it('reports which identity was refused and where that is looked up, and heals by itself when the key is back', async () => {
    const api = admin.makeApiClient(CoreV1Api);
    await api.listNamespace();
    revoke();
    await freshToken();
    await expect(api.listNamespace()).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
      message: expect.stringContaining('AKIAIOSFODNN7EXAMPLE'),
      remedy: expect.stringMatching(/aws eks list-access-entries --cluster-name dev .*aws-auth/s),
    });
    writeFileSync(keys, kept);
    await until(() =>
      api.listNamespace().then(
        () => true,
        () => false,
      ),
    );
  });

  it('has its informer back after a revoked key and a restarted API server: nothing is lost, nothing comes twice', async () => {
    const { informer, seen, errors } = observe(admin);
    await create('before');
    await create('deleted-meanwhile');
    await informer.start();
    await until(() => seen.length >= 2);

    revoke();
    await freshToken();
    const restart = await killAPIServer(apiServer);
    await until(() => errors.length > 0);
    restart();
    const ready = async () => (await operator.listNamespace().catch(() => undefined)) !== undefined;
    await until(ready);
    await operator.deleteNamespacedConfigMap({ namespace: NAMESPACE, name: 'deleted-meanwhile' });
    await create('meanwhile');
    await until(() => errors.some(({ code }) => code === 'TOKEN_REJECTED'));
    expect(seen).not.toContain('+meanwhile');
    writeFileSync(keys, kept);
    await until(() => seen.includes('+meanwhile') && seen.includes('-deleted-meanwhile'));
    await create('after');
    await until(() => seen.includes('+after'));

    const names = seen.filter((event) => !event.includes('kube-root-ca'));
    const once = ['+before', '+deleted-meanwhile', '+meanwhile', '-deleted-meanwhile', '+after'];
    expect([...names].sort()).toEqual([...once].sort());
    await informer.stop();
    expect(unhandled).toEqual([]);
    // It comes back by itself, after a pause that may be half a minute by then.
  }, 150_000);
});
