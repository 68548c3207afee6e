import { replacesPackages, requireAgents } from '../../system/runtime.ts';
import type { Senders } from './make-senders.ts';
import type { ClientNode } from './stream-clients.ts';

let loaded: Senders | undefined;

/**
 * Loads the senders where the runtime needs them. Node and Deno do not: client-node sends through node:http there.
 * @throws EKSAuthError INVALID_CONFIG where this runtime cannot send through an agent
 */
export async function loadSenders(clientNode: ClientNode): Promise<ClientNode> {
  if (!replacesPackages()) return clientNode;
  requireAgents();
  if (loaded === undefined) {
    const { makeSenders } = await import('./make-senders.ts');
    loaded = makeSenders(clientNode);
  }
  return loaded.clientNode;
}

/** The senders of this runtime; undefined where client-node's own send through node:http. */
export function ownSenders(): Senders | undefined {
  return loaded;
}
