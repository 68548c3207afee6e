import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CallToolResult, Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type LocalEKS, startLocalEKS } from 'ekspress/testing';
import type { MCPOptions } from '../../../src/mcp/options.ts';

const SERVE = fileURLToPath(new URL('serve.mjs', import.meta.url));

/** What a tool answered. */
export interface Answer {
  readonly failed: boolean;
  /** The structured result, or code, message and remedy of a failure. */
  readonly value: Record<string, unknown>;
  /** Everything that went over the wire. */
  readonly raw: string;
}

/** A model's side of a running server. */
export interface MCPSession extends AsyncDisposable {
  readonly client: Client;
  /** All that the server has written to stderr. */
  stderr(): string;
  call(name: string, input?: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
}

/** A local cluster, a home with its profiles, and servers that live there. */
export interface MCPWorld extends AsyncDisposable {
  readonly eks: LocalEKS;
  readonly home: string;
  /** Writes a file into the home directory. */
  write(name: string, text: string): Promise<string>;
  serve(options?: Omit<MCPOptions, 'env'> & { env?: Record<string, string> }): Promise<MCPSession>;
}

export async function mcpWorld(): Promise<MCPWorld> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ekspress-mcp-')));
  const eks = await startLocalEKS();
  await eks.writeAWSFiles(home, { defaultProfile: 'reader' });
  return {
    eks,
    home,
    async write(name, text) {
      await writeFile(join(home, name), text);
      return join(home, name);
    },
    serve: ({ env, ...options } = {}) => openSession({ HOME: home, PATH: process.env.PATH ?? '', ...env }, options),
    async [Symbol.asyncDispose]() {
      await eks.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function openSession(env: Record<string, string>, options: object): Promise<MCPSession> {
  const args = [SERVE, JSON.stringify(options)];
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const client = new Client({ name: 'a-model', version: '1.0.0' });
  await client.connect(transport);
  return {
    client,
    stderr: () => stderr,
    async call(name, input = {}, signal) {
      const result = (await client.callTool({ name, arguments: input }, signal && { signal })) as CallToolResult;
      const [first] = result.content;
      const text = first?.type === 'text' ? first.text : '';
      const failed = result.isError === true;
      const value = (failed ? parsed(text) : result.structuredContent) as Record<string, unknown>;
      return { failed, value, raw: JSON.stringify(result) };
    },
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}

/** What the protocol library itself refuses comes as a sentence. */
function parsed(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : { code: 'INVALID_INPUT', message: text };
}
