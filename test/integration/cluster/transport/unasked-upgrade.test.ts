import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CoreV1Api } from '@kubernetes/client-node';
import type { EKSAuthError } from 'ekspress';
import { expect, it } from 'vitest';
import { askAPIServer } from '../../../../src/cli/identity/ask-api-server.ts';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, frame, type ScriptedServer, scriptedServer } from '../../../support/scripted-server.ts';

const UNASKED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nabc';

type Call = (cluster: Cluster, server: ScriptedServer) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, call: Call])[] = [
  ['list', (cluster) => cluster.makeApiClient(CoreV1Api).listNamespace()],
  ['write', (cluster) => cluster.makeApiClient(CoreV1Api).createNamespace({ body: {} })],
  ['fetch', (cluster) => cluster.fetch('/version')],
  [
    'watch',
    (cluster) =>
      new Promise((resolve, reject) => {
        void cluster.watch().watch(
          '/api/v1/pods',
          {},
          () => {},
          (error) => (error ? reject(error) : resolve(error)),
        );
      }),
  ],
  ['log', (cluster) => cluster.makeLog().log('ns', 'pod', 'c', new PassThrough(), { follow: true })],
  ['request for metrics', (cluster) => cluster.makeMetrics().getPodMetrics('ns')],
  [
    'question of the doctor',
    (_cluster, { url: server, trusted: { certificateAuthorityData: caData } }) =>
      askAPIServer({ name: 'dev', server, caData, skipTLSVerify: false }, {}, { path: 'version', signal: never() }),
  ],
];

/** Over a dispatcher (client-node 2.x) undici ends the request, and says it in its own words. */
function endsBy(server: { readonly url: string }): (error: unknown) => boolean {
  return (error) => {
    const { code, message, cause } = error as EKSAuthError & { readonly cause?: Error };
    // Logs and metrics of client-node wrap it.
    if (cause?.message === 'bad upgrade' || /^HTTP-Code: 500\nMessage: Error occurred/.test(message)) return true;
    return (
      code === 'NETWORK' && message.includes(`${server.url} has changed to a protocol that the request did not ask for`)
    );
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

it.each(CALLS)('A %s ends with an error where the server changes the protocol unasked', async (_name, call) => {
  await using server = await scriptedServer((_request, response) => void response.socket?.write(UNASKED));
  await using registry = quickRegistry();
  const cluster = await register(registry, server);
  await expect(call(cluster, server)).rejects.toSatisfy(endsBy(server));
  await expect.poll(() => server.openConnections()).toBe(0);
});

it('A list ends with an error where a redirect leads to a server that changes the protocol unasked', async () => {
  await using other = await scriptedServer((_request, response) => void response.socket?.write(UNASKED));
  await using server = await scriptedServer(
    (_request, response) => void response.writeHead(307, { location: `${other.url}/x` }).end(),
    undefined,
    other.authority,
  );
  await using registry = quickRegistry();
  const cluster = await register(registry, server);
  await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toSatisfy(endsBy(other));
});

it('A command in a container runs over the web socket that it asked for', async () => {
  await using server = await scriptedServer(
    (_request, response) => emptyList(response),
    (_request, socket, accept) => {
      accept();
      socket.write(Buffer.concat([frame(1, 'hello'), frame(3, '{"status":"Success"}')]));
    },
  );
  await using registry = quickRegistry();
  const cluster = await register(registry, server);
  const stdout = new PassThrough();
  await cluster.makeExec().exec('ns', 'pod', 'c', ['id'], stdout, null, null, false);
  expect(await text(stdout)).toBe('hello');
});
