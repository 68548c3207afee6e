import type { ClusterPassage } from './cluster-auth.ts';

/**
 * The passages by request of client-node. A request that begins again, for another server or identity, gets a new one.
 */
const passages = new WeakMap<object, ClusterPassage>();

/** The passage of a request of client-node; undefined before the request has been authenticated. */
export function passageOf(request: object): ClusterPassage | undefined {
  return passages.get(request);
}

export function setPassage(request: object, passage: ClusterPassage): void {
  passages.set(request, passage);
}
