import type { Cluster } from '../../cluster/clients/cluster.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { askServer, fieldOf, RefusedByServer, textsOf } from './ask-server.ts';

/** The identity that the API server sees, in its words. */
export interface SeenIdentity {
  /** Name and groups are absent if the API server does not tell them (Kubernetes before 1.28). */
  readonly username?: ForeignText;
  readonly groups?: readonly ForeignText[];
  /** The ARN of the AWS identity, if the API server reports it. */
  readonly arn?: ForeignText;
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
  const body = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const review = await askServer(cluster, path, { body, signal }).catch((error: unknown) => {
    if (error instanceof RefusedByServer && (error.code === 404 || error.code === 403)) return undefined;
    throw error;
  });
  if (review === undefined) {
    let date: string | null = null;
    const onHeaders = (headers: Headers): void => {
      date = headers.get('date');
    };
    await mayI(cluster, { verb: 'get', resource: 'pods' }, signal, onHeaders);
    return timeIn(date);
  }
  const user = fieldOf(fieldOf(review, 'status'), 'userInfo');
  const [username = ''] = textsOf([fieldOf(user, 'username')]);
  const extra = fieldOf(user, 'extra');
  const [arn] = [...textsOf(fieldOf(extra, 'canonicalArn')), ...textsOf(fieldOf(extra, 'arn'))];
  return {
    username: new ForeignText(username),
    groups: textsOf(fieldOf(user, 'groups'))
      .slice(0, MAX_GROUPS)
      .map((group) => new ForeignText(group)),
    ...(arn !== undefined && { arn: new ForeignText(arn) }),
    ...timeIn(fieldOf(fieldOf(review, 'metadata'), 'creationTimestamp')),
  };
}

/** A time in the words of the server, if it is one. */
function timeIn(words: unknown): Pick<SeenIdentity, 'serverTime'> {
  const serverTime = new Date(typeof words === 'string' ? words : Number.NaN);
  return Number.isNaN(serverTime.getTime()) ? {} : { serverTime };
}

/** The answer of an API server to whether an action is allowed. */
export interface Review {
  readonly allowed: boolean;
  /** Whether the API server could evaluate all that decides. Its own words for the reason are not read. */
  readonly complete: boolean;
}

/** Checks whether an action is allowed (SelfSubjectAccessReview). */
export async function mayI(
  cluster: Cluster,
  action: Action,
  signal: AbortSignal,
  onHeaders?: (headers: Headers) => void,
): Promise<Review> {
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
  const spec = isPath ? { nonResourceAttributes: { verb, path: resource } } : { resourceAttributes };
  const body = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const review = await askServer(cluster, path, { body, signal, ...(onHeaders && { onHeaders }) });
  const status = fieldOf(review, 'status');
  const [problem = ''] = textsOf([fieldOf(status, 'evaluationError')]);
  return { allowed: fieldOf(status, 'allowed') === true, complete: problem === '' };
}
