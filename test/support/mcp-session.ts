import { type CallToolResult, Client, type Transport } from '@modelcontextprotocol/client';
import { InMemoryTransport, McpServer } from '@modelcontextprotocol/server';
import { createEKSTools, type MCPOptions } from 'ekspress/mcp';

/** What a tool answered. */
export interface Answer {
  readonly failed: boolean;
  /** The structured result, or code, message and remedy of a failure. */
  readonly value: Record<string, unknown>;
  /** Everything that went over the wire. */
  readonly raw: string;
}

/** A model's side of a server. */
export interface MCPSession extends AsyncDisposable {
  readonly client: Client;
  call(name: string, input?: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
}

export async function openSession(transport: Transport): Promise<MCPSession> {
  const client = new Client({ name: 'a-model', version: '1.0.0' });
  await client.connect(transport);
  return {
    client,
    async call(name, input = {}, signal) {
      const result = (await client.callTool({ name, arguments: input }, signal && { signal })) as CallToolResult;
      const [first] = result.content;
      const text = first?.type === 'text' ? first.text : '';
      const failed = result.isError === true;
      const value = (failed ? parsed(text) : result.structuredContent) as Record<string, unknown>;
      return { failed, value, raw: JSON.stringify(result) };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The tools on a server in this very process. */
export async function openTools(options: MCPOptions): Promise<MCPSession> {
  const tools = await createEKSTools(options);
  const server = new McpServer({ name: 'embedding', version: '1.0.0' });
  tools.addTo(server);
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  const session = await openSession(here);
  return {
    ...session,
    async [Symbol.asyncDispose]() {
      await session.client.close();
      await tools.close();
    },
  };
}

/** What the protocol library itself refuses comes as a sentence. */
function parsed(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : { code: 'INVALID_INPUT', message: text };
}
