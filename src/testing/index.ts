export type { TokenReview } from './authenticator.ts';
export type { AWSFiles, AWSFilesOptions } from './aws-files.ts';
export type { IdentityLookup, LocalIdentities, LocalIdentity, LocalIdentityFacts } from './identities.ts';
export type { KubeconfigOptions } from './kubeconfig.ts';
export { type LocalEKS, type LocalEKSOptions, type LocalRequest, startLocalEKS } from './local-eks.ts';
export { type TokenRefusal, type TokenVerdict, type VerifyTokenOptions, verifyToken } from './verify/token.ts';
