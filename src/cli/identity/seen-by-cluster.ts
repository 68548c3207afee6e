import type { Environment } from '../../host.ts';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import { askAPIServer } from './ask-api-server.ts';

/** The identity of a token, as an API server sees it. */
export interface SeenByCluster {
  /** The status of the answer. 401: the server does not know the identity. */
  readonly status: number;
  /** Absent if the server is older than 1.28: it knows the identity, but does not tell its name. */
  readonly username?: string | undefined;
  readonly groups: readonly string[];
}

const REVIEW = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
/** For servers before 1.28. It tells whether the server knows the identity, but not its name. */
const ACCESS = {
  kind: 'SelfSubjectAccessReview',
  apiVersion: 'authorization.k8s.io/v1',
  spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
};

/** Asks an API server for the identity of a token. @throws EKSAuthError, or the error of the connection */
export async function seenByCluster(
  cluster: ClusterEntry,
  env: Environment,
  { token, signal }: { readonly token: string; readonly signal: AbortSignal },
): Promise<SeenByCluster> {
  const call = { token, signal };
  const path = 'apis/authentication.k8s.io/v1/selfsubjectreviews';
  const first = await askAPIServer(cluster, env, { ...call, path, body: REVIEW });
  // A server without the resource answers 403 to identities that may not create everything.
  if (first.status === 404 || first.status === 403) {
    const access = 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const { status } = await askAPIServer(cluster, env, { ...call, path: access, body: ACCESS });
    return { status, groups: [] };
  }
  if (first.status >= 300) return { status: first.status, groups: [] };
  const { username, groups } = JSON.parse(first.body).status?.userInfo ?? {};
  return {
    status: first.status,
    ...(typeof username === 'string' && { username }),
    groups: Array.isArray(groups) ? groups.map(String) : [],
  };
}
