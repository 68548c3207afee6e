import type { Agent } from 'node:http';
import { EKSAuthError } from '../../errors.ts';
import { replacesPackages, requireAgents } from '../../system/runtime.ts';

/** The requests of client-node, and the options of requests, that node:http sends; with the agents of the first. */
const agents = new WeakMap<object, Agent | undefined>();

/** Notes that a request, or the request with these options, will be sent through node:http with its agent. */
export function sendsByAgent<T extends object>(request: T): T {
  agents.set(request, undefined);
  return request;
}

/**
 * Call before a request gets credentials.
 * @throws EKSAuthError INVALID_CONFIG where a part of the runtime would send it, which ignores its agent
 */
export function requireSender(request: object): void {
  if (!replacesPackages()) return;
  requireAgents();
  if (agents.has(request)) return;
  const message = `Bun replaces what sends this request of client-node, so it cannot be checked where a token goes.`;
  throw new EKSAuthError('INVALID_CONFIG', message, {
    remedy:
      'Make watches, informers, logs, metrics and web sockets with a registered cluster: `cluster.makeWatch()` and its other methods. Or run the program with Node or Deno.',
  });
}

/** Gives a request of client-node its agent. */
export function setAgent(request: { setAgent?(agent: Agent): void }, agent: Agent): void {
  agents.set(request, agent);
  request.setAgent?.(agent);
}

/** The agent of a request of client-node. */
export function agentOf(request: object): Agent | undefined {
  return agents.get(request) ?? (request as { getAgent?(): Agent | undefined }).getAgent?.();
}
