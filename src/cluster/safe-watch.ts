import type { KubeConfig, Watch } from '@kubernetes/client-node';
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
    const first = async (accepted: ClusterAuth): Promise<AbortController> => {
      let connecting = true;
      let refused = false;
      const { result, token } = await accepted.traced(() =>
        connect(path, queryParams, callback, (error) => {
          refused = connecting && isUnauthorized(error);
          if (!refused) done(error);
        }),
      );
      connecting = false;
      if (!refused || token === undefined) return result;
      await accepted.replaceRefused(token);
      return connect(path, queryParams, callback, (error) => done(isUnauthorized(error) ? accepted.rejected() : error));
    };
    try {
      const controller = await (auth === undefined ? connect(path, queryParams, callback, done) : first(auth));
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

function isUnauthorized(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === 401;
}
