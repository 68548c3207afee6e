/**
 * EKS authentication for Node services. Tokens are minted in-process, refreshed before they expire, and shared with
 * kubectl. Start with {@link ClusterRegistry}. {@link attachEKSAuth} is for an existing KubeConfig, and
 * {@link getEKSToken} for a single token.
 * @module
 */
export type { CLIVersion } from './aws/arguments/get-token-arguments.ts';
export type { EKSAuthConfig, ExecStanza } from './aws/eks-auth-config.ts';
export { type EKSTokenRequest, getEKSToken } from './aws/eks-token.ts';
export { ExecEnvironment } from './aws/exec-environment.ts';
export type { AWSCredentialProvider, AWSCredentials, GivenCredentials } from './aws/given-credentials.ts';
export type { ExecPolicy, TokenSource } from './aws/obtain-token.ts';
export { type ContextOptions, isEKSConfig, type ParseOptions, parseEKSConfig } from './aws/parse-eks-config.ts';
export { type ExecConfigOptions, parseExecConfig } from './aws/parse-exec-config.ts';
export type { ClusterIdentity } from './aws/stanza.ts';
export { Token } from './aws/token.ts';
export { TokenManager } from './aws/token-manager.ts';
export type {
  AWSAuthProvider,
  RefreshFacts,
  TokenCounts,
  TokenManagerOptions,
  TokenRequestOptions,
  TokenStatus,
} from './aws/token-provider.ts';
export { type AttachedEKSAuth, type AttachOptions, attachEKSAuth } from './cluster/attach-eks-auth.ts';
export type { AWSClusterRequest } from './cluster/aws-cluster.ts';
export type { Cluster } from './cluster/cluster.ts';
export type {
  ClusterRegistryOptions,
  RegisterAllOptions,
  RegisterAllResult,
  RegisterAWSOptions,
  RegisterOptions,
} from './cluster/register-options.ts';
export { ClusterRegistry } from './cluster/registry.ts';
export type { RegistryEvents } from './cluster/registry-events.ts';
export type { Allowance, TrustOptions } from './cluster/trust.ts';
export type { TrustedServer } from './cluster/trusted-servers.ts';
export { EKSAuthError, type EKSAuthErrorCode, type EKSAuthErrorDetails } from './errors.ts';
export type { Environment, HostOptions, Logger } from './host.ts';
