import { EKSAuthError } from '../../errors.ts';
import { providedToken } from './provided-token.ts';
import { clusterLabel } from './shared-entry.ts';
import { sharedOrMade } from './shared-or-made.ts';
import type { ObtainedToken, ObtainRequest } from './token-request.ts';

/**
 * One token for a cluster: the shared entry of the same identity, else a signature of our own where the identity is
 * certain, else the token of the kubeconfig's own command. A provider of the caller replaces all of this.
 * @throws EKSAuthError
 */
export async function obtainToken(request: ObtainRequest): Promise<ObtainedToken> {
  const { logger } = request.host;
  const cluster = clusterLabel(request.config);
  try {
    const provider = request.given?.authProvider;
    const obtained = await (provider ? providedToken(request, provider) : sharedOrMade(request));
    logger.debug('answered', { cluster, via: obtained.via, expiresAt: obtained.expiresAt.toISOString() });
    return obtained;
  } catch (error) {
    if (error instanceof EKSAuthError && !request.signal?.aborted) {
      logger.warn('no new token', { cluster, code: error.code, error: error.message });
    }
    throw error;
  }
}
