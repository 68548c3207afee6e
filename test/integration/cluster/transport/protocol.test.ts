import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { createCertificateAuthority } from '../../../../src/testing/tls/certificate-authority.ts';
import { quickRegistry } from '../../../support/quick-registry.ts';

it('Lists, watches and fetches go over HTTP/1.1 to a server that prefers HTTP/2', async () => {
  const authority = createCertificateAuthority('two');
  const versions: string[] = [];
  const answer = ({ httpVersion }: Http2ServerRequest, response: Http2ServerResponse): void => {
    versions.push(httpVersion);
    response.setHeader('Content-Type', 'application/json');
    response.end('{"kind":"List","metadata":{},"items":[]}\n');
  };
  const server = createSecureServer({ ...authority.issue(['127.0.0.1']), allowHTTP1: true }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await using registry = quickRegistry();
  try {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const certificate = Buffer.from(authority.certificate).toString('base64');
    const text = JSON.stringify({
      'current-context': 'dev',
      contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
      clusters: [{ name: 'dev', cluster: { server: url, 'certificate-authority-data': certificate } }],
      users: [{ name: 'dev', user: { token: 'secret' } }],
    });
    const cluster = await registry.registerByString(text, { trustedServers: [url] });
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    await new Promise((resolve) => void cluster.watch().watch('/api/v1/pods', {}, () => {}, resolve));
    await (await cluster.fetch('/version')).text();
    expect(versions).toEqual(['1.1', '1.1', '1.1']);
  } finally {
    await registry.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
