import type { McpServer, ServerContext, ToolAnnotations, ToolCallback } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { linkSignals } from '../system/link-signals.ts';
import { unlessAborted } from '../system/unless-aborted.ts';
import type { ClusterDesk } from './cluster-desk.ts';
import { describeFailure } from './failure.ts';

/** What a tool works with, besides its arguments. */
export interface ToolSurroundings {
  readonly desk: ClusterDesk;
  /** Aborts when the client cancels the call, and when it takes too long. */
  readonly signal: AbortSignal;
}

/** One tool, as data. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  run(input: z.infer<Input>, surroundings: ToolSurroundings): Promise<z.infer<Output>>;
}

/** A tool that can be put on a server. */
export type Tool = (server: McpServer, desk: ClusterDesk, timeoutMs: number) => void;

/** What comes out is the declared result, or a failure with code, message and remedy; nothing else leaves. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, input, output, annotations } = definition;
  return (server, desk, timeoutMs) => {
    const config = { title, description, inputSchema: input, outputSchema: output, annotations };
    const handle = async (given: z.infer<Input>, { mcpReq }: ServerContext) => {
      const { logger } = desk.host;
      const { signal, unlink } = linkSignals([mcpReq.signal], timeoutMs);
      try {
        const result = await unlessAborted(definition.run(given, { desk, signal }), signal);
        logger.debug('mcp: answered', { tool: name });
        return { content: [text(result)], structuredContent: result };
      } catch (error) {
        const failure = describeFailure(error, logger);
        logger.debug('mcp: failed', { tool: name, code: failure.code });
        return { content: [text(failure)], isError: true };
      } finally {
        unlink();
      }
    };
    // The type of a callback depends on Input by a condition that the compiler leaves undecided here.
    server.registerTool(name, config, handle as unknown as ToolCallback<Input>);
  };
}

/** For clients that do not read structured content. */
function text(value: unknown) {
  return { type: 'text' as const, text: JSON.stringify(value) };
}
