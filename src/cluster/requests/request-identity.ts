import type { EKSIdentity } from './eks-identity.ts';
import type { PluginIdentity } from './plugin-identity.ts';

/** The identity that makes the credentials of requests. */
export type RequestIdentity = EKSIdentity | PluginIdentity;
