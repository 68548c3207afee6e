import type { ServerResponse } from 'node:http';
import type { JSONObject, KubernetesObject } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import type { Selector } from './selectors.ts';
import { badRequest, StatusError } from './status-error.ts';
import type { Change, ObjectStore } from './store.ts';

/** The parameters of a watch. */
export interface WatchRequest {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly selector: Selector;
  readonly parameters: URLSearchParams;
  /** Converts an object to the requested form: the object itself, or a Table with one row. */
  readonly render: (object: KubernetesObject) => JSONObject;
}

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** The interval between bookmarks, as on a real server. */
const BOOKMARK_INTERVAL_MS = 60_000;
/** Marks the bookmark after the initial events of a streamed list. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Streams changes into `response` until the client disconnects, `timeoutSeconds` have passed or the returned function
 * is called. Throws for an invalid request before the first byte is written.
 */
export function startWatch(request: WatchRequest, store: ObjectStore, response: ServerResponse): () => void {
  const { parameters } = request;
  const from = parameters.get('resourceVersion') ?? '';
  if (from !== '' && !/^\d+$/.test(from)) throw badRequest(`Invalid value: "${from}": not a resource version`);
  const streamsList = parameters.get('sendInitialEvents') === 'true';
  const fromNow = from === '' || from === '0' || streamsList;
  let missed: readonly Change[] = [];
  let tooOld: StatusError | undefined;
  try {
    missed = fromNow ? [] : store.changesSince(Number(from));
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    tooOld = error; // sent as an event, after the status 200 of the watch
  }

  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  const send = (type: EventType, object: JSONObject) => response.write(`${JSON.stringify({ type, object })}\n`);
  const sendChange = (change: Change) => {
    const event = eventOf(change, request);
    if (event !== undefined) send(event.type, request.render(event.object));
  };
  const sendBookmark = (annotations?: JSONObject) =>
    send('BOOKMARK', bookmark(request.type, store.revision(), annotations));

  if (tooOld !== undefined) {
    send('ERROR', tooOld.toStatus());
    response.end();
    return () => {};
  }
  if (fromNow) {
    for (const object of store.list(request.type, request.namespace).filter(request.selector))
      send('ADDED', request.render(object));
  }
  for (const change of missed) sendChange(change);
  const wantsBookmarks = parameters.get('allowWatchBookmarks') === 'true';
  if (streamsList) sendBookmark({ [INITIAL_EVENTS_END]: 'true' });
  else if (wantsBookmarks) sendBookmark();

  const unsubscribe = store.subscribe(sendChange);
  const bookmarks = wantsBookmarks ? setInterval(sendBookmark, BOOKMARK_INTERVAL_MS) : undefined;
  const seconds = Number(parameters.get('timeoutSeconds') ?? 0);
  // Stops all writers, because nothing may be written after the end of the response.
  const end = () => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timeout);
    response.end();
  };
  const timeout = seconds > 0 ? setTimeout(end, Math.min(seconds, 86_400) * 1000) : undefined;
  response.once('close', end);
  return end;
}

/** The event of a change in this watch. An object that no longer matches its selector is DELETED. */
function eventOf(change: Change, request: WatchRequest): { type: EventType; object: KubernetesObject } | undefined {
  if (change.type !== request.type) return undefined;
  const shown = (object: KubernetesObject | undefined) => {
    if (object === undefined) return undefined;
    if (request.namespace !== undefined && object.metadata.namespace !== request.namespace) return undefined;
    return request.selector(object) ? object : undefined;
  };
  const [before, after] = [shown(change.before), shown(change.after)];
  if (after !== undefined) return { type: before === undefined ? 'ADDED' : 'MODIFIED', object: after };
  if (before === undefined) return undefined;
  const metadata = { ...before.metadata, resourceVersion: String(change.revision) };
  return { type: 'DELETED', object: { ...before, metadata } };
}

function bookmark(type: ResourceType, revision: number, annotations?: JSONObject): JSONObject {
  return {
    kind: type.kind,
    apiVersion: 'v1',
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
