/**
 * EKS clusters for AI agents, over the Model Context Protocol: `ekspress mcp` as a library. A model can register
 * clusters and ask about them; it never sees a token, runs a program, or has a token sent where the operator did not
 * say.
 * @module
 */
export { createEKSTools, type EKSTools } from './add-tools.ts';
export type { MCPOptions } from './options.ts';
export { type MCPStreams, type RunningMCPServer, startMCPServer } from './start-server.ts';
