/**
 * EKS authentication for Node services. Tokens are minted in-process, refreshed before they expire, and shared with
 * kubectl. Start with {@link ClusterRegistry}. {@link attachEKSAuth} is for an existing KubeConfig, and
 * {@link getEKSToken} for a single token.
 * @module ekspress
 */

export type { AWSActivity, AWSLimit, AWSLimits, GatedService } from './aws/gate/gates.ts';
export type { AssumedRoleOptions } from './aws/stanza/assumed-role.ts';
export type { EKSAuthConfig, ExecStanza } from './aws/stanza/eks-auth-config.ts';
export { ExecEnvironment } from './aws/stanza/exec-environment.ts';
export type { CLIVersion } from './aws/stanza/get-token-arguments.ts';
export { type ContextOptions, isEKSConfig, type ParseOptions, parseEKSConfig } from './aws/stanza/parse-eks-config.ts';
export { type ExecConfigOptions, parseExecConfig } from './aws/stanza/parse-exec-config.ts';
export type { ClusterIdentity, IdentityOptions } from './aws/stanza/stanza.ts';
export type { AWSAuthProvider, GivenProvider, TokenRequestOptions } from './aws/token/auth-provider.ts';
export { type EKSTokenRequest, getEKSToken } from './aws/token/eks-token.ts';
export type { AWSCredentialProvider, AWSCredentials, GivenCredentials } from './aws/token/given-credentials.ts';
export { Token } from './aws/token/token.ts';
export { TokenManager } from './aws/token/token-manager.ts';
export type { RefreshFacts, TokenCounts, TokenManagerOptions, TokenStatus } from './aws/token/token-provider.ts';
export type { ExecPolicy, TokenSource } from './aws/token/token-request.ts';
export type { EntryKey } from './cache/sealed/cache-keys.ts';
export type { Cluster, EKSCluster } from './cluster/clients/cluster.ts';
export type { ClusterFetchOptions } from './cluster/clients/fetch-request.ts';
export type { InformerList, InformerOptions, ListQuery } from './cluster/clients/list-pages.ts';
export type {
  ClusterDescription,
  ClusterSource,
  ClusterTokenName,
  FollowedSource,
  SourceContext,
} from './cluster/discovery/cluster-source.ts';
export type { EKSAccount } from './cluster/discovery/eks-account.ts';
export { type EKSClustersOptions, eksClusters } from './cluster/discovery/eks-clusters.ts';
export type { DiscoveryActivity } from './cluster/discovery/source-activity.ts';
export { type AttachedAllEKSAuth, attachAllEKSAuth } from './cluster/registry/attach-all.ts';
export {
  type AttachAllOptions,
  type AttachedEKSAuth,
  type AttachOptions,
  attachEKSAuth,
} from './cluster/registry/attach-eks-auth.ts';
export type { AWSClusterRequest } from './cluster/registry/aws-cluster.ts';
export type { DescribeAs } from './cluster/registry/describe-as.ts';
export { type ListedContext, listContexts } from './cluster/registry/list-contexts.ts';
export type {
  ClusterRegistryOptions,
  RegisterAllOptions,
  RegisterAllResult,
  RegisterAWSOptions,
  RegisterInClusterOptions,
  RegisterOptions,
} from './cluster/registry/register-options.ts';
export { ClusterRegistry } from './cluster/registry/registry.ts';
export type { RegistryActivity, RegistryEvents } from './cluster/registry/registry-events.ts';
export type { ConnectionLimits } from './cluster/transport/limits.ts';
export type { RequestSettings, TLSSettings } from './cluster/transport/settings.ts';
export type { Allowance, TrustOptions } from './cluster/trust/trust-policy.ts';
export type { TrustedServer } from './cluster/trust/trusted-servers.ts';
export type { WriteKubeconfigOptions } from './cluster/written/write-options.ts';
export { EKSAuthError, type EKSAuthErrorCode, type EKSAuthErrorDetails, type EKSAuthErrorJSON } from './errors.ts';
export type { Environment, HostOptions, Logger } from './host.ts';
export type { FleetActivity } from './store/fleet-activity.ts';
export type { FleetLookup, FleetOptions, FleetSecret, TokenStore } from './store/token-store.ts';
