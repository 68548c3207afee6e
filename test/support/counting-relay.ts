import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A relay in front of a local AWS that holds each request for a moment and counts what is under way. */
export interface CountingRelay extends AsyncDisposable {
  readonly url: string;
  /** The most requests at once whose path begins so. */
  mostAtOnce(path: string): number;
  /** When each request whose path begins so arrived, on the clock of `performance.now()`. */
  arrivals(path: string): readonly number[];
  /** The connections on which requests came. */
  connections(): number;
}

export async function startCountingRelay(target: string, delayMs = 20): Promise<CountingRelay> {
  const { hostname, port } = new URL(target);
  const seen: { readonly path: string; readonly at: number; readonly beside: readonly string[] }[] = [];
  const underWay = new Set<{ readonly path: string }>();
  let connections = 0;
  const server = createServer((incoming, response) => {
    const { method, url: path = '/', headers } = incoming;
    const one = { path };
    underWay.add(one);
    seen.push({ path, at: performance.now(), beside: [...underWay].map((other) => other.path) });
    setTimeout(() => {
      underWay.delete(one);
      const outgoing = sendRequest({ hostname, port, method, path, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.on('error', () => response.destroy());
      incoming.pipe(outgoing);
    }, delayMs);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const to = (path: string) => seen.filter((one) => one.path.startsWith(path));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mostAtOnce: (path) =>
      Math.max(0, ...to(path).map(({ beside }) => beside.filter((other) => other.startsWith(path)).length)),
    arrivals: (path) => to(path).map(({ at }) => at),
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
