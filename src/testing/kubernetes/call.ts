import type { User } from './access.ts';
import type { JSONObject, JSONValue } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import type { WatchRequest } from './watch.ts';

/** An authenticated request, its body parsed. */
export interface APICall {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  readonly contentType: string;
  /** Undefined where none was sent. */
  readonly body: JSONValue | undefined;
  readonly user: User;
  readonly now: Date;
}

/** What the path of a request for stored objects names. */
export interface ResourceTarget {
  readonly type: ResourceType;
  /** Undefined: all, or a type that knows none. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** A request for stored objects that its user may make. */
export interface ResourceCall extends APICall, ResourceTarget {}

/** A whole answer. */
export interface BodyAnswer {
  readonly code: number;
  readonly body: JSONObject | Buffer;
  /** Default: application/json. */
  readonly contentType?: string;
}

/** What to answer: a body, or a stream of changes. */
export type APIAnswer = BodyAnswer | { readonly watch: WatchRequest };
