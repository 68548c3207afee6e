import type { Attach, Cp, Exec, KubeConfig, Log, PortForward, V1Status } from '@kubernetes/client-node';
import { callHealed, type Healing } from './call-healed.ts';
import type { ClientNode } from './client-node.ts';
import type { OpenStreams } from './open-streams.ts';

/** What the clients of one cluster are made from. */
export interface ClientParts extends Healing {
  readonly clientNode: ClientNode;
  readonly kubeConfig: KubeConfig;
  readonly streams: OpenStreams;
}

/** client-node's handler of web sockets; it does not export the name. */
type Sockets = Exec['handler'];

/** Logs; a refused token is replaced before the first byte. */
export function makeLog({ clientNode, kubeConfig, streams, ...healing }: ClientParts): Log {
  const log = new clientNode.Log(kubeConfig);
  const original = log.log.bind(log) as (...args: unknown[]) => Promise<AbortController>;
  log.log = async (...args: unknown[]) => {
    const [, , , stream] = args as Parameters<Log['log']>;
    // Nobody listens to what client-node 2.x pipes here: a connection that is cut would end the process.
    stream.once('pipe', (source) => {
      source.once('error', (error) => stream.destroy(stream.listenerCount('error') > 0 ? error : undefined));
    });
    const controller = await callHealed(healing, () => original(...args));
    // client-node leaves the reader waiting for ever when the connection is gone.
    const ended = streams.opened(() => stream.destroy());
    for (const end of ['finish', 'close']) stream.once(end, ended);
    return controller;
  };
  return log;
}

/** Commands in containers; a refused token is replaced before the command starts. */
export function makeExec(parts: ClientParts): Exec {
  return new parts.clientNode.Exec(parts.kubeConfig, healingSockets(parts));
}

/** A running container's terminal. */
export function makeAttach(parts: ClientParts): Attach {
  return new parts.clientNode.Attach(parts.kubeConfig, healingSockets(parts));
}

/** Ports of pods. */
export function makePortForward(parts: ClientParts, disconnectOnError?: boolean): PortForward {
  return new parts.clientNode.PortForward(parts.kubeConfig, disconnectOnError, healingSockets(parts));
}

/**
 * Files from and to pods. client-node's own copies return before they have begun, and leave every failure to nobody,
 * which ends the process: these end when the command in the pod does, and fail with it.
 */
export function makeCp(parts: ClientParts): Cp {
  const { clientNode, kubeConfig } = parts;
  const exec = makeExec(parts);
  const cp = new clientNode.Cp(kubeConfig, exec);
  const observed = async (copy: (observedCp: Cp) => Promise<void>): Promise<void> => {
    const running = observedExec(exec);
    await copy(new clientNode.Cp(kubeConfig, running.exec));
    await running.ended;
  };
  cp.cpFromPod = (...args) => observed((one) => one.cpFromPod(...args));
  cp.cpToPod = (...args) => observed((one) => one.cpToPod(...args));
  return cp;
}

/** An `Exec` for one command, and a promise of its end. */
function observedExec(exec: Exec): { readonly exec: Exec; readonly ended: Promise<void> } {
  let finish = (_outcome: Promise<void> | undefined): void => {};
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const run: Exec['exec'] = async (namespace, pod, container, command, stdout, stderr, stdin, tty, onStatus) => {
    // client-node's callback is async, whatever its type says, and throws what the command wrote to stderr.
    const told = (status: V1Status) => finish(Promise.resolve(onStatus?.(status)));
    const opening = exec.exec(namespace, pod, container, command, stdout, stderr, stdin, tty, told);
    try {
      const socket = await opening;
      socket.addEventListener('close', () => finish(undefined));
      return socket;
    } catch (error) {
      finish(Promise.reject(error));
      // Nobody looks at it: client-node does not wait for this call.
      return undefined as never;
    }
  };
  return { exec: Object.assign(Object.create(exec) as Exec, { exec: run }), ended };
}

/** The events of `ws` hold the socket that failed, and that its request, in whose head the token is. */
function withoutRequest(failure: unknown): never {
  const event = Object(failure) as Record<symbol, unknown> & { readonly target?: unknown };
  const { target } = event;
  for (const symbol of Object.getOwnPropertySymbols(event)) {
    if (target && event[symbol] === target) event[symbol] = null;
  }
  throw failure;
}

function healingSockets({ clientNode, kubeConfig, streams, ...healing }: ClientParts): Sockets {
  const { handler } = new clientNode.Exec(kubeConfig);
  return {
    async connect(...args) {
      const socket = await callHealed(healing, () => handler.connect(...args).catch(withoutRequest));
      // Nobody waits for the server to agree.
      const ended = streams.opened(() => socket.terminate());
      socket.addEventListener('close', ended);
      return socket;
    },
  };
}
