import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { type Decide, objectionTo } from './compare-trusted-servers.ts';
import { notHTTPS, unlikeEKS, untrusted } from './trust-errors.ts';
import type { DecidedPolicy } from './trust-policy.ts';
import { canonicalServer, isPlainHTTPS } from './trusted-servers.ts';

/** How the identity of a kubeconfig is decided, and whether DescribeCluster has named the server for this identity. */
export interface TrustAdvice {
  readonly decide: Decide;
  readonly described: boolean;
}

/**
 * Decides whether the server of a context may have the tokens of its user. Returns the context with the server in the
 * canonical form that was compared.
 * @throws EKSAuthError SERVER_UNTRUSTED, with the opt-in
 */
export async function requireTrusted(
  selected: SelectedContext,
  config: EKSAuthConfig | undefined,
  policy: DecidedPolicy,
  { decide, described }: TrustAdvice,
): Promise<SelectedContext> {
  if (config === undefined) return selected;
  const { trustedServers, source, execPolicy } = policy;
  if (trustedServers === 'kubeconfig') {
    if (!isPlainHTTPS(selected.cluster.server)) throw notHTTPS(selected);
    return selected;
  }
  const server = canonicalServer(selected.cluster.server);
  if (server === undefined) throw notHTTPS(selected);
  const foreign = source === 'string' || execPolicy === 'eks-only';
  // A command that may be run can take any identity of the caller.
  const strictness = { authority: foreign, identity: execPolicy === 'eks-only' && !described };
  const { caData } = selected.cluster;
  const objection = await objectionTo({ server, caData, config }, trustedServers, strictness, decide);
  if (objection === undefined) return { ...selected, cluster: { ...selected.cluster, server } };
  if (described) throw unlikeEKS(selected, config, trustedServers, objection);
  throw untrusted(selected, config, objection);
}
