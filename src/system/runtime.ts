import { Agent, type ClientRequest, request as httpRequest } from 'node:http';
import { EKSAuthError } from '../errors.ts';

let handsOver: boolean | undefined;

/**
 * Whether the runtime gives a program parts of its own in the place of the packages node-fetch, undici and ws. Bun does.
 * Those parts ignore the agent or dispatcher of a request.
 */
export function replacesPackages(): boolean {
  return process.versions.bun !== undefined;
}

/**
 * Call before a request gets a token that its agent must check.
 * @throws EKSAuthError INVALID_CONFIG where node:http sends requests without their agents, as Bun does before 1.4
 */
export function requireAgents(): void {
  if (!replacesPackages()) return;
  handsOver ??= handsRequestsToAgents();
  if (handsOver) return;
  const message = `Bun ${process.versions.bun} sends requests without their agents, so it cannot be checked where a token goes.`;
  throw new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Install Bun 1.4 or later, or run the program with Node or Deno.',
  });
}

/** Makes a request that is never sent: its agent gives it no connection, and it has ended before its head is written. */
function handsRequestsToAgents(): boolean {
  let handed = false;
  const agent = Object.create(new Agent(), {
    addRequest: {
      value(request: ClientRequest & { onSocket(socket: null, error: Error): void }) {
        handed = true;
        request.onSocket(null, new Error('This request is not sent.'));
      },
    },
  });
  const request = httpRequest({ host: '127.0.0.1', port: 9, agent });
  request.on('error', () => undefined);
  request.destroy();
  return handed;
}
