import type { ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import type { MCPWorld } from './mcp-cluster.ts';
import { type MCPSession, openTools } from './mcp-session.ts';
import { type ScriptedServer, type SeenRequest, scriptedServer } from './scripted-server.ts';

export const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));

const CORE = ['pods', 'pods/log', 'nodes'].map((name) => ({
  name,
  singularName: '',
  kind: 'X',
  shortNames: [],
  namespaced: name !== 'nodes',
}));
const APPS = [{ name: 'deployments', singularName: 'deployment', kind: 'Deployment', shortNames: ['deploy'] }];

/** Answers in place of the API server, or returns false. */
export type Special = (request: SeenRequest, response: ServerResponse) => boolean;

/** What check_access answers. */
export interface AccessAnswer {
  readonly action: { readonly verb: string; readonly note?: string; readonly allowed: boolean };
}

export interface OpenAPIServer {
  readonly server: ScriptedServer;
  readonly session: MCPSession;
  /** Calls check_access. */
  ask(input: Record<string, unknown>): Promise<AccessAnswer>;
}

/** Tools with the cluster `dev`: an API server with pods and deployments, that lets everything be done. */
export async function openAPIServer(
  world: MCPWorld,
  special: Special = () => false,
  variables: Readonly<Record<string, string>> = {},
): Promise<OpenAPIServer> {
  const server = await scriptedServer((request, response) => {
    if (special(request, response)) return;
    const { path } = request;
    if (path.endsWith('selfsubjectreviews')) return json(response, { status: { userInfo: { username: 'aws' } } });
    if (path.endsWith('selfsubjectaccessreviews')) return json(response, { status: { allowed: true } });
    if (path === '/apis') return json(response, { groups: [{ name: 'apps', versions: [{ version: 'v1' }] }] });
    return json(response, { resources: path === '/api/v1' ? CORE : APPS });
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const env = { ...world.env, ...variables };
  const session = await openTools({ env, cache: false, describeClusters: false, trustedServers: [server.trusted] });
  onTestFinished(() => session[Symbol.asyncDispose]());
  await session.call('register_eks_cluster', { kubeconfig: server.kubeconfig, cluster_id: 'dev' });
  const ask = async (input: Record<string, unknown>) => {
    const { value } = await session.call('check_access', { cluster_id: 'dev', ...input });
    return value as unknown as AccessAnswer;
  };
  return { server, session, ask };
}
