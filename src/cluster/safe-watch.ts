import type { KubeConfig, Watch } from '@kubernetes/client-node';
import { isUnauthorized } from './call-healed.ts';
import type { ClientNode } from './client-node.ts';
import type { ClusterAuth } from './cluster-auth.ts';

/**
 * A watch that cannot end the process: where client-node's rejects because no token could be had (and its informers
 * then leave that rejection to nobody), this one calls `done` with the error. A refused token is replaced once.
 * @param opened told of each connection, so that a cluster can end them all
 */
export function makeSafeWatch(
  clientNode: ClientNode,
  kubeConfig: KubeConfig,
  auth: ClusterAuth | undefined,
  opened: (controller: AbortController) => void,
): Watch {
  const watch = new clientNode.Watch(kubeConfig);
  const connect = watch.watch.bind(watch);
  watch.watch = async (path, queryParams, callback, done) => {
    /** Connects, and says whether the server refused the token; `done` is not told of that. */
    const attempt = async (): Promise<{ readonly controller: AbortController; readonly refusal: unknown }> => {
      let connecting = true;
      let refusal: unknown;
      const controller = await connect(path, queryParams, callback, (error) => {
        if (connecting && isUnauthorized(error)) refusal = error;
        else done(error);
      });
      connecting = false;
      return { controller, refusal };
    };
    const healed = async (accepted: ClusterAuth): Promise<AbortController> => {
      const { result: first, token } = await accepted.traced(attempt);
      if (first.refusal === undefined) return first.controller;
      if (token === undefined) throw first.refusal;
      let { controller } = first;
      await accepted.heal(token, async () => {
        const second = await attempt();
        controller = second.controller;
        return second.refusal === undefined;
      });
      return controller;
    };
    try {
      const controller = await (auth === undefined ? connect(path, queryParams, callback, done) : healed(auth));
      opened(controller);
      return controller;
    } catch (error) {
      done(error);
      const ended = new AbortController();
      ended.abort();
      return ended;
    }
  };
  return watch;
}
