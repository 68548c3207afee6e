import type { EndpointSettings } from '../endpoint/endpoint-settings.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import type { RetrySettings } from '../http/retry-rules.ts';
import type { CLIVersion } from '../stanza/get-token-arguments.ts';

/**
 * Where the credentials come from, by the names of the AWS CLI's own order. A source holds names and paths only, never
 * a key, a token or the text of a command.
 */
export type CredentialSource =
  | { readonly kind: 'environment' }
  | { readonly kind: 'credentials-file'; readonly profile: string }
  | { readonly kind: 'config-file'; readonly profile: string }
  | AssumeRoleSource
  | WebIdentitySource
  | SSOSource
  | LoginSource
  | { readonly kind: 'process'; readonly profile: string }
  | AmbientSource
  | AmbientCandidate;

/** `role_arn` in a profile. */
export interface AssumeRoleSource {
  readonly kind: 'assume-role';
  readonly profile: string;
  readonly roleArn: string;
  /** Absent: `botocore-session-<seconds>`. */
  readonly sessionName?: string;
  readonly externalId?: string;
  readonly mfaSerial?: string;
  readonly durationSeconds?: number;
  /** Whose credentials assume it. */
  readonly from: CredentialSource;
  /** The CLI's file that may hold the credentials already. */
  readonly cliCache: string;
}

/** `web_identity_token_file`, or AWS_WEB_IDENTITY_TOKEN_FILE. */
export interface WebIdentitySource {
  readonly kind: 'web-identity';
  readonly profile: string;
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly sessionName?: string;
  /** Where the CLI may keep the credentials already; absent for the source of another role. */
  readonly cliCache?: WebIdentityCache;
}

/** A file in the folder. Its name is made of role and session name, and of the token if `byToken` is set. */
export interface WebIdentityCache {
  readonly home: string;
  readonly byToken: boolean;
}

/** IAM Identity Center. */
export interface SSOSource {
  readonly kind: 'sso';
  readonly profile: string;
  readonly startUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly roleName: string;
  /** The `sso-session`; absent for the legacy form without refresh. */
  readonly session?: string;
  /** The portal of SSO, which returns role credentials. */
  readonly portalUrl: string;
  /** Where the login token is renewed. */
  readonly oidcUrl: string;
  /** Where the login token lies. */
  readonly tokenFile: string;
  /** v2's file that may hold the role credentials already; absent for the source of another role. */
  readonly cliCache?: string;
}

/** `login_session`: the session of `aws login`. */
export interface LoginSource {
  readonly kind: 'login';
  readonly profile: string;
  readonly session: string;
  /** How AWS Sign-In, which renews the login, is reached. */
  readonly signIn: EndpointSettings;
}

/** The profile names no credentials. These sources are asked in order until one has credentials. */
export interface AmbientSource {
  readonly kind: 'ambient';
  readonly candidates: readonly AmbientCandidate[];
}

export type AmbientCandidate = OldFile | ContainerSource | InstanceMetadataSource;

/**
 * A file of the first EC2 tools, named by AWS_CREDENTIAL_FILE, or of boto 2. What it holds is left to the AWS CLI; where a
 * file of boto 2 is absent, it is passed over.
 */
export interface OldFile {
  readonly kind: 'old-file';
  readonly path: string;
  readonly named: boolean;
}

/** ECS and EKS Pod Identity. */
export interface ContainerSource {
  readonly kind: 'container';
  readonly url: string;
  readonly authorization?: 'file' | 'environment';
  readonly authorizationFile?: string;
}

/** The role of an EC2 instance. */
export interface InstanceMetadataSource {
  readonly kind: 'instance-metadata';
  readonly endpoint: string;
  readonly v1Disabled: boolean;
  readonly timeoutSeconds: number;
  readonly attempts: number;
}

/** The region, and where it comes from. */
export type RegionChoice =
  | { readonly from: 'flag' | 'environment' | 'profile'; readonly name: string }
  | { readonly from: 'nothing' }
  /** v2 asks the instance metadata service; without an answer there is no region. */
  | { readonly from: 'instance-metadata'; readonly service: InstanceMetadataSource };

/** How AWS is reached. */
export interface HTTPSettings {
  /** A file of certificates to trust instead of the usual ones. */
  readonly caBundle?: string;
  /** 0: no limit. */
  readonly connectTimeoutMs: number;
  /** 0: no limit. */
  readonly readTimeoutMs: number;
}

/** What the AWS CLI would do for one `eks get-token`, decided from its inputs alone. */
export interface Plan {
  readonly version: CLIVersion;
  /** The signed header: the cluster's name, or its id. */
  readonly cluster: string;
  /** The profile in force; `undefined` where none was named and `default` applies if it exists. */
  readonly profile: string | undefined;
  readonly source: CredentialSource;
  /** `--role-arn`: assumed on top, as session `EKSGetTokenAuth`. */
  readonly roleArn?: string;
  readonly region: RegionChoice;
  readonly endpointSettings: EndpointSettings;
  readonly http: HTTPSettings;
  readonly retry: RetrySettings;
  /** Absent while the region is not known. */
  readonly endpoint?: STSEndpoint;
  /** Environment variables that were looked at and are set. */
  readonly variables: readonly string[];
}
