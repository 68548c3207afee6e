import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { createInterface } from 'node:readline';
import type { Exec, Log, LogOptions, Metrics, Watch } from '@kubernetes/client-node';
import { asker } from './ask.ts';
import { bytesOf } from './send.ts';
import { throughAgents } from './web-sockets.ts';

/** The package `@kubernetes/client-node`, 1.4 or 2.x. */
export type ClientNode = typeof import('@kubernetes/client-node');

/**
 * client-node with clients for watches, logs, metrics and web sockets whose requests node:http sends. Calls, requests and
 * errors are those of client-node 1.4.
 */
export function withStreamClients(clientNode: ClientNode): ClientNode {
  class AgentWatch extends clientNode.Watch {
    override async watch(...[path, query, callback, done]: Parameters<Watch['watch']>): Promise<AbortController> {
      const ask = await asker(this.config);
      const controller = new AbortController();
      let isOver = false;
      const end = (error: unknown): void => {
        if (isOver) return;
        isOver = true;
        controller.abort();
        done(error);
      };
      try {
        const answer = await ask(path, { watch: true, ...query }, controller.signal);
        const { statusCode = 0, statusMessage } = answer;
        if (statusCode !== 200) {
          answer.resume();
          throw Object.assign(new Error(statusMessage || STATUS_CODES[statusCode]), { statusCode });
        }
        const lines = createInterface({ input: answer });
        for (const emitter of [answer, lines]) emitter.on('error', end).on('close', () => end(null));
        lines.on('line', (line) => {
          const event = parsed(line);
          if (event !== undefined) callback(event.type, event.object, event);
        });
      } catch (error) {
        end(error);
      }
      return controller;
    }
  }

  class AgentLog extends clientNode.Log {
    override async log(...args: unknown[]): Promise<AbortController> {
      const [namespace, pod, container, stream, third, last] = args as Parameters<Log['log']>;
      const options = (typeof third === 'function' ? last : third) as LogOptions | undefined;
      const query = new URLSearchParams({ container });
      clientNode.AddOptionsToSearchParams(options, query);
      const ask = await asker(this.config);
      const controller = new AbortController();
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
      const answer = await ask(path, Object.fromEntries(query), controller.signal).catch(() => undefined);
      if (answer?.statusCode !== 200) throw await refusal('log', answer);
      answer.pipe(stream);
      return controller;
    }
  }

  class AgentMetrics extends clientNode.Metrics {
    readonly #config: ConstructorParameters<ClientNode['Metrics']>[0];

    constructor(config: ConstructorParameters<ClientNode['Metrics']>[0]) {
      super(config);
      this.#config = config;
    }

    override getNodeMetrics(): ReturnType<Metrics['getNodeMetrics']> {
      return this.#read('nodes');
    }

    override getPodMetrics(namespace?: string): ReturnType<Metrics['getPodMetrics']> {
      return this.#read(namespace ? `namespaces/${namespace}/pods` : 'pods');
    }

    async #read<T>(what: string): Promise<T> {
      const ask = await asker(this.#config);
      const answer = await ask(`/apis/metrics.k8s.io/v1beta1/${what}`).catch(() => undefined);
      if (answer?.statusCode !== 200) throw await refusal('metrics', answer);
      return JSON.parse((await bytesOf(answer)).toString('utf8'));
    }
  }

  class AgentExec extends clientNode.Exec {
    constructor(...[config, sockets]: ConstructorParameters<ClientNode['Exec']>) {
      super(config, sockets);
      if (sockets === undefined) throughAgents(this as Exec, config);
    }
  }

  /** The error that client-node makes of an answer. @param answer undefined where none came */
  async function refusal(what: string, answer: IncomingMessage | undefined): Promise<Error> {
    const { statusCode = 500, headers = {} } = answer ?? {};
    const body = answer && (await bytesOf(answer).catch(() => undefined));
    const status = statusCode === 500 ? parsed(String(body)) : undefined;
    const { code, message } = status ?? {};
    const lines = headers as Record<string, string>;
    return typeof code === 'number' && typeof message === 'string'
      ? new clientNode.ApiException(code, message, status, lines)
      : new clientNode.ApiException(statusCode, `Error occurred in ${what} request`, undefined, lines);
  }

  return { ...clientNode, Watch: AgentWatch, Log: AgentLog, Metrics: AgentMetrics, Exec: AgentExec };
}

/** The object of a line; undefined for what is none, such as the last line of a connection that was lost. */
// biome-ignore lint/suspicious/noExplicitAny: callbacks of client-node take any object
function parsed(line: string): any {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
