import type { User } from './access.ts';
import type { JSONObject, JSONValue } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import type { WatchRequest } from './watch.ts';

/** An authenticated request with a parsed body. */
export interface APICall {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  readonly contentType: string;
  /** Undefined for a request without a body. */
  readonly body: JSONValue | undefined;
  readonly user: User;
  readonly now: Date;
}

/** The parts of a resource path. */
export interface ResourceTarget {
  readonly type: ResourceType;
  /** Undefined for all namespaces, or for a type without namespaces. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** A request for a resource path. */
export interface ResourceCall extends APICall, ResourceTarget {}

/** An answer with a body. */
export interface BodyAnswer {
  readonly code: number;
  readonly body: JSONObject | Buffer;
  /** Default: application/json. */
  readonly contentType?: string;
}

/** The answer to a request: a body, or a stream of changes. */
export type APIAnswer = BodyAnswer | { readonly watch: WatchRequest };
