import { Agent as HTTPAgent } from 'node:http';
import { Agent as HTTPSAgent } from 'node:https';

/** How long an unused connection is kept; AWS closes them somewhat later. */
const KEPT_MS = 10_000;
/** As many as requests go to STS at once. */
const KEPT_CONNECTIONS = 32;

const OPTIONS = { keepAlive: true, timeout: KEPT_MS, maxFreeSockets: KEPT_CONNECTIONS, scheduling: 'lifo' } as const;

const plain: HTTPAgent = new HTTPAgent(OPTIONS);
const secure: HTTPSAgent = new HTTPSAgent(OPTIONS);

/**
 * The connections to AWS that this process keeps, by server and certificates. An unused one does not keep the process
 * running.
 */
export function keptConnections(url: URL): HTTPAgent {
  return url.protocol === 'https:' ? secure : plain;
}

/** Whether a request failed because the server had closed the kept connection meanwhile: nothing was answered. */
export function wasClosedMeanwhile(reused: boolean, error: unknown): boolean {
  return reused && /^(ECONNRESET|EPIPE)$/.test((error as NodeJS.ErrnoException).code ?? '');
}
