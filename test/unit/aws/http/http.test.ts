import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { exchangeWithRetry } from '../../../../src/aws/http/exchange.ts';
import { nodeTransport } from '../../../../src/aws/http/node-transport.ts';
import { proxyFor } from '../../../../src/aws/http/proxy.ts';
import { type HTTPRequest, TransportError } from '../../../../src/aws/http/transport.ts';
import { Recorder } from '../../../../src/recording/recorder.ts';
import { startConnectProxy } from '../../../../src/testing/local-aws/connect-proxy.ts';
import { createCertificateAuthority } from '../../../../src/testing/tls/certificate-authority.ts';
import { NOWHERE } from '../../../support/paths.ts';

async function serve(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const THRICE = { mode: 'standard', attempts: 3, attemptsWithoutAnswer: 3 } as const;

const request = (url: string, more: Partial<HTTPRequest> = {}): HTTPRequest => ({
  method: 'GET',
  url,
  headers: {},
  proxied: true,
  connectTimeoutMs: 5_000,
  readTimeoutMs: 5_000,
  ...more,
});

it('A request ends with an error where the server changes the protocol unasked', async () => {
  const { url } = await serve((_request, response) => {
    response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });
  const sent = nodeTransport(new Recorder({}))(request(url));
  await expect(sent).rejects.toMatchObject({
    failure: 'unreachable',
    message: expect.stringContaining('another protocol'),
  });
});

describe('the proxy for an address', () => {
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['none', 'https://sts.amazonaws.com', {}, undefined],
    ['by scheme', 'https://sts.amazonaws.com', { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' }, 'http://p:1/'],
    [
      'http has its own',
      'http://169.254.169.254',
      { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' },
      'http://q:2/',
    ],
    ['lower case first', 'https://a.b', { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:2' }, 'http://q:2/'],
    ['empty lower case switches off', 'https://a.b', { HTTPS_PROXY: 'http://p:1', https_proxy: '' }, undefined],
    ['without a scheme', 'https://a.b', { HTTPS_PROXY: 'p:1' }, 'http://p:1/'],
    ['all_proxy counts for nothing', 'https://a.b', { ALL_PROXY: 'http://p:1' }, undefined],
    [
      'not what a web server made of a header',
      'http://a.b',
      { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' },
      undefined,
    ],
    ['no_proxy names the host', 'https://a.b', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b' }, undefined],
    ['or a domain', 'https://sts.a.b', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'x, .a.b ' }, undefined],
    ['or everything', 'https://a.b', { HTTPS_PROXY: 'http://p:1', no_proxy: '*' }, undefined],
    ['or host and port', 'https://a.b:8443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b:8443' }, undefined],
    ['but not half a name', 'https://aa.b', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b' }, 'http://p:1/'],
    ['nor a network', 'https://10.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, 'http://p:1/'],
  ])('is chosen: %s', (_, url, env, proxy) => {
    expect(proxyFor(new URL(url), new Recorder(env))?.href).toBe(proxy);
  });

  it.each([
    ['socks5://p:1080', 'a SOCKS proxy serves the API server only'],
    ['socks5h://p:1080', 'a SOCKS proxy serves the API server only'],
    ['SOCKS4://p:1080', 'a SOCKS proxy serves the API server only'],
    ['ftp://p:1', 'not a plain URL'],
    ['http://p:port', 'not a plain URL'],
    ['http://p:99999', 'not a plain URL'],
    ['http://me:pa#ss@p:1', 'not a plain URL'],
    ['http://me:pa/ss@p:1', 'not a plain URL'],
    ['http://a b:1', 'not a plain URL'],
    ['http://', 'not a plain URL'],
    ['http://DOMAIN\\me:x@p:1', 'not a plain URL'],
    ['http://me:p[s]s@p:1', 'not a plain URL'],
    ['http://me:pässword@p:1', 'beyond ASCII'],
    ['http://m%C3%A9:x@p:1', 'beyond ASCII'],
  ])('is refused and not gone around: %s', (address, words) => {
    const choose = () => proxyFor(new URL('https://a.b'), new Recorder({ HTTPS_PROXY: address }));
    expect(choose).toThrow(words);
    expect(choose).toThrow(TransportError);
  });

  it.each([
    ['http://me:p%40ss@p:1', 'p%40ss'],
    ['http://me:p@ss@p:1', 'p%40ss'],
    ['http://me:p:ss@p:1', 'p%3Ass'],
    ["http://me:p'$(id)!*@p:1", "p'$(id)!*"],
    ['http://me:100%@p:1', '100%25'],
    ['http://me:p%zz%4@p:1', 'p%25zz%254'],
    ['http://me:p ss@p:1', 'p%20ss'],
    ['http://DOMAIN%5Cme:x@p:1', 'x'],
  ])('keeps a password with any character: %s', (address, password) => {
    const chosen = proxyFor(new URL('https://a.b'), new Recorder({ HTTPS_PROXY: address }));
    expect(decodeURIComponent(chosen?.password ?? '')).toBe(decodeURIComponent(password));
    expect(chosen?.host).toBe('p:1');
  });
});

describe('a request to AWS', () => {
  it('gives status, headers and text', async () => {
    const { url } = await serve((incoming, outgoing) => {
      outgoing
        .writeHead(418, { 'X-Thing': 'a' })
        .end(`${incoming.method} ${incoming.url} ${incoming.headers['x-own']}`);
    });
    const response = await nodeTransport(new Recorder({}))(
      request(`${url}/path?q=1`, { headers: { 'x-own': 'é'.normalize('NFD').slice(0, 1) } }),
    );
    expect(response).toMatchObject({ status: 418, body: 'GET /path?q=1 e', headers: { 'x-thing': 'a' } });
  });

  it('goes through a proxy with its password, where one applies', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((incoming, outgoing) => {
      seen.push([incoming.url, incoming.headers.host, incoming.headers['proxy-authorization']]);
      outgoing.end('by proxy');
    });
    const transport = nodeTransport(new Recorder({ http_proxy: url.replace('//', '//me:pa%20ss@') }));
    expect(await transport(request('http://somewhere.example.com/x'))).toMatchObject({ body: 'by proxy' });
    const basic = `Basic ${Buffer.from('me:pa ss').toString('base64')}`;
    expect(seen).toEqual([['http://somewhere.example.com/x', 'somewhere.example.com', basic]]);
  });

  it('goes past a proxy where it may not use one', async () => {
    const { url } = await serve((_, outgoing) => outgoing.end('direct'));
    const transport = nodeTransport(new Recorder({ http_proxy: 'http://127.0.0.1:9' }));
    expect(await transport(request(url, { proxied: false }))).toMatchObject({ body: 'direct' });
  });

  it('has the limit of time that it was given', async () => {
    const { url } = await serve(() => {});
    const failure = await nodeTransport(new Recorder({}))(request(url, { readTimeoutMs: 50 })).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: 'TransportError', failure: 'timeout' });
  });

  it('ends with its signal', async () => {
    const abort = new AbortController();
    const { url } = await serve(() => abort.abort());
    const failure = await nodeTransport(new Recorder({}))(request(url, { signal: abort.signal })).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: 'TransportError', failure: 'aborted' });
  });

  it('ends with a failure of time where the bytes of an answer come one by one, and never the last', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { url } = await serve((_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      const drops = setInterval(() => {
        outgoing.write('x');
        if (vi.isFakeTimers()) vi.advanceTimersByTime(1_000);
      }, 5);
      outgoing.on('close', () => clearInterval(drops));
    });
    const failure = await nodeTransport(new Recorder({}))(request(url)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'TransportError', failure: 'timeout' });
  });

  it.each([
    ['before the proxy has answered', ''],
    ['while the answer of the proxy begins', 'HTTP/1.1 200 OK\r\nX-A: '],
    ['while the other end of the tunnel is silent', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('obeys its limit of time and its signal %s', async (_, said) => {
    const server = createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(said, () => setImmediate(() => caller?.abort())));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const transport = nodeTransport(new Recorder({ https_proxy: proxy }));
    const ask = (more: Partial<HTTPRequest>) =>
      transport(request('https://sts.amazonaws.com', more)).catch((error: unknown) => error);
    let caller: AbortController | undefined;
    expect(await ask({ connectTimeoutMs: 50 })).toMatchObject({ name: 'TransportError', failure: 'timeout' });
    caller = new AbortController();
    expect(await ask({ signal: caller.signal })).toMatchObject({ name: 'TransportError', failure: 'aborted' });
  });

  it('refuses an answer without end', async () => {
    const { url } = await serve((_, outgoing) => outgoing.end('x'.repeat(2_000_000)));
    await expect(nodeTransport(new Recorder({}))(request(url))).rejects.toThrow(/far too long/);
  });

  it('names a proxy that is not there, without its password', async () => {
    const transport = nodeTransport(new Recorder({ https_proxy: 'http://me:hush@127.0.0.1:9' }));
    const failure = await transport(request('https://sts.amazonaws.com')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: 'proxy', message: expect.stringContaining('127.0.0.1:9') });
    expect(inspect(failure, { depth: 9 })).not.toContain('hush');
  });

  it('reports a proxy that wants another password, without the one that it had', async () => {
    const { url, server } = await serve(() => {});
    const seen: unknown[] = [];
    server.on('connect', (incoming, socket) => {
      seen.push([incoming.url, incoming.headers.host, incoming.headers['proxy-authorization']]);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    });
    const transport = nodeTransport(new Recorder({ https_proxy: url.replace('//', '//me:hush%2Fpass@') }));
    const failure = await exchangeWithRetry(transport, request('https://sts.amazonaws.com/'), THRICE).catch(
      (error) => error,
    );
    const place = url.slice('http://'.length);
    expect(failure).toMatchObject({
      code: 'NETWORK',
      message: `No answer from https://sts.amazonaws.com/: the proxy ${place} answers 407 to CONNECT.`,
      remedy: expect.stringMatching(/HTTPS_PROXY.*password.*NO_PROXY/),
    });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/hush|aHVza/);
    const basic = `Basic ${Buffer.from('me:hush/pass').toString('base64')}`;
    const connect = ['sts.amazonaws.com:443', 'sts.amazonaws.com:443', basic];
    expect(seen).toEqual([connect, connect, connect]);
  });

  it.each([
    ['https://sts.us-west-2.amazonaws.com/', 'sts.us-west-2.amazonaws.com', 'sts.us-west-2.amazonaws.com:443'],
    ['https://sts.us-west-2.amazonaws.com:443/', 'sts.us-west-2.amazonaws.com', 'sts.us-west-2.amazonaws.com:443'],
    [
      'https://sts.us-west-2.amazonaws.com:8443/x',
      'sts.us-west-2.amazonaws.com:8443',
      'sts.us-west-2.amazonaws.com:8443',
    ],
  ])(
    'goes %s through a tunnel: its host as it is signed, its port where the tunnel ends',
    async (address, host, end) => {
      const seen: unknown[] = [];
      const { server } = await serve((incoming, outgoing) => {
        seen.push([incoming.headers.host, incoming.url]);
        outgoing.end('through');
      });
      const authority = createCertificateAuthority('behind a proxy');
      await using proxy = await startConnectProxy(server, authority);
      const folder = await mkdtemp(join(tmpdir(), 'ekspress-ca-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const caBundle = join(folder, 'ca.pem');
      await writeFile(caBundle, authority.certificate);
      const transport = nodeTransport(new Recorder({ https_proxy: proxy.url }));
      expect(await transport(request(address, { caBundle }))).toMatchObject({ status: 200, body: 'through' });
      expect(seen).toEqual([[host, new URL(address).pathname]]);
      expect(proxy.connects).toEqual([end]);
      await expect(transport(request(address))).rejects.toMatchObject({ failure: 'tls' });
    },
  );

  it('trusts what the environment adds to the certificates of Node, and nothing where a bundle says whom', async () => {
    const authority = createCertificateAuthority();
    const { cert, key } = authority.issue(['127.0.0.1']);
    const server = createSecureServer({ cert, key }, (_, outgoing) => outgoing.end('well'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const folder = mkdtempSync(join(tmpdir(), 'ekspress-http-'));
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    const extra = join(folder, 'extra.pem');
    writeFileSync(extra, authority.certificate);
    const other = join(folder, 'other.pem');
    writeFileSync(other, createCertificateAuthority('another').certificate);
    const asked = request(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, { proxied: false });
    const untrusted = { failure: 'tls' };
    await expect(nodeTransport(new Recorder({}))(asked)).rejects.toMatchObject(untrusted);
    await expect(nodeTransport(new Recorder({ NODE_EXTRA_CA_CERTS: `${NOWHERE}.pem` }))(asked)).rejects.toMatchObject(
      untrusted,
    );
    await expect(nodeTransport(new Recorder({ NODE_EXTRA_CA_CERTS: extra }))(asked)).resolves.toMatchObject({
      body: 'well',
    });
    const bundled = nodeTransport(new Recorder({ NODE_EXTRA_CA_CERTS: extra }))({ ...asked, caBundle: other });
    await expect(bundled).rejects.toMatchObject(untrusted);
  });

  it('trusts no other server and no other proxy where NODE_TLS_REJECT_UNAUTHORIZED=0 is set', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    // Node warns of the variable once.
    const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => {
      vi.unstubAllEnvs();
      warnings.mockRestore();
    });
    const { cert, key } = createCertificateAuthority('of a stranger').issue(['127.0.0.1']);
    let heads = 0;
    const server = createSecureServer({ cert, key }, (_, outgoing) => {
      heads += 1;
      outgoing.end('evil');
    });
    server.on('connect', (_, socket) => {
      heads += 1;
      socket.destroy();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { server: behind } = await serve((_, outgoing) => outgoing.end('evil'));
    await using proxy = await startConnectProxy(behind, createCertificateAuthority('of a stranger'));
    const ways: readonly [Record<string, string>, HTTPRequest][] = [
      [{}, request(url)],
      [{}, request(url, { kept: true })],
      [{ https_proxy: proxy.url }, request('https://sts.amazonaws.com')],
      [{ https_proxy: url }, request('https://sts.amazonaws.com')],
      [{ http_proxy: url }, request('http://sts.amazonaws.com')],
    ];
    const outcomes = await Promise.all(
      ways.map(([env, asked]) => nodeTransport(new Recorder(env))(asked).catch((error: unknown) => error)),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ failure: expect.stringMatching(/tls|proxy/) });
    expect(heads).toBe(0);
  });

  it('names a certificate file that is not there', async () => {
    const failure = await nodeTransport(new Recorder({}))(
      request('https://127.0.0.1:9', { caBundle: `${NOWHERE}.pem` }),
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: 'tls', message: expect.stringContaining(`${NOWHERE}.pem`) });
  });
});

describe('an exchange with AWS', () => {
  it.each([500, 503, 429])('is tried three times after %s', async (status) => {
    let times = 0;
    const transport = async () => {
      times += 1;
      return { status: times < 3 ? status : 200, headers: {}, body: '' };
    };
    expect(await exchangeWithRetry(transport, request('https://a.b'), THRICE)).toMatchObject({ status: 200 });
    expect(times).toBe(3);
  });

  it('ends after three times without an answer: NETWORK, without what was in the query', async () => {
    let times = 0;
    const transport = async () => {
      times += 1;
      throw new TransportError('unreachable', 'getaddrinfo ENOTFOUND a.b');
    };
    await expect(exchangeWithRetry(transport, request('https://a.b/x?token=hush'), THRICE)).rejects.toMatchObject({
      code: 'NETWORK',
      message: 'No answer from https://a.b/x: getaddrinfo ENOTFOUND a.b.',
      remedy: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(times).toBe(3);
  });

  it('takes a refusal for an answer', async () => {
    let times = 0;
    const transport = async () => {
      times += 1;
      return { status: 403, headers: {}, body: '' };
    };
    expect(await exchangeWithRetry(transport, request('https://a.b'), THRICE)).toMatchObject({ status: 403 });
    expect(times).toBe(1);
  });

  it('obeys an abort at once: TIMEOUT', async () => {
    const transport = async () => {
      throw new TransportError('aborted', 'aborted');
    };
    await expect(exchangeWithRetry(transport, request('https://a.b'), THRICE)).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('obeys an abort in the pause before another attempt: TIMEOUT', async () => {
    const leaving = new AbortController();
    let times = 0;
    const transport = async () => {
      times += 1;
      setImmediate(() => leaving.abort());
      return { status: 400, headers: { 'x-amzn-errortype': 'Throttling', 'x-amz-retry-after': '4000' }, body: '{}' };
    };
    const sent = exchangeWithRetry(transport, request('https://a.b', { signal: leaving.signal }), THRICE);
    await expect(sent).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(times).toBe(1);
  });
});
