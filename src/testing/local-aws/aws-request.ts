import type { IncomingHttpHeaders } from 'node:http';

/** An operation of the local AWS. The names are those of the AWS APIs, except for instance and container. */
export type AWSOperation =
  | 'GetCallerIdentity'
  | 'AssumeRole'
  | 'AssumeRoleWithWebIdentity'
  | 'GetRoleCredentials'
  | 'CreateToken'
  | 'DescribeCluster'
  | 'ListClusters'
  | 'ContainerCredentials'
  | 'InstanceToken'
  | 'InstanceMetadata';

/** One call to the local AWS. Contains access key ids, never secrets or tokens. */
export interface AWSCall {
  /** The time on the clock of the local AWS. */
  readonly at: Date;
  /** `unknown`: an operation that the local AWS does not have. */
  readonly operation: AWSOperation | 'unknown';
  /** The `Host` header. Through the proxy it is the real host name of the endpoint. */
  readonly host: string;
  /** The HTTP status; 0 if the connection was destroyed instead. */
  readonly status: number;
  /** `AccessDenied`, `ExpiredToken`, …; absent after success. */
  readonly errorCode?: string;
  /** The access key id of the signature. */
  readonly signedBy?: string;
  /** The region of the signature. */
  readonly signingRegion?: string;
  /** The requested role, or the role of the container or instance. */
  readonly roleArn?: string;
  /** RoleSessionName, as sent. */
  readonly sessionName?: string;
  /** DurationSeconds, as sent. */
  readonly durationSeconds?: number;
  /** ExternalId, as sent. */
  readonly externalId?: string;
  /** The session tags, as sent. */
  readonly tags?: Readonly<Record<string, string>>;
  /** TransitiveTagKeys, as sent. */
  readonly transitiveTagKeys?: readonly string[];
  /** SerialNumber, as sent. */
  readonly mfaSerial?: string;
  /** The account of the requested SSO role. */
  readonly accountId?: string;
  /** The requested SSO role. */
  readonly roleName?: string;
  /** The path of the instance metadata, or the name of the described cluster. */
  readonly resource?: string;
  /** The access key id of the credentials in the answer. */
  readonly issued?: string;
  /** The `User-Agent` header, as sent. */
  readonly userAgent?: string;
}

/** The facts about a call that its service records. */
export type CallFacts = Partial<Omit<AWSCall, 'at' | 'operation' | 'host' | 'status' | 'errorCode' | 'userAgent'>>;

/** A complete request to any of the services. */
export interface AWSRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly now: Date;
  /** Records the operation. Throws if the test has made it fail. */
  begin(operation: AWSOperation, facts?: CallFacts): void;
  /** Records further facts about the call. */
  note(facts: CallFacts): void;
}

/** The answer to a request. */
export interface AWSReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One of the services that share the server. */
export interface AWSService {
  /** Whether a request is for this service. */
  serves(request: AWSRequest): boolean;
  answer(request: AWSRequest): AWSReply;
  /** Makes the error reply of this service. */
  refuse(error: AWSError, request: AWSRequest): AWSReply;
}

/** An error that a service throws and then sends. */
export class AWSError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The reply of a JSON service. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): AWSReply {
  return { status, contentType: 'application/json', body: JSON.stringify(body), headers };
}

/** The error reply of a JSON service, with the code in the header that the SDKs read. */
export function jsonRefusal(
  error: AWSError,
  body: Readonly<Record<string, unknown>> = { message: error.message },
): AWSReply {
  return jsonReply(error.status, body, { 'x-amzn-ErrorType': error.code });
}
