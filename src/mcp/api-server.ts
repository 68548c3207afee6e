import { loadClientNode } from '../cluster/clients/client-node.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { ForeignText, forModel, NOT_SHOWN } from '../text/foreign-text.ts';
import { endedBy } from './ended-by.ts';

/** The identity that the API server sees. */
export interface SeenIdentity {
  /** Absent if the API server does not tell it (Kubernetes before 1.28). */
  readonly username?: string;
  readonly groups: readonly string[];
  /** The ARN of the AWS identity, if the API server reports it. */
  readonly arn?: string;
  /** The clock of the API server when it answered, if it reports it. */
  readonly serverTime?: Date;
}

/** An action to check. */
export interface Action {
  readonly verb: string;
  /** A resource, with its subresource after a slash, or a path that begins with a slash. */
  readonly resource: string;
  readonly group?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The number of groups that are listed at most. */
const MAX_GROUPS = 50;

/**
 * Gets the identity of this process from the API server (SelfSubjectReview). An API server that does not have this resource
 * answers 404, or 403 to most identities. It is then asked what each identity may ask, so that a refused token still fails.
 */
export async function whoAmI(cluster: Cluster, signal: AbortSignal): Promise<SeenIdentity> {
  const clientNode = await loadClientNode();
  const api = cluster.makeApiClient(clientNode.AuthenticationV1Api);
  const options = endedBy(signal, clientNode);
  const review = await api.createSelfSubjectReview({ body: {} }, options).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 404 || error.code === 403)) return undefined;
    throw error;
  });
  if (review === undefined) {
    await mayI(cluster, { verb: 'get', resource: 'pods' }, signal);
    return { groups: [] };
  }
  const { username = '', groups = [], extra = {} } = review.status?.userInfo ?? {};
  const arn = (extra.canonicalArn ?? extra.arn)?.[0];
  const serverTime = review.metadata?.creationTimestamp;
  return {
    username: shownToModel(username),
    groups: groups.slice(0, MAX_GROUPS).map(shownToModel),
    ...(arn !== undefined && { arn: shownToModel(arn) }),
    ...(serverTime !== undefined && { serverTime: new Date(serverTime) }),
  };
}

const IAM_ARN = /^arn:aws(?:-[a-z]{2,6})*:(?:iam|sts)::\d{12}:(?:user|role|assumed-role|federated-user)\/\S{1,140}$/;
const MAX_NAME_WORDS = 5;
const MAX_NAME_CHARS = 64;

/**
 * An API server may answer with anything. An ARN of IAM and a short name are shown: even without blanks, many words can be a
 * sentence.
 */
function shownToModel(given: unknown): string {
  const name = String(given);
  const words = name.replace(/^system:/, '').match(/[A-Za-z]{2,}/g) ?? [];
  const isShort = name.length <= MAX_NAME_CHARS && words.length <= MAX_NAME_WORDS;
  return isShort || IAM_ARN.test(name) ? forModel(new ForeignText(name)) : NOT_SHOWN;
}

/** Checks whether an action is allowed (SelfSubjectAccessReview). */
export async function mayI(cluster: Cluster, action: Action, signal: AbortSignal): Promise<boolean> {
  const clientNode = await loadClientNode();
  const { verb, resource, group, namespace, name } = action;
  const [main = '', ...rest] = resource.split('/');
  const subresource = rest.join('/');
  const resourceAttributes = {
    verb,
    resource: main,
    ...(subresource !== '' && { subresource }),
    ...(group !== undefined && { group }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
  const isPath = resource.startsWith('/');
  const body = { spec: isPath ? { nonResourceAttributes: { verb, path: resource } } : { resourceAttributes } };
  const api = cluster.makeApiClient(clientNode.AuthorizationV1Api);
  const review = await api.createSelfSubjectAccessReview({ body }, endedBy(signal, clientNode));
  return review.status?.allowed === true;
}
