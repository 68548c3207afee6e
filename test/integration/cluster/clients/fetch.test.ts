import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry, type EKSAuthError } from 'ekspress';
import { type LocalEKS, startLocalEKS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeHome } from '../../../support/fake-aws-home.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { freePort } from '../../../support/scraped-metrics.ts';
import { scriptedServer } from '../../../support/scripted-server.ts';

let eks: LocalEKS;
let registry: ClusterRegistry;
let home: FakeHome;
let key: string;
const MAPS = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  eks = await startLocalEKS();
  home = new FakeHome();
  key = eks.identities.admin.accessKeyId;
  await eks.writeAWSFiles(home.directory);
  const trusted = { server: eks.server, certificateAuthorityData: eks.certificateAuthorityData, profile: 'admin' };
  registry = new ClusterRegistry({ env: home.env, cache: false, trustedServers: [trusted] });
  await registry.registerByString(eks.kubeconfig({ profile: 'admin' }), { id: 'dev' });
});
afterAll(async () => {
  await registry.close();
  await eks.close();
});

const cluster = () => registry.get('dev') as NonNullable<ReturnType<ClusterRegistry['get']>>;
/** The keys are replaced by others, and the server refuses tokens of the old ones. */
function refuseToken(): void {
  const { admin } = eks.identities;
  const accessKeyId = `AKIA${String(eks.requests.length).padStart(16, '0')}`;
  eks.addIdentity({ ...admin, accessKeyId });
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${admin.secretAccessKey}\n`;
  writeFileSync(join(home.directory, '.aws/credentials'), `[admin]\n${keys}`);
  eks.revoke(key);
  key = accessKeyId;
}

const configMap = (name: string) => JSON.stringify({ metadata: { name } });
const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('cluster.fetch', () => {
  it('asks the API server with the token of the cluster', async () => {
    const answer = await cluster().fetch('/version');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.url).toBe(`${eks.server}/version`);
    expect(await answer.json()).toMatchObject({ major: expect.any(String) });
    expect(eks.requests.at(-1)).toMatchObject({ path: '/version', username: expect.stringContaining('admin') });
  });

  it('names the cluster where its server cannot be reached', async () => {
    const port = await freePort();
    const text = eks.kubeconfig({ profile: 'admin' }).replace(eks.server, `https://127.0.0.1:${port}`);
    const away = await registry.registerByString(text, { id: 'away', trustedServers: 'kubeconfig' });
    const failure = {
      code: 'ECONNREFUSED',
      message: expect.stringMatching(`^Cluster "away": .*127\\.0\\.0\\.1:${port}`),
    };
    await expect(away.fetch('/version')).rejects.toMatchObject(failure);
    // The clients of client-node say it in their own words; version 2 has the address in the cause.
    const named = { message: expect.stringMatching(/^Cluster "away": /) };
    await expect(away.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject(named);
    await registry.unregister('away');
  });

  it('says that a path lacks its slash', async () => {
    await expect(cluster().fetch('version')).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'The path "version" of cluster.fetch does not begin with a slash.',
      remedy: 'Pass "/version".',
    });
  });

  it('gives answers of any status to the caller, errors of the API server too', async () => {
    const answer = await cluster().fetch(`${MAPS}/absent`);
    expect([answer.ok, answer.status]).toEqual([false, 404]);
    expect(await answer.json()).toMatchObject({ kind: 'Status', reason: 'NotFound' });
  });

  it.each([
    ['a text', (name: string) => configMap(name)],
    ['bytes', (name: string) => new TextEncoder().encode(configMap(name))],
    ['a Blob', (name: string) => new Blob([configMap(name)], { type: 'application/json' })],
    ['a stream', (name: string) => new Blob([configMap(name)]).stream()],
  ])('sends %s as the body', async (kind, bodyOf) => {
    const name = kind.replaceAll(' ', '-').toLowerCase();
    const answer = await cluster().fetch(MAPS, { method: 'POST', body: bodyOf(name), headers: JSON_TYPE });
    expect(answer.status).toBe(201);
    expect((await cluster().fetch(`${MAPS}/${name}`)).status).toBe(200);
  });

  it('replaces a token that the server refuses, and sends the request again', async () => {
    await cluster().fetch('/version');
    refuseToken();
    const answer = await cluster().fetch(MAPS, { method: 'POST', body: configMap('healed'), headers: JSON_TYPE });
    expect(answer.status).toBe(201);
  });

  it('passes a refusal of a service behind the API server on, where its answer has no end', async () => {
    let written = 0;
    await using server = await scriptedServer((_request, response) => {
      response.writeHead(401);
      const more = (): void => {
        do written += 16 * 1024;
        while (response.write(Buffer.alloc(16 * 1024, 'no ')));
        response.once('drain', more);
      };
      more();
    });
    await using quick = quickRegistry();
    const answer = await (await register(quick, server)).fetch('/api/v1/namespaces/default/services/x/proxy/y');
    const first = await answer.body?.getReader().read();
    expect([answer.status, Buffer.from(first?.value ?? []).toString('utf8', 0, 5), server.seen.length]).toEqual([
      ...[401, 'no no', 1],
    ]);
    // What lies in the buffers of both ends comes to less than that.
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it('does not send a stream again: the refusal is the answer, and the next request has another token', async () => {
    await cluster().fetch('/version');
    refuseToken();
    const body = new Blob([configMap('streamed')]).stream();
    const answer = await cluster().fetch(MAPS, { method: 'POST', body, headers: JSON_TYPE });
    expect(answer.status).toBe(401);
    expect((await cluster().fetch(`${MAPS}/streamed`)).status).toBe(404);
  });

  it('reads a watch as a stream, and ends it with the signal of the caller', async () => {
    const abort = new AbortController();
    const answer = await cluster().fetch(`${MAPS}?watch=true`, { signal: abort.signal });
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"type"');
    abort.abort(new Error('enough'));
    const rest = async () => {
      while (!(await reader?.read())?.done);
    };
    await expect(rest()).rejects.toThrow('enough');
  });

  it('does not begin for a signal that has aborted', async () => {
    const before = eks.requests.length;
    await expect(cluster().fetch('/version', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(eks.requests.length).toBe(before);
  });

  it.each([
    ['//evil.example/version', /sends requests to the server of the cluster .* and to no other/],
    ['https://evil.example/version', /sends requests to the server of the cluster .* and to no other/],
    ['\\\\evil.example\\version', /has a backslash/],
    ['/\\evil.example', /has a backslash/],
    ['/api/../../version', /has a part '\.' or '\.\.'/],
    ['/api/%2e%2e/version', /has a part '\.' or '\.\.'/],
    ['/api/.', /has a part '\.' or '\.\.'/],
    ['/api/..?limit=1', /has a part '\.' or '\.\.'/],
    ['/a b', /has a blank/],
    ['/a\n', /has a blank, a control character/],
    ['/ä', /not ASCII/],
    ['/version#x', /has a #/],
    ['', /has a beginning other than one slash/],
    ['@evil.example', /has a beginning other than one slash/],
  ])('refuses %j with what is wrong: it goes to the server of the cluster and nowhere else', async (path, what) => {
    const before = eks.requests.length;
    const error = await cluster()
      .fetch(path)
      .catch((reason: EKSAuthError) => reason);
    expect(error).toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(what),
      remedy: expect.stringMatching(/^(Pass|Leave out) /),
    });
    expect(eks.requests.length).toBe(before);
  });

  it('takes two dots within a name, and in the query', async () => {
    expect((await cluster().fetch('/version?at=/../x')).status).toBe(200);
    expect((await cluster().fetch('/api/v1/namespaces/a..b')).status).toBe(404);
  });

  it.each([
    ...['Authorization', 'host', 'Cookie', 'Impersonate-User', 'impersonate-extra-x'],
    ...['Transfer-Encoding', 'Connection', 'Upgrade', 'Expect', 'Proxy-Authorization'],
  ])('refuses the header %s: the cluster decides who asks, and where', async (name) => {
    await expect(cluster().fetch('/version', { headers: { [name]: 'x' } })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: `cluster.fetch sends its own ${name.toLowerCase()} header.`,
      remedy:
        'Leave it out: the cluster decides who asks, and where. Register it with another context for another user.',
    });
  });

  it('gives the body its own length, whatever a header says: nothing in it is a second request', async () => {
    const before = eks.requests.length;
    const hidden = 'GET /api/v1/secrets HTTP/1.1\r\nHost: x\r\nImpersonate-User: root\r\n\r\n';
    const options = { method: 'POST', headers: { 'Content-Length': '0' }, body: hidden };
    await (await cluster().fetch('/api/v1/namespaces', options)).text();
    await (await cluster().fetch('/version')).text();
    expect(eks.requests.slice(before).map(({ path }) => path)).toEqual(['/api/v1/namespaces', '/version']);
  });

  it('refuses what the global fetch refuses', async () => {
    await expect(cluster().fetch('/version', { body: 'x' })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/^The options of cluster\.fetch are not those of a request: /),
    });
    await expect(cluster().fetch('/version', { redirect: 'follow' } as never)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('cluster.fetch has no option "redirect".'),
    });
  });

  it('keeps the path of the server, and the limits of cluster.withLimits', async () => {
    const heads: unknown[] = [];
    const server = createServer(({ url, headers }, answer) => {
      heads.push([url, headers.authorization]);
      if (url === '/base/version?x=%20') answer.writeHead(302, { location: '/elsewhere' }).end();
      if (url === '/base/odd') answer.socket?.end('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const text = JSON.stringify({
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}/base/` } }],
      users: [{ name: 'x', user: {} }],
    });
    await using other = new ClusterRegistry({ env: {} });
    const plain = await other.registerByString(text);
    const moved = await plain.fetch('/version?x=%20');
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/elsewhere']);
    expect(heads).toEqual([['/base/version?x=%20', undefined]]);
    // An error in a listener of node:http would end the process.
    await expect(plain.fetch('/odd')).rejects.toThrow(RangeError);
    const asked = plain.withLimits({ firstByteMs: 50 }, () => plain.fetch('/version'));
    await expect(asked).rejects.toMatchObject({ code: 'TIMEOUT' });
    server.closeAllConnections();
    server.close();
  });
});
