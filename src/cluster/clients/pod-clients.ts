import type { Attach, Exec, KubeConfig, Log, PortForward } from '@kubernetes/client-node';
import { callHealed, type Healing } from '../requests/call-healed.ts';
import { limitsNow } from '../requests/call-limits.ts';
import type { Limits } from '../transport/limits.ts';
import { pingSocket } from '../transport/ping-socket.ts';
import type { ClientNode } from './client-node.ts';
import type { OpenStreams } from './open-streams.ts';

/** The parts that the clients of one cluster share. */
export interface ClientParts extends Healing {
  readonly clientNode: ClientNode;
  readonly kubeConfig: KubeConfig;
  readonly streams: OpenStreams;
  readonly limits: Limits;
}

/** The type of client-node's web socket handler, which it does not export. */
type Sockets = Exec['handler'];

/** Reads logs. A refused token is replaced before the first byte. */
export function makeLog({ clientNode, kubeConfig, streams, limits: _, ...healing }: ClientParts): Log {
  const log = new clientNode.Log(kubeConfig);
  const original = log.log.bind(log) as (...args: unknown[]) => Promise<AbortController>;
  log.log = async (...args: unknown[]) => {
    const [, , , stream] = args as Parameters<Log['log']>;
    // client-node 2.x has no 'error' listener on the source, so a lost connection would end the process.
    stream.once('pipe', (source) => {
      const fail = (error: Error): void => {
        // The pipe's own listener would count, and would throw the error where the caller has none.
        source.unpipe(stream);
        stream.destroy(stream.listenerCount('error') > 0 ? error : undefined);
      };
      if (source.errored) fail(source.errored);
      else source.once('error', fail);
    });
    const controller = await callHealed(healing, () => original(...args));
    // Without this, the reader would wait for ever after the connection is closed.
    const ended = streams.opened(() => stream.destroy());
    for (const end of ['finish', 'close']) stream.once(end, ended);
    return controller;
  };
  return log;
}

/** Runs commands in containers. A refused token is replaced before the command starts. */
export function makeExec(parts: ClientParts): Exec {
  return new parts.clientNode.Exec(parts.kubeConfig, healingSockets(parts));
}

/** Attaches to running containers. */
export function makeAttach(parts: ClientParts): Attach {
  return new parts.clientNode.Attach(parts.kubeConfig, healingSockets(parts));
}

/** Forwards ports of pods. */
export function makePortForward(parts: ClientParts, disconnectOnError?: boolean): PortForward {
  return new parts.clientNode.PortForward(parts.kubeConfig, disconnectOnError, healingSockets(parts));
}

/** Removes the socket from an error event of `ws`. It refers to its request, which contains the token. */
function withoutRequest(failure: unknown): never {
  const event = Object(failure) as Record<symbol, unknown> & { readonly target?: unknown };
  const { target } = event;
  for (const symbol of Object.getOwnPropertySymbols(event)) {
    if (target && event[symbol] === target) event[symbol] = null;
  }
  throw failure;
}

function healingSockets({ clientNode, kubeConfig, streams, limits, ...healing }: ClientParts): Sockets {
  const { handler } = new clientNode.Exec(kubeConfig);
  return {
    async connect(...args) {
      const socket = await callHealed(healing, () => handler.connect(...args).catch(withoutRequest));
      // terminate() does not wait for the server's close frame.
      const ended = streams.opened(() => socket.terminate());
      const stopPings = pingSocket(socket, limitsNow(limits));
      socket.addEventListener('close', () => {
        ended();
        stopPings();
      });
      return socket;
    },
  };
}
