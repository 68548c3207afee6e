// @ts-check
// The EKS clusters of a Backstage catalog as a source of clusters: a registry that follows it has the clusters that
// Backstage has, each with the role and the external id of its annotations.
import { setTimeout } from 'node:timers/promises';
import { ASSUME_ROLE, CLUSTER_NAME, EXTERNAL_ID, regionOf } from './eks-auth-strategy.mjs';

const SERVER = 'kubernetes.io/api-server';
const AUTHORITY = 'kubernetes.io/api-server-certificate-authority';
const FILTER = 'kind=resource,spec.type=kubernetes-cluster,metadata.annotations.kubernetes.io/auth-provider=aws';
const PAGE = 100;

/** @typedef {{ metadata: { name: string, annotations?: Record<string, string> } }} Entity */

/**
 * @param {string} backstage - the URL of the backend
 * @param {{ token?: string, region?: string, everyMs?: number }} [options] - `token`: of an external service that may read
 * the catalog; `region`: for servers whose address has none
 * @returns {import('ekspress').ClusterSource}
 */
export function backstageClusters(backstage, { token, region, everyMs = 60_000 } = {}) {
  return {
    async *lists({ signal }) {
      while (!signal.aborted) {
        // If this throws, the registry keeps its clusters and begins again later.
        const entities = await readAll(new URL('/api/catalog/entities/by-query', backstage), token, signal);
        yield entities.flatMap((entity) => descriptionOf(entity, region) ?? []);
        await setTimeout(everyMs, undefined, { signal, ref: false });
      }
    },
  };
}

/**
 * @param {URL} url
 * @param {string | undefined} token
 * @param {AbortSignal} signal
 */
async function readAll(url, token, signal) {
  /** @type {Entity[]} */
  const entities = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    // The first page has the filter, and the cursor of the others contains it.
    const query = cursor === undefined ? { filter: FILTER } : { cursor };
    url.search = `${new URLSearchParams({ ...query, limit: `${PAGE}` })}`;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(url, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]) });
    if (!response.ok) throw new Error(`The catalog of Backstage answers ${response.status}.`);
    /** @type {{ items: Entity[], pageInfo?: { nextCursor?: string } }} */
    const page = JSON.parse(await response.text());
    entities.push(...page.items);
    cursor = page.pageInfo?.nextCursor;
  } while (cursor !== undefined);
  return entities;
}

/**
 * @param {Entity} entity
 * @param {string | undefined} region
 * @returns {import('ekspress').ClusterDescription | undefined}
 */
function descriptionOf({ metadata: { name, annotations = {} } }, region) {
  const { [SERVER]: server, [AUTHORITY]: certificateAuthorityData } = annotations;
  if (server === undefined || certificateAuthorityData === undefined) return undefined;
  const { [ASSUME_ROLE]: roleArn, [EXTERNAL_ID]: externalId } = annotations;
  return {
    id: server,
    cluster: { clusterName: annotations[CLUSTER_NAME] ?? name },
    region: region ?? regionOf(name, server),
    ...(roleArn && { roleArn }),
    ...(roleArn && externalId && { externalId }),
    server,
    certificateAuthorityData,
  };
}
