import { EKSAuthError } from '../../errors.ts';
import { parseExecConfig } from '../stanza/parse-exec-config.ts';
import { type ClusterIdentity, stanzaForCluster } from '../stanza/stanza.ts';
import type { Token } from './token.ts';
import { TokenManager } from './token-manager.ts';
import type { TokenManagerOptions, TokenRequestOptions } from './token-provider.ts';

/** The input of {@link getEKSToken}: the cluster, and the parts of the identity that differ from the defaults. */
export interface EKSTokenRequest extends ClusterIdentity, TokenManagerOptions, TokenRequestOptions {}

/**
 * One token for a cluster, without a kubeconfig: the token that
 * `aws eks get-token --cluster-name … --region …` would print in this environment, from the shared cache where it
 * holds a good one. Keep a {@link TokenManager} or a ClusterRegistry where you need tokens again and again.
 * @throws EKSAuthError
 */
export async function getEKSToken(request: EKSTokenRequest): Promise<Token> {
  const { signal, externalId, sessionName, durationSeconds, ...options } = request;
  const roleOptions = { externalId, sessionName, durationSeconds };
  if (!request.clusterName) {
    throw new EKSAuthError('INVALID_CONFIG', 'getEKSToken needs the name of the cluster.', {
      remedy: "Pass { clusterName: 'prod', region: 'us-west-2' }; `aws eks list-clusters` shows the names.",
    });
  }
  const config = parseExecConfig(stanzaForCluster(request), roleOptions);
  return new TokenManager(config, options).getValidToken(signal === undefined ? {} : { signal });
}
