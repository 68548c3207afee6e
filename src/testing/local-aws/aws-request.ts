import type { IncomingHttpHeaders } from 'node:http';

/** What AWS was asked for; the names are those of its APIs, the instance's and the container's our own. */
export type AWSOperation =
  | 'GetCallerIdentity'
  | 'AssumeRole'
  | 'AssumeRoleWithWebIdentity'
  | 'GetRoleCredentials'
  | 'CreateToken'
  | 'DescribeCluster'
  | 'ContainerCredentials'
  | 'InstanceToken'
  | 'InstanceMetadata';

/** One call that the local AWS answered. Holds access key ids, never secrets or tokens. */
export interface AWSCall {
  /** By the clock of the local AWS. */
  readonly at: Date;
  /** `unknown`: nothing that the local AWS offers. */
  readonly operation: AWSOperation | 'unknown';
  /** As in the `Host` header: through the proxy, the real name of the endpoint. */
  readonly host: string;
  /** Of HTTP; 0 where the connection was cut instead. */
  readonly status: number;
  /** `AccessDenied`, `ExpiredToken`, …: absent if it went well. */
  readonly errorCode?: string;
  /** Whose credentials signed it. */
  readonly signedBy?: string;
  /** The region that it was signed for. */
  readonly signingRegion?: string;
  /** The role asked for, or whose credentials a machine got. */
  readonly roleArn?: string;
  /** RoleSessionName, as sent. */
  readonly sessionName?: string;
  /** As sent; absent if it was left to the service. */
  readonly durationSeconds?: number;
  /** ExternalId, as sent. */
  readonly externalId?: string;
  /** SerialNumber, as sent. */
  readonly mfaSerial?: string;
  /** The account of the SSO role asked for. */
  readonly accountId?: string;
  /** The SSO role asked for. */
  readonly roleName?: string;
  /** What was asked of the instance, or the cluster described. */
  readonly resource?: string;
  /** The key id of the credentials that were handed out. */
  readonly issued?: string;
  /** The header, as sent. */
  readonly userAgent?: string;
}

/** What a service may write down about a call. */
export type CallFacts = Partial<Omit<AWSCall, 'at' | 'operation' | 'host' | 'status' | 'errorCode' | 'userAgent'>>;

/** A request to any of the services, read to its end. */
export interface AWSRequest {
  readonly method: string;
  /** Without the query, as sent. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly now: Date;
  /** Names the operation. Throws where the test wants it to fail. */
  begin(operation: AWSOperation, facts?: CallFacts): void;
  /** Writes down more about the call. */
  note(facts: CallFacts): void;
}

/** What to answer. */
export interface AWSReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One of the services that share the server. */
export interface AWSService {
  /** Whether a request is meant for it. */
  serves(request: AWSRequest): boolean;
  answer(request: AWSRequest): AWSReply;
  /** A refusal in the form of this service. */
  refuse(error: AWSError, request: AWSRequest): AWSReply;
}

/** A refusal, thrown by a service and rendered by it. */
export class AWSError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The reply of the services that speak JSON. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): AWSReply {
  return { status, contentType: 'application/json', body: JSON.stringify(body), headers };
}

/** A refusal of a service that speaks JSON: the code in the header that the SDKs read. */
export function jsonRefusal(
  error: AWSError,
  body: Readonly<Record<string, unknown>> = { message: error.message },
): AWSReply {
  return jsonReply(error.status, body, { 'x-amzn-ErrorType': error.code });
}
