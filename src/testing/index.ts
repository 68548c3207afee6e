/**
 * A local AWS and a local EKS for tests: they verify signatures and tokens as AWS does, on loopback.
 *
 * @module ekspress/testing
 */

export type { TokenReview } from './authenticator.ts';
export type { AWSFiles, AWSFilesOptions } from './aws-files.ts';
export type { IdentityLookup, LocalIdentities, LocalIdentity, LocalIdentityFacts } from './identities.ts';
export type { KubeconfigOptions } from './kubeconfig.ts';
export type { AWSCall, AWSOperation } from './local-aws/aws-request.ts';
export type { AWSFailure, AWSFailureAnswer } from './local-aws/aws-server.ts';
export type { LocalProxy } from './local-aws/connect-proxy.ts';
export { type LocalAWS, type LocalAWSOptions, type LocalClusterFacts, startLocalAWS } from './local-aws/local-aws.ts';
export type { LocalContainer, LocalInstance } from './local-aws/metadata-services.ts';
export type { LocalMFADevice, LocalRole, LocalRoles } from './local-aws/roles.ts';
export type { LocalSSORole } from './local-aws/sso-service.ts';
export type { SSOLoginOptions } from './local-aws/sso-sessions.ts';
export { type LocalEKS, type LocalEKSOptions, type LocalRequest, startLocalEKS } from './local-eks.ts';
export {
  type AcceptedToken,
  type RefusedToken,
  type TokenRefusal,
  type TokenVerdict,
  type VerifyTokenOptions,
  verifyToken,
} from './verify/verify-token.ts';
