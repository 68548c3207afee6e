import { dirname, join } from 'node:path';
import type { Exec, KubeConfig } from '@kubernetes/client-node';
import { EKSAuthError } from '../../errors.ts';
import { OWN_URL } from '../../plugin/own-url.ts';
import { sendsByAgent } from './sent-by-agent.ts';

/** The class WebSocket of the package ws. */
type WebSocketClass = new (url: string, protocols: readonly string[], options: object) => object;

/** The parts of client-node's web socket handler that decide how sockets open. */
interface Handler {
  config: Pick<KubeConfig, 'getCurrentCluster' | 'applyToHTTPSOptions'>;
  socketFactory: (url: string, protocols: readonly string[], options: object) => object;
}

/** Makes the web sockets of an `Exec` open through node:http. */
export function throughAgents(exec: Exec, kubeConfig: KubeConfig): void {
  const handler = exec.handler as unknown as Handler;
  handler.config = {
    getCurrentCluster: () => kubeConfig.getCurrentCluster(),
    async applyToHTTPSOptions(options) {
      webSocket();
      await kubeConfig.applyToHTTPSOptions(sendsByAgent(options));
    },
  };
  handler.socketFactory = (url, protocols, options) => new (webSocket())(url, protocols, options);
}

let found: WebSocketClass | undefined;

/**
 * The class of the installed package ws, which client-node depends on. A runtime that has a part of its own under this name
 * loads the package by its path only.
 * @throws EKSAuthError INVALID_CONFIG where it is not found, as in a bundle
 */
function webSocket(): WebSocketClass {
  try {
    found ??= load();
    return found;
  } catch (cause) {
    const message = 'The package ws was not found, with which web sockets to a cluster open.';
    throw new EKSAuthError('INVALID_CONFIG', message, {
      remedy: 'Leave @kubernetes/client-node and ws out of the bundle, or run the program with Node or Deno.',
      cause,
    });
  }
}

function load(): WebSocketClass {
  // Imported by its name, webpack reads the calls of this function and warns about paths that it does not know.
  const { createRequire } = process.getBuiltinModule('node:module');
  const here = OWN_URL === '' ? join(process.cwd(), 'index.js') : OWN_URL;
  const from = createRequire(createRequire(here).resolve('@kubernetes/client-node'));
  const folder = dirname(from.resolve('ws/package.json'));
  return from(join(folder, 'index.js'));
}
