import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  Attach,
  CoreV1Api,
  Exec,
  Health,
  type KubeConfig,
  KubernetesObjectApi,
  Log,
  Metrics,
  makeInformer,
  PortForward,
  Watch,
} from '@kubernetes/client-node';
import type { Cluster } from 'ekspress';

export const PODS = '/api/v1/pods';

/** Something that makes requests with a token. */
export type Way<From> = (from: From) => Promise<unknown>;

function sink(): PassThrough {
  return new PassThrough().resume();
}

/** Starts an informer, and stops it when its list is answered. Watches are a way of their own. */
async function listed(
  api: CoreV1Api,
  make: (list: () => ReturnType<CoreV1Api['listPodForAllNamespaces']>) => ReturnType<Cluster['makeInformer']>,
): Promise<unknown> {
  const outcome = await new Promise((resolve) => {
    const informer = make(async () => {
      const list = api.listPodForAllNamespaces();
      await list.then(resolve, resolve);
      void informer.stop();
      return list;
    });
    informer.on('error', resolve);
    void informer.start().catch(resolve);
  });
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

function ended(watch: Watch): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown) => (error ? reject(error) : resolve(undefined));
    watch.watch(PODS, {}, () => {}, done).catch(reject);
  });
}

/** Every way out of a registered cluster. */
export const WAYS: Readonly<Record<string, Way<Cluster>>> = {
  'an API client': (cluster) => cluster.makeApiClient(CoreV1Api).listNamespace(),
  'a write': (cluster) => cluster.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: 'x' } } }),
  'a client of any objects': (cluster) => KubernetesObjectApi.makeApiClient(cluster.kubeConfig).list('v1', 'Pod'),
  'a proxied request': (cluster) =>
    cluster
      .makeApiClient(CoreV1Api)
      .connectGetNamespacedServiceProxyWithPath({ name: 'svc', namespace: 'ns', path: 'x' }),
  'a watch': (cluster) => ended(cluster.makeWatch()),
  'an informer': (cluster) => listed(cluster.makeApiClient(CoreV1Api), (list) => cluster.makeInformer(PODS, list)),
  exec: (cluster) => cluster.makeExec().exec('ns', 'pod', 'c', ['id'], sink(), null, null, false),
  attach: (cluster) => cluster.makeAttach().attach('ns', 'pod', 'c', sink(), null, null, false),
  'a port-forward': (cluster) => cluster.makePortForward().portForward('ns', 'pod', [80], sink(), null, sink()),
  cp: (cluster) => cluster.makeCp().cpFromPod('ns', 'pod', 'c', '/etc/hosts', join(tmpdir(), 'nowhere')),
  'a log': (cluster) => cluster.makeLog().log('ns', 'pod', 'c', sink()),
  metrics: (cluster) => cluster.makeMetrics().getNodeMetrics(),
  'a health check': (cluster) => cluster.makeHealth().readyz({}),
  fetch: (cluster) => cluster.fetch('/version'),
  'a fetch with a body': (cluster) => cluster.fetch(PODS, { method: 'POST', body: '{}' }),
};

/** Every way out of a KubeConfig of the caller's, by the classes of client-node. */
export const PLAIN_WAYS: Readonly<Record<string, Way<KubeConfig>>> = {
  'an API client': (kubeConfig) => kubeConfig.makeApiClient(CoreV1Api).listNamespace(),
  'a client of any objects': (kubeConfig) => KubernetesObjectApi.makeApiClient(kubeConfig).list('v1', 'Pod'),
  'a watch': (kubeConfig) => ended(new Watch(kubeConfig)),
  'an informer': (kubeConfig) =>
    listed(kubeConfig.makeApiClient(CoreV1Api), (list) => makeInformer(kubeConfig, PODS, list)),
  exec: (kubeConfig) => new Exec(kubeConfig).exec('ns', 'pod', 'c', 'id', sink(), null, null, false),
  attach: (kubeConfig) => new Attach(kubeConfig).attach('ns', 'pod', 'c', sink(), null, null, false),
  'a port-forward': (kubeConfig) => new PortForward(kubeConfig).portForward('ns', 'pod', [80], sink(), null, sink()),
  'a log': (kubeConfig) => new Log(kubeConfig).log('ns', 'pod', 'c', sink()),
  metrics: (kubeConfig) => new Metrics(kubeConfig).getNodeMetrics(),
  'a health check': (kubeConfig) => new Health(kubeConfig).readyz({}),
};
