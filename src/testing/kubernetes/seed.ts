import type { JSONObject } from './objects.ts';
import { type ResourceType, resourceType } from './resource-types.ts';
import { type ObjectStore, timestamp } from './store.ts';

/** A pod of a new cluster. It is running and all its containers are ready. */
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

const DAY_MS = 86_400_000;

/**
 * Fills a new cluster with the objects of an EKS cluster that is twelve days old, with two nodes and a younger
 * application.
 */
export function seedCluster(store: ObjectStore, now: Date): void {
  const [namespaces, pods, configMaps] = ['namespaces', 'pods', 'configmaps'].map(resourceType) as [
    ResourceType,
    ResourceType,
    ResourceType,
  ];
  const aged = { creationTimestamp: timestamp(new Date(now.getTime() - 12 * DAY_MS)) };
  for (const name of NAMESPACES) {
    store.create(namespaces, undefined, name, namespaces.defaults({ metadata: aged }, name));
  }
  for (const [index, pod] of PODS.entries()) {
    const born = new Date(now.getTime() - (pod.namespace === 'default' ? 2 : 12) * DAY_MS);
    store.create(pods, pod.namespace, pod.name, podContent(pod, index, timestamp(born)));
  }
  store.create(configMaps, 'kube-system', 'aws-auth', { metadata: aged, data: { mapRoles: '', mapUsers: '' } });
  const Corefile = '.:53 {\n    kubernetes cluster.local\n}\n';
  store.create(configMaps, 'kube-system', 'coredns', { metadata: aged, data: { Corefile } });
}

function podContent({ app, image, node }: SeededPod, index: number, born: string): JSONObject {
  const ready = {
    started: true,
    ready: true,
    restartCount: 0,
    image,
    imageID: '',
    state: { running: { startedAt: born } },
  };
  return {
    metadata: { creationTimestamp: born, labels: { 'k8s-app': app } },
    spec: {
      nodeName: NODES[node],
      restartPolicy: 'Always',
      containers: [{ name: app, image }],
    },
    status: {
      phase: 'Running',
      podIP: `10.0.${node}.${40 + index}`,
      startTime: born,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: born }],
      containerStatuses: [{ name: app, ...ready }],
    },
  };
}
