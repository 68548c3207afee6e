import type { McpServer, ServerContext, ToolAnnotations, ToolCallback } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { linkSignals } from '../system/link-signals.ts';
import { unlessAborted } from '../system/unless-aborted.ts';
import { isPlainName, NOT_SHOWN } from '../text/foreign-text.ts';
import { nearNames } from '../text/nearest-names.ts';
import type { KnownWords } from './known-words.ts';
import type { MCPClusters } from './mcp-clusters.ts';
import { describeFailure } from './tool-failure.ts';

/** The arguments that name a cluster, the first one that a tool has. */
const CLUSTER_ARGUMENTS = ['context', 'cluster_id'];

/** What a tool uses besides its arguments. */
export interface ToolContext {
  readonly clusters: MCPClusters;
  /** What the model of this session may be shown. */
  readonly words: KnownWords;
  /** Aborts when the client cancels the call, and when it takes too long. */
  readonly signal: AbortSignal;
  /** How long the call may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** One tool, as data. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  run(input: z.infer<Input>, context: ToolContext): Promise<z.infer<Output>>;
}

/** Registers a tool with a server. */
export type Tool = (server: McpServer, clusters: MCPClusters, timeoutMs: number, words: KnownWords) => void;

/** Makes a tool that returns either the declared result or a failure with code, message and remedy. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, input, output, annotations } = definition;
  return (server, clusters, timeoutMs, words) => {
    const inputSchema = withoutOthers(name, input) as unknown as Input;
    const config = { title, description, inputSchema, outputSchema: output, annotations };
    const handle = async (given: z.infer<Input>, { mcpReq }: ServerContext) => {
      const { logger } = clusters.host;
      const { signal, unlink } = linkSignals([mcpReq.signal], timeoutMs);
      words.learn(given);
      try {
        await clusters.readOperator();
        const result = await unlessAborted(definition.run(given, { clusters, words, signal, timeoutMs }), signal);
        logger.debug('mcp: answered', { tool: name });
        return { content: [text(result)], structuredContent: result };
      } catch (error) {
        const failure = describeFailure(error, logger, words);
        logger.debug('mcp: failed', { tool: name, code: failure.code });
        return { content: [text(failure)], isError: true };
      } finally {
        unlink();
      }
    };
    // The callback type is conditional on Input, which TypeScript cannot resolve for a type parameter.
    server.registerTool(name, config, handle as unknown as ToolCallback<Input>);
  };
}

/** An argument that a tool does not have is refused: the model would take the answer for another question's. */
function withoutOthers(tool: string, input: z.ZodObject): z.ZodObject {
  const names = Object.keys(input.shape);
  return z.strictObject(input.shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' ? unknownArguments(tool, keys as string[], names) : undefined,
  });
}

function unknownArguments(tool: string, keys: readonly string[], names: readonly string[]): string {
  const [key = ''] = keys;
  const shown = isPlainName(key) ? `"${key}"` : NOT_SHOWN;
  const isOfCluster = /cluster|context/i.test(key);
  const meant = isOfCluster ? CLUSTER_ARGUMENTS.find((name) => names.includes(name)) : nearNames(key, names)[0];
  const instead = meant === undefined ? '' : ` Use "${meant}".`;
  const all = names.length === 0 ? 'It takes no arguments.' : `Its arguments: ${names.join(', ')}.`;
  return `${tool} has no argument ${shown}.${instead} ${all}`;
}

/** For clients that do not read structured content. */
function text(value: unknown) {
  return { type: 'text' as const, text: JSON.stringify(value) };
}
