// @ts-check
// The clusters of an Argo CD as a source of clusters: a registry that follows it has the clusters that Argo CD has, each
// with the identity that its Secret names.
import { setTimeout } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';

const LABEL = 'argocd.argoproj.io/secret-type=cluster';
const PAGE = 100;

/** The region in an endpoint of EKS: `https://ABC.gr7.eu-west-1.eks.amazonaws.com`, for IPv6 `https://0123.eks-cluster.eu-west-1.api.aws`. */
const ENDPOINT = /\.([a-z0-9-]+)\.eks\.(?:amazonaws|c2s|sc2s|csp|cloud)\.|\.eks-cluster\.([a-z0-9-]+)\.api\./;

/**
 * @param {import('ekspress').Cluster} cluster - the cluster in which Argo CD runs
 * @param {{ namespace?: string, region?: string, everyMs?: number }} [options] - `region`: for servers whose address has none
 * @returns {import('ekspress').ClusterSource}
 */
export function argoCDClusters(cluster, { namespace = 'argocd', region, everyMs = 60_000 } = {}) {
  return {
    async *lists({ signal, failed }) {
      while (!signal.aborted) {
        // Without a list the registry keeps its clusters.
        const secrets = await readAll(cluster, namespace).catch((error) => failed(`Secrets of ${namespace}`, error));
        if (secrets) yield secrets.flatMap((secret) => descriptionOf(secret, region) ?? []);
        await setTimeout(everyMs, undefined, { signal, ref: false });
      }
    },
  };
}

/**
 * @param {import('ekspress').Cluster} cluster
 * @param {string} namespace
 */
async function readAll(cluster, namespace) {
  const api = cluster.makeApiClient(CoreV1Api);
  const secrets = [];
  /** @type {string | undefined} */
  let next;
  do {
    const page = { limit: PAGE, ...(next && { _continue: next }) };
    const list = await api.listNamespacedSecret({ namespace, labelSelector: LABEL, ...page });
    secrets.push(...list.items);
    next = list.metadata?._continue;
  } while (next);
  return secrets;
}

/**
 * The cluster of a Secret. Argo CD authenticates to other clusters than those with `awsAuthConfig` in other ways.
 * @param {import('@kubernetes/client-node').V1Secret} secret
 * @param {string | undefined} regionOfOthers
 * @returns {import('ekspress').ClusterDescription | undefined}
 */
function descriptionOf({ data = {} }, regionOfOthers) {
  const { server, config } = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
  );
  if (server === undefined || config === undefined) return undefined;
  const { awsAuthConfig, tlsClientConfig } = JSON.parse(config);
  const [, byName, byCluster] = ENDPOINT.exec(server) ?? [];
  const region = byName ?? byCluster ?? regionOfOthers;
  if (!awsAuthConfig?.clusterName || !tlsClientConfig?.caData || region === undefined) return undefined;
  const { clusterName, roleARN, profile } = awsAuthConfig;
  return {
    id: server,
    cluster: { clusterName },
    region,
    ...(roleARN && { roleArn: roleARN }),
    ...(profile && { profile }),
    server,
    certificateAuthorityData: tlsClientConfig.caData,
  };
}
