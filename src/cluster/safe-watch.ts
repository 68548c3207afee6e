import type { Watch } from '@kubernetes/client-node';
import { isUnauthorized } from './call-healed.ts';
import type { ClientParts } from './pod-clients.ts';

/**
 * A watch that cannot end the process: where client-node's rejects because no token could be had (and its informers
 * then leave that rejection to nobody), this one calls `done` with the error. A refused token is replaced once, and a
 * kubeconfig that has changed is gone by.
 * @param watching asked before each connection what to tell of it, so that a cluster can end them all
 */
export function makeSafeWatch(
  { clientNode, kubeConfig, auth, changes }: ClientParts,
  watching: () => (controller: AbortController) => void,
): Watch {
  const watch = new clientNode.Watch(kubeConfig);
  const connect = watch.watch.bind(watch);
  watch.watch = async (path, queryParams, callback, done) => {
    let opened = watching();
    /** Connects; `done` is told only of what happens to a watch that has begun. */
    const attempt = async (): Promise<Attempt> => {
      opened = watching();
      let connecting = true;
      let failure: { readonly error: unknown } | undefined;
      const controller = await connect(path, queryParams, callback, (error) => {
        if (connecting) failure = { error };
        else done(error);
      }).catch((error: unknown) => {
        failure = { error };
        return ended();
      });
      connecting = false;
      return { controller, failure };
    };
    const count = changes.count();
    let { result: latest, token } = await auth.traced(attempt);
    if (latest.failure && (await changes.since(count))) ({ result: latest, token } = await auth.traced(attempt));
    try {
      if (token !== undefined && isUnauthorized(latest.failure?.error)) {
        await auth.heal(token, async () => {
          latest = await attempt();
          return !isUnauthorized(latest.failure?.error);
        });
      }
    } catch (error) {
      latest = { controller: latest.controller, failure: { error } };
    }
    if (latest.failure) done(latest.failure.error);
    else opened(latest.controller);
    return latest.controller;
  };
  return watch;
}

/** How the opening of a watch has ended. */
interface Attempt {
  readonly controller: AbortController;
  readonly failure: { readonly error: unknown } | undefined;
}

function ended(): AbortController {
  const controller = new AbortController();
  controller.abort();
  return controller;
}
