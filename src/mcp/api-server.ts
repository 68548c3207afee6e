import { loadClientNode } from '../cluster/client-node.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { printable } from './safe-text.ts';

/** Whom the API server sees. */
export interface SeenIdentity {
  readonly username: string;
  readonly groups: readonly string[];
  /** The ARN that AWS told the API server, where it passes it on. */
  readonly arn?: string;
  /** The clock of the API server when it answered, where it says so. */
  readonly serverTime?: Date;
}

/** One action that might be allowed. */
export interface Action {
  readonly verb: string;
  readonly resource: string;
  readonly group?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Groups of somebody are listed up to this number. */
const MAX_GROUPS = 50;

/** Asks the API server who we are (SelfSubjectReview). */
export async function whoAmI(cluster: Cluster): Promise<SeenIdentity> {
  const { AuthenticationV1Api } = await loadClientNode();
  const review = await cluster.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
  const { username = '', groups = [], extra = {} } = review.status?.userInfo ?? {};
  const arn = (extra.canonicalArn ?? extra.arn)?.[0];
  const serverTime = review.metadata?.creationTimestamp;
  return {
    username: printable(username),
    groups: groups.slice(0, MAX_GROUPS).map(printable),
    ...(arn !== undefined && { arn: printable(arn) }),
    ...(serverTime !== undefined && { serverTime: new Date(serverTime) }),
  };
}

/** Asks the API server whether we may do something (SelfSubjectAccessReview). */
export async function mayI(cluster: Cluster, action: Action): Promise<boolean> {
  const { AuthorizationV1Api } = await loadClientNode();
  const { verb, resource, group, namespace, name } = action;
  const resourceAttributes = {
    verb,
    resource,
    ...(group !== undefined && { group }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
  const review = await cluster
    .makeApiClient(AuthorizationV1Api)
    .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
  return review.status?.allowed === true;
}
