import type { ClusterPassage } from './cluster-auth.ts';

/** By request of client-node. A request that begins again, for another server or identity, gets another. */
const passages = new WeakMap<object, ClusterPassage>();

/** What a request of client-node began with; undefined before it has been authenticated. */
export function passageOf(request: object): ClusterPassage | undefined {
  return passages.get(request);
}

export function setPassage(request: object, passage: ClusterPassage): void {
  passages.set(request, passage);
}
