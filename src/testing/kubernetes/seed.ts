import type { JSONObject } from './objects.ts';
import { type ResourceType, resourceType } from './resource-types.ts';
import type { ObjectStore } from './store.ts';

/** A pod to begin with: running, all containers ready. */
interface SeededPod {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly image: string;
  readonly node: 1 | 2;
}

const EKS_IMAGES = '602401143452.dkr.ecr.us-east-1.amazonaws.com/eks';
const NODES = { 1: 'ip-10-0-1-24.ec2.internal', 2: 'ip-10-0-2-113.ec2.internal' } as const;

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const PODS: readonly SeededPod[] = [
  { namespace: 'default', name: 'web-6d4b75cb6d-2xq7v', app: 'web', image: 'public.ecr.aws/nginx/nginx:1.29', node: 1 },
  { namespace: 'default', name: 'web-6d4b75cb6d-hc9lz', app: 'web', image: 'public.ecr.aws/nginx/nginx:1.29', node: 2 },
  {
    namespace: 'kube-system',
    name: 'aws-node-4kzvw',
    app: 'aws-node',
    image: `${EKS_IMAGES}/amazon-k8s-cni:v1.20.4`,
    node: 1,
  },
  {
    namespace: 'kube-system',
    name: 'aws-node-x8d2n',
    app: 'aws-node',
    image: `${EKS_IMAGES}/amazon-k8s-cni:v1.20.4`,
    node: 2,
  },
  {
    namespace: 'kube-system',
    name: 'coredns-7bf648ff5d-6sl4t',
    app: 'kube-dns',
    image: `${EKS_IMAGES}/coredns:v1.12.1`,
    node: 1,
  },
  {
    namespace: 'kube-system',
    name: 'kube-proxy-mx5qr',
    app: 'kube-proxy',
    image: `${EKS_IMAGES}/kube-proxy:v1.33.5`,
    node: 1,
  },
];

/** Fills a new cluster with what an EKS cluster with two nodes has, and an application. */
export function seedCluster(store: ObjectStore, now: Date): void {
  const [namespaces, pods, configMaps] = ['namespaces', 'pods', 'configmaps'].map(resourceType) as [
    ResourceType,
    ResourceType,
    ResourceType,
  ];
  for (const name of NAMESPACES) store.create(namespaces, undefined, name, namespaces.defaults({}, name));
  for (const [index, pod] of PODS.entries()) store.create(pods, pod.namespace, pod.name, podContent(pod, index, now));
  store.create(configMaps, 'kube-system', 'aws-auth', { data: { mapRoles: '', mapUsers: '' } });
  store.create(configMaps, 'kube-system', 'coredns', {
    data: { Corefile: '.:53 {\n    kubernetes cluster.local\n}\n' },
  });
}

function podContent({ app, image, node }: SeededPod, index: number, now: Date): JSONObject {
  const ready = {
    started: true,
    ready: true,
    restartCount: 0,
    image,
    imageID: '',
    state: { running: { startedAt: iso(now) } },
  };
  return {
    metadata: { labels: { 'k8s-app': app } },
    spec: {
      nodeName: NODES[node],
      restartPolicy: 'Always',
      containers: [{ name: app, image }],
    },
    status: {
      phase: 'Running',
      podIP: `10.0.${node}.${40 + index}`,
      startTime: iso(now),
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: iso(now) }],
      containerStatuses: [{ name: app, ...ready }],
    },
  };
}

function iso(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
