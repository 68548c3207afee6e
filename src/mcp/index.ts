/**
 * EKS clusters for AI agents over the Model Context Protocol: `ekspress mcp` as a library. A model can register
 * clusters and query them. It never sees a token and cannot run a program or send a token to a server that is not
 * trusted.
 * @module
 */
export { createEKSTools, type EKSTools } from './add-tools.ts';
export type { MCPOptions } from './options.ts';
export { type MCPStreams, type RunningMCPServer, startMCPServer } from './start-server.ts';
