// A read-only proxy to the API server of the current context: `GET http://127.0.0.1:PORT/version`. It adds the token.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { type Cluster, ClusterRegistry, EKSAuthError } from 'ekspress';

const registry = new ClusterRegistry();
const cluster: Cluster = await registry.registerByPath();

const server = createServer(async (request, response) => {
  if (request.method !== 'GET') return response.writeHead(405).end();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const answer = await cluster.fetch(request.url ?? '/', { signal: gone.signal });
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? 'text/plain' });
    if (answer.body === null) return response.end();
    return Readable.fromWeb(answer.body as ReadableStream).pipe(response);
  } catch (error) {
    if (gone.signal.aborted) return response.destroy();
    const told = error instanceof EKSAuthError ? `${error.code}: ${error.message}\n${error.remedy}\n` : 'no answer\n';
    return response.writeHead(502).end(told);
  }
});
await new Promise<void>((resolve) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
console.log(`http://127.0.0.1:${port}`);

// With ONCE it asks itself for one path and ends, as a smoke test.
const once = process.env.ONCE;
if (once !== undefined) {
  const answer = await fetch(`http://127.0.0.1:${port}${once}`);
  console.log(answer.status, (await answer.text()).replaceAll(/\s+/g, ' ').slice(0, 80));
  server.close();
  await registry.close();
}
