import { type Configuration, CoreV1Api, HttpMethod, RequestContext } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, scriptedServer, unauthorized } from '../../../support/scripted-server.ts';

/** client-node 2.x speaks through undici, 1.4 through node:https. */
const speaksUndici = 'setDispatcher' in RequestContext.prototype;

/** An API of somebody's own, which reads bodies that the generated ones ignore. */
class RawApi {
  readonly #configuration: Configuration;
  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  async get(path: string): Promise<[number, string]> {
    const { authMethods, baseServer, httpApi } = this.#configuration;
    const request = baseServer.makeRequestContext(path, HttpMethod.GET);
    await authMethods.default?.applySecurityAuthentication(request);
    const { httpStatusCode, body } = await httpApi.send(request).toPromise();
    return [httpStatusCode, await body.text()];
  }
}

describe('a refused request', () => {
  it.each([
    [20, '20 minutes ahead of the server'],
    [-20, '20 minutes behind the server'],
  ])('names a clock that is %d minutes off', async (minutes, words) => {
    await using server = await scriptedServer((_request, response) => unauthorized(response));
    const ask = [
      (cluster: Cluster) => cluster.fetch('/version'),
      (cluster: Cluster) => cluster.makeApiClient(CoreV1Api).listNamespace(),
    ];
    const refused = {
      code: 'TOKEN_REJECTED',
      message: expect.stringContaining(`the clock here is ${words}'s`),
      remedy: expect.stringContaining('Set the clock of this machine'),
    };
    for (const one of ask) {
      await using registry = quickRegistry({}, minutes);
      await expect(one(await register(registry, server))).rejects.toMatchObject(refused);
    }
  });

  it('is sent again byte for byte, with another token, and once only', async () => {
    await using server = await scriptedServer((_request, response) => unauthorized(response));
    await using registry = quickRegistry();
    const api = (await register(registry, server)).makeApiClient(CoreV1Api);
    const body = { metadata: { name: 'ünïcode' }, data: { key: 'välue\n' } };
    await expect(api.createNamespacedConfigMap({ namespace: 'default', body })).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
    });
    const [first, second, ...more] = server.seen;
    expect(more).toEqual([]);
    expect(first?.body).toContain('välue');
    const withoutToken = (request: (typeof server.seen)[number] | undefined) => ({
      ...{ ...request, authorization: '' },
      head: request?.head.filter((line) => !line.startsWith('Authorization:')),
    });
    expect(withoutToken(second)).toEqual(withoutToken(first));
    expect(first?.authorization).toMatch(/^Bearer k8s-aws-v1\./);
    expect(second?.authorization).toMatch(/^Bearer k8s-aws-v1\./);
    expect(second?.authorization).not.toBe(first?.authorization);
  });

  it('is left alone where a backend behind the API server refused it, and its answer can still be read', async () => {
    await using server = await scriptedServer((_request, response) => {
      response.writeHead(401, { 'Content-Type': 'text/plain' }).end('the backend says no');
    });
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const path = '/api/v1/namespaces/default/services/x/proxy/y';
    expect(await cluster.makeApiClient(RawApi).get(path)).toEqual([401, 'the backend says no']);
    expect(server.seen).toHaveLength(1);
    expect(cluster.tokenManager?.status().counts).toMatchObject({ mint: 1, refused: 0 });
  });

  it('is healed on the way to a backend too, where it was the API server that refused', async () => {
    const refused = new Set<string>();
    await using server = await scriptedServer(({ authorization }, response) => {
      if (refused.size === 0) refused.add(authorization);
      if (refused.has(authorization)) unauthorized(response);
      else response.writeHead(200, { 'Content-Type': 'application/json' }).end('"the backend answers"');
    });
    await using registry = quickRegistry();
    const api = (await register(registry, server)).makeApiClient(CoreV1Api);
    const answer = await api.connectGetNamespacedPodProxyWithPath({ namespace: 'default', name: 'x', path: 'y' });
    expect(answer).toContain('the backend answers');
    expect(server.seen).toHaveLength(2);
  });
});

describe('the connections of a client', () => {
  it('are shared by the requests of a cluster and closed with it', async () => {
    await using server = await scriptedServer((_request, response) => emptyList(response));
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    for (let index = 0; index < 10; index += 1) await cluster.makeApiClient(CoreV1Api).listNamespace();
    // undici opens a second one where a request begins while it still puts the first away; never a third.
    const connections = speaksUndici ? [1, 2] : [1];
    expect(connections).toContain(server.connections);
    expect([server.seen.length, await server.openConnections()]).toEqual([10, server.connections]);
    await registry.unregister(cluster.id);
    while ((await server.openConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('may be closed by the server: a reading request is repeated, and a writing one is not done twice', async () => {
    let dropsNext = false;
    await using server = await scriptedServer((_request, response) => {
      if (!dropsNext) return emptyList(response);
      dropsNext = false;
      response.socket?.destroy();
    });
    await using registry = quickRegistry();
    const api = (await register(registry, server)).makeApiClient(CoreV1Api);
    await api.listNamespace();
    dropsNext = true;
    await api.listNamespace();
    dropsNext = true;
    const closed = speaksUndici ? { cause: { code: 'UND_ERR_SOCKET' } } : { code: 'ECONNRESET' };
    await expect(api.createNamespace({ body: { metadata: { name: 'once' } } })).rejects.toMatchObject(closed);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
  });
});
