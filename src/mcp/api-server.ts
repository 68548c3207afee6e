import { type ClientNode, loadClientNode } from '../cluster/client-node.ts';
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
export async function whoAmI(cluster: Cluster, signal: AbortSignal): Promise<SeenIdentity> {
  const clientNode = await loadClientNode();
  const api = cluster.makeApiClient(clientNode.AuthenticationV1Api);
  const review = await api.createSelfSubjectReview({ body: {} }, endedBy(signal, clientNode));
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
export async function mayI(cluster: Cluster, action: Action, signal: AbortSignal): Promise<boolean> {
  const clientNode = await loadClientNode();
  const { verb, resource, group, namespace, name } = action;
  const resourceAttributes = {
    verb,
    resource,
    ...(group !== undefined && { group }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
  const body = { spec: { resourceAttributes } };
  const api = cluster.makeApiClient(clientNode.AuthorizationV1Api);
  const review = await api.createSelfSubjectAccessReview({ body }, endedBy(signal, clientNode));
  return review.status?.allowed === true;
}

type CallOptions = NonNullable<
  Parameters<InstanceType<ClientNode['AuthenticationV1Api']>['createSelfSubjectReview']>[1]
>;

/** A request that nobody waits for any more holds no connection: whoever cancels often could use them up. */
function endedBy(signal: AbortSignal, { Observable }: ClientNode): CallOptions {
  return {
    middleware: [
      {
        pre(request) {
          request.setSignal(signal);
          return new Observable(Promise.resolve(request));
        },
        post: (response) => new Observable(Promise.resolve(response)),
      },
    ],
    middlewareMergeStrategy: 'append',
  };
}
