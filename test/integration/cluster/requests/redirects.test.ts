import { createServer } from 'node:http';
import { createServer as createHTTPSServer, request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect, it, onTestFinished } from 'vitest';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, type ScriptedServer, scriptedServer } from '../../../support/scripted-server.ts';

/** An API server that sends every request elsewhere. */
function redirecting(to: () => string, authority?: ScriptedServer['authority']): Promise<ScriptedServer> {
  return scriptedServer(
    ({ path }, response) => void response.writeHead(307, { location: `${to()}${path}` }).end(),
    undefined,
    authority,
  );
}

it('A request with a token does not follow a redirect to plain http', async () => {
  let requests = 0;
  const plain = createServer((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void plain.close());
  const { port } = plain.address() as AddressInfo;
  await using good = await redirecting(() => `http://127.0.0.1:${port}`);
  await using registry = quickRegistry();
  const cluster = await register(registry, good);
  // Node refuses it for its agent; with undici it is ekspress that does.
  await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
    code: expect.stringMatching(/^(ERR_INVALID_PROTOCOL|SERVER_UNTRUSTED)$/),
  });
  expect(requests).toBe(0);
});

it.each(['169.254.169.254', '[fd00:ec2::254]'])(
  'A redirect leads no request to the metadata service at %s',
  async (host) => {
    await using good = await redirecting(() => `https://${host}`);
    await using registry = quickRegistry();
    const cluster = await register(registry, good);
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
      message: expect.stringContaining(`a redirect led to https://${host}`),
    });
  },
);

it('A request that acts as another user does so at its own server only', async () => {
  await using other = await scriptedServer((_request, response) => emptyList(response));
  await using good = await redirecting(() => other.url, other.authority);
  await using registry = quickRegistry();
  const kubeconfig = JSON.parse(good.kubeconfig);
  Object.assign(kubeconfig.users[0].user, { as: 'auditor', 'as-groups': ['readers'] });
  const options = { trustedServers: [good.trusted], allow: ['impersonation'] as const };
  const cluster = await registry.registerByString(JSON.stringify(kubeconfig), options);
  await cluster.makeApiClient(CoreV1Api).listNamespace();
  expect(good.seen.map(({ impersonation }) => impersonation.length)).toEqual([2]);
  expect(other.seen.map(({ impersonation, authorization }) => [impersonation, authorization])).toEqual([[[], '']]);
});

it('A client certificate is shown to its own server only', async () => {
  const shown: string[] = [];
  await using good = await redirecting(() => `https://127.0.0.1:${(other.address() as AddressInfo).port}`);
  const own = good.authority.issue(['127.0.0.1']);
  const other = createHTTPSServer({ ...own, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    shown.push(...Object.keys((request.socket as TLSSocket).getPeerCertificate()));
    emptyList(response);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    other.closeAllConnections();
    other.close();
  });
  await using registry = quickRegistry();
  const kubeconfig = JSON.parse(good.kubeconfig);
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  kubeconfig.users[0].user = {
    'client-certificate-data': encoded(own.cert),
    'client-key-data': encoded(own.key),
  };
  const cluster = await registry.registerByString(JSON.stringify(kubeconfig), { trustedServers: [good.trusted] });
  await cluster.makeApiClient(CoreV1Api).listNamespace();
  expect([good.seen.length, shown]).toEqual([1, []]);
});

it('A request whose head is written before it can be checked is not sent', async () => {
  await using good = await scriptedServer((_request, response) => emptyList(response));
  await using registry = quickRegistry();
  const { kubeConfig } = await register(registry, good);
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => [name, String(value)]);
  const { port } = new URL(good.url);
  // Node writes headers that are given as a list at once.
  const sent = new Promise((resolve, reject) => {
    const list = [...headers, 'Host', '127.0.0.1'] as unknown as Record<string, string>;
    httpsRequest({ ...options, host: '127.0.0.1', port, headers: list }, resolve)
      .on('error', reject)
      .end();
  });
  await expect(sent).rejects.toMatchObject({
    code: 'SERVER_UNTRUSTED',
    message: `A request for ${good.url} was not sent: its headers cannot be checked.`,
    remedy: expect.stringContaining('with a client of the registered cluster'),
  });
  expect(good.seen).toEqual([]);
});
