import { Writable } from 'node:stream';
import type { Cp, Exec, V1Status } from '@kubernetes/client-node';
import { ForeignText, forTerminal } from '../../text/foreign-text.ts';
import { type ClientParts, makeExec } from './pod-clients.ts';

/**
 * Copies files from and to pods. The promises settle when the command in the pod has ended and its files are written, and
 * reject if it fails. client-node's own resolve before the copy starts, a failure that the command says nothing about is
 * none to them, and others are unhandled rejections that end the process.
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

/** An `Exec` for one command, and a promise for the end of the command. */
function observedExec(exec: Exec): { readonly exec: Exec; readonly ended: Promise<void> } {
  let succeed = (_written?: Promise<void>): void => {};
  let fail = (_reason: unknown): void => {};
  const ended = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  const run: Exec['exec'] = async (namespace, pod, container, command, stdout, _stderr, stdin, tty) => {
    const said = new Said();
    // client-node 1.4 asks for compressed files, and cannot read them.
    const words = [command].flat().map((word) => (word === 'zcf' ? 'cf' : word));
    const written = stdout ? whenWritten(stdout) : Promise.resolve();
    written.catch(fail);
    const settled = (status: V1Status): void => {
      if (status.status === 'Success') succeed(written);
      else fail(failed(command, status, said));
    };
    try {
      const socket = await exec.exec(namespace, pod, container, words, stdout, said, stdin, tty, settled);
      socket.addEventListener('error', (event: { readonly error: unknown }) => fail(event.error));
      socket.addEventListener('close', () => {
        // A server without v5 of the protocol is told the end of the input by closing the socket.
        if (stdin?.readableEnded) succeed();
        else fail(cutOff(said));
      });
      return socket;
    } catch (error) {
      fail(error);
      // The result is unused: client-node does not wait for this call.
      return undefined as never;
    }
  };
  return { exec: Object.assign(Object.create(exec) as Exec, { exec: run }), ended };
}

/** client-node unpacks with a stream that is not one of Node's classes. */
function whenWritten(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('finish', resolve).once('error', reject);
  });
}

/** What a command writes to stderr. GNU tar writes a remark there for absolute paths, so that alone is not a failure. */
class Said extends Writable {
  #text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.#text += String(chunk);
    done();
  }

  override toString(): string {
    return forTerminal(new ForeignText(this.#text.trim()));
  }
}

function failed(
  command: string | readonly string[],
  { message = 'the command has failed' }: V1Status,
  said: Said,
): Error {
  const [program] = [command].flat();
  const reason = [said.toString(), forTerminal(new ForeignText(message))].filter(Boolean).join('\n');
  return new Error(`The copy has failed: ${program} in the container: ${reason}`);
}

function cutOff(said: Said): Error {
  return new Error(
    ['The connection was closed before the copy had ended.', said.toString()].filter(Boolean).join('\n'),
  );
}
