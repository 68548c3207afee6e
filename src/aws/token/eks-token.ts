import { EKSAuthError } from '../../errors.ts';
import { checkOptions } from '../../options/check-options.ts';
import type { Schema } from '../../options/checks.ts';
import { configOfCluster } from '../stanza/config-of-cluster.ts';
import type { ClusterIdentity } from '../stanza/stanza.ts';
import { IDENTITY_SCHEMA } from '../stanza/stanza-schemas.ts';
import type { TokenRequestOptions } from './auth-provider.ts';
import type { Token } from './token.ts';
import { TokenManager } from './token-manager.ts';
import type { TokenManagerOptions } from './token-provider.ts';
import { TOKEN_MANAGER_SCHEMA, TOKEN_REQUEST_SCHEMA } from './token-schemas.ts';

/** The input of {@link getEKSToken}: the cluster, and the parts of the identity that differ from the defaults. */
export type EKSTokenRequest = ClusterIdentity & TokenManagerOptions & TokenRequestOptions;

const EKS_TOKEN_SCHEMA: Schema<EKSTokenRequest> = {
  ...IDENTITY_SCHEMA,
  ...TOKEN_MANAGER_SCHEMA,
  ...TOKEN_REQUEST_SCHEMA,
};

/**
 * One token for a cluster, without a kubeconfig: the token that
 * `aws eks get-token --cluster-name … --region …` would print in this environment, from the shared cache where it
 * holds a good one. Keep a {@link TokenManager} or a ClusterRegistry where you need tokens again and again.
 * @throws EKSAuthError INVALID_CONFIG; the reason why there is no token, such as SESSION_EXPIRED, NO_CREDENTIALS,
 * PROFILE_NOT_FOUND, ACCESS_DENIED or NETWORK; the reason of the `signal` where it is aborted
 * @example
 * ```ts
 * import { getEKSToken } from 'ekspress';
 *
 * const { token, expiresAt } = await getEKSToken({ clusterName: 'prod', region: 'us-east-1', profile: 'acme' });
 * console.log(token.length, expiresAt.toISOString());
 * ```
 */
export function getEKSToken(request: EKSTokenRequest): Promise<Token>;
export async function getEKSToken(request: EKSTokenRequest, ...surplus: readonly unknown[]): Promise<Token> {
  // Callbacks such as that of `map` pass numbers and lists, which mean nothing here. Options would be lost.
  const [second] = surplus;
  if (typeof second === 'object' && second !== null) {
    throw new EKSAuthError('INVALID_CONFIG', 'getEKSToken takes one argument, and got options in a second one.', {
      remedy: 'Pass all options in the first argument: getEKSToken({ clusterName, region, credentials, signal }).',
    });
  }
  checkOptions('getEKSToken', request, EKS_TOKEN_SCHEMA);
  const { signal, ...others } = request;
  const { clusterName: _name, clusterId: _id, region: _region, profile: _profile, roleArn: _role, ...more } = others;
  const { externalId: _external, sessionName: _session, durationSeconds: _duration, ...rest } = more;
  const { tags: _tags, transitiveTagKeys: _keys, ...options } = rest;
  return new TokenManager(configOfCluster('getEKSToken', request), options).getValidToken({ signal });
}
