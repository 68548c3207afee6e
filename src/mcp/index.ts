/**
 * EKS clusters for AI agents over the Model Context Protocol: `ekspress mcp` as a library. A model can register
 * clusters and query them. It never sees a token and cannot run a program or send a token to a server that is not
 * trusted.
 * @module ekspress/mcp
 */
import { EKSAuthError } from '../errors.ts';
import { checkOptions } from '../options/check-options.ts';
import { type Schema, that } from '../options/checks.ts';
import type { EKSTools } from './add-tools.ts';
import { MCP_SCHEMA, type MCPOptions } from './mcp-options.ts';
import type { MCPStreams, RunningMCPServer } from './start-server.ts';

export type { EKSTools, MCPOptions, MCPStreams, RunningMCPServer };

const SERVER_SCHEMA: Schema<MCPOptions & MCPStreams> = {
  ...MCP_SCHEMA,
  input: that('a stream that can be read', (value) => typeof Object(value).read === 'function'),
  output: that('a stream that can be written', (value) => typeof Object(value).write === 'function'),
};

/**
 * The tools of `ekspress mcp` for a server of your own, over any transport. A client that may call them can list the
 * clusters and check access with the identity of this process: put your own authorization before it.
 * @throws EKSAuthError INVALID_CONFIG for options that mean nothing, and where a peer dependency is not installed
 * @example
 * ```ts
 * import { McpServer } from '@modelcontextprotocol/server';
 * import { createEKSTools } from 'ekspress/mcp';
 *
 * const env = { ...process.env, AWS_PROFILE: 'reader' };
 * await using tools = await createEKSTools({ env, roots: ['/etc/clusters'] });
 * const server = new McpServer({ name: 'my-platform', version: '1.0.0' }, { instructions: tools.instructions });
 * tools.addTo(server); // then a transport of your choice: server.connect(transport)
 * ```
 */
export async function createEKSTools(options: MCPOptions = {}): Promise<EKSTools> {
  checkOptions('createEKSTools', options, MCP_SCHEMA);
  const { makeEKSTools } = await withPeers(() => import('./add-tools.ts'));
  return makeEKSTools(options);
}

/**
 * Starts an MCP server with the EKS tools over stdio, for one client: the current protocol and the 2025 ones.
 * Secrets stay inside; diagnostics go to the logger, never to stdout.
 * @throws EKSAuthError INVALID_CONFIG for options that mean nothing, and where a peer dependency is not installed
 * @example
 * ```ts
 * import { PassThrough } from 'node:stream';
 * import { startMCPServer } from 'ekspress/mcp';
 *
 * const [input, output] = [new PassThrough(), new PassThrough()]; // default: stdin and stdout
 * await using server = await startMCPServer({ roots: ['/etc/clusters'], input, output });
 * input.end(); // the client has gone
 * await server.closed;
 * ```
 */
export async function startMCPServer(options: MCPOptions & MCPStreams = {}): Promise<RunningMCPServer> {
  checkOptions('startMCPServer', options, SERVER_SCHEMA);
  const { serveMCP } = await withPeers(() => import('./start-server.ts'));
  return serveMCP(options);
}

/** The packages that only this part of ekspress needs are loaded with the first call. */
async function withPeers<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const missing = /'(@modelcontextprotocol\/server|zod)'/.exec(String(cause))?.[1];
    if (missing === undefined || (cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new EKSAuthError('INVALID_CONFIG', `${missing} is not installed; ekspress/mcp is made with it.`, {
      remedy:
        'Run `npm install @modelcontextprotocol/server zod` beside ekspress. The program `ekspress mcp` needs neither.',
      cause,
    });
  }
}
