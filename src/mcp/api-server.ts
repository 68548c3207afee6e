import { type ClientNode, loadClientNode } from '../cluster/clients/client-node.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { ForeignText, forModel } from '../text/foreign-text.ts';

/** The identity that the API server sees. */
export interface SeenIdentity {
  readonly username: string;
  readonly groups: readonly string[];
  /** The ARN of the AWS identity, if the API server reports it. */
  readonly arn?: string;
  /** The clock of the API server when it answered, if it reports it. */
  readonly serverTime?: Date;
}

/** An action to check. */
export interface Action {
  readonly verb: string;
  readonly resource: string;
  readonly group?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The number of groups that are listed at most. */
const MAX_GROUPS = 50;

/** Gets the identity of this process from the API server (SelfSubjectReview). */
export async function whoAmI(cluster: Cluster, signal: AbortSignal): Promise<SeenIdentity> {
  const clientNode = await loadClientNode();
  const api = cluster.makeApiClient(clientNode.AuthenticationV1Api);
  const review = await api.createSelfSubjectReview({ body: {} }, endedBy(signal, clientNode));
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

/** An API server may answer with anything. */
function shownToModel(name: unknown): string {
  return forModel(new ForeignText(String(name)));
}

/** Checks whether an action is allowed (SelfSubjectAccessReview). */
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

/** Ends the request with the signal, so that cancelled calls do not hold connections. */
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
