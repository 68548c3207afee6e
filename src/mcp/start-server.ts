import type { Readable, Writable } from 'node:stream';
import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { hostFrom } from '../host.ts';
import { VERSION } from '../text/version.ts';
import { makeEKSTools } from './add-tools.ts';
import type { MCPOptions } from './mcp-options.ts';

/** The streams to the client. */
export interface MCPStreams {
  /** Default: `process.stdin`. */
  readonly input?: Readable | undefined;
  /** Must not be used for anything else. Default: `process.stdout`. */
  readonly output?: Writable | undefined;
}

/** A running server. */
export interface RunningMCPServer extends AsyncDisposable {
  /** Resolves when the client has disconnected and all resources are released. */
  readonly closed: Promise<void>;
  /** Ends the session. May be called again. */
  close(): Promise<void>;
}

/** The server, for `startMCPServer`. */
export function serveMCP(options: MCPOptions & MCPStreams): RunningMCPServer {
  const { logger } = hostFrom(options);
  const tools = makeEKSTools(options);
  const transport = new StdioServerTransport(options.input, options.output);
  const stdio = serveStdio(
    () => {
      const server = new McpServer({ name: 'ekspress', version: VERSION }, { instructions: tools.instructions });
      tools.addTo(server);
      return server;
    },
    {
      transport,
      onerror: (error) => logger.warn('mcp: protocol error', { name: error.name }),
    },
  );
  const ended = transport.onclose;
  const closed = new Promise<void>((resolve, reject) => {
    transport.onclose = () => {
      ended?.();
      tools.close().then(resolve, reject);
    };
  });
  const close = async (): Promise<void> => {
    await stdio.close();
    await closed;
  };
  return { closed, close, [Symbol.asyncDispose]: close };
}
