import type { Watch } from '@kubernetes/client-node';
import { isUnauthorized } from './call-healed.ts';
import type { ClientParts } from './pod-clients.ts';

/**
 * A watch that cannot end the process. Without a token, client-node's own watch rejects, which its informers leave as
 * an unhandled rejection; this one calls `done` with the error. It replaces a refused token once and follows a changed
 * kubeconfig.
 * @param watching called before each connection; its result is called with the open connection
 */
export function makeSafeWatch(
  { clientNode, kubeConfig, auth, changes }: ClientParts,
  watching: () => (controller: AbortController) => void,
): Watch {
  const watch = new clientNode.Watch(kubeConfig);
  const connect = watch.watch.bind(watch);
  watch.watch = async (path, queryParams, callback, done) => {
    let opened = watching();
    /** Connects. `done` is called only after the watch has opened. */
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

/** The outcome of opening a watch. */
interface Attempt {
  readonly controller: AbortController;
  readonly failure: { readonly error: unknown } | undefined;
}

function ended(): AbortController {
  const controller = new AbortController();
  controller.abort();
  return controller;
}
