import { fileURLToPath } from 'node:url';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { MCPOptions } from '../../../src/mcp/options.ts';
import { type MCPSession, openSession } from '../../unit/mcp/session.ts';

const SERVE = fileURLToPath(new URL('serve.mjs', import.meta.url));

/** A session with a server that runs as a program of its own. */
export interface ChildSession extends MCPSession {
  /** All that the server has written to stderr. */
  stderr(): string;
}

export async function serveInChild(
  env: Readonly<Record<string, string>>,
  options: Omit<MCPOptions, 'env'> = {},
): Promise<ChildSession> {
  const args = [SERVE, JSON.stringify(options)];
  const transport = new StdioClientTransport({ command: process.execPath, args, env: { ...env }, stderr: 'pipe' });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const session = await openSession(transport);
  return { ...session, stderr: () => stderr };
}
