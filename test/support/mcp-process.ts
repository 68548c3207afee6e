import { fileURLToPath } from 'node:url';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type MCPSession, openSession } from './mcp-session.ts';
import { expectOwnWords } from './own-words.ts';

/** The program as it was built. */
export const PROGRAM: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A session with a server that runs as a program of its own. */
export interface ChildSession extends MCPSession {
  /** All that the server has written to stderr. */
  stderr(): string;
}

/** Starts `ekspress mcp`, with every event of its log on stderr. */
export async function serveInChild(
  env: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<ChildSession> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'mcp', ...options],
    env: { ...env, EKS_TOKEN_DEBUG: '1' },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const session = await openSession(transport);
  return {
    ...session,
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      await session.client.close();
      expectOwnWords(stderr, { debug: true });
    },
  };
}
