import type { ServerResponse } from 'node:http';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, scriptedServer } from '../../../support/scripted-server.ts';

const GONE = '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}';
const POD = '{"kind":"Pod","metadata":{"name":"a","namespace":"ns","resourceVersion":"9"}}';

const ENDS: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['by status 410', (response) => response.writeHead(410).end(GONE)],
  ['by an ERROR event', (response) => response.end(`{"type":"ERROR","object":${GONE}}\n`)],
  ['after one event', (response) => response.end(`{"type":"MODIFIED","object":${POD}}\n`)],
  ['after one bookmark', (response) => response.end(`{"type":"BOOKMARK","object":${POD}}\n`)],
  ['by status 429', (response) => response.writeHead(429, { 'Retry-After': '60' }).end()],
  ['by a pause of ages', (response) => response.writeHead(429, { 'Retry-After': '9'.repeat(400) }).end()],
  ['by closing the connection', (response) => response.socket?.destroy()],
];

describe('an informer', () => {
  it.each(ENDS)('does not ask in a loop where its server ends each watch %s', async (_, end) => {
    await using server = await scriptedServer(({ path }, response) => {
      if (path.includes('watch=true')) end(response);
      else emptyList(response);
    });
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const api = cluster.makeApiClient(CoreV1Api);
    const informer = cluster.makeInformer('/api/v1/pods', () => api.listPodForAllNamespaces());
    // As many listeners do.
    informer.on('error', () => void informer.start());
    await informer.start();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await informer.stop();
    // Without pauses there would be hundreds.
    expect(server.seen.length).toBeLessThan(10);
    expect(server.seen.some(({ path }) => path.includes('allowWatchBookmarks=true'))).toBe(true);
  });
});
