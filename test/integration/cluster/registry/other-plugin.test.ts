import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { createCertificateAuthority } from '../../../../src/testing/tls/certificate-authority.ts';
import { emptyList, scriptedServer, unauthorized } from '../../../support/scripted-server.ts';

const V1BETA1 = 'client.authentication.k8s.io/v1beta1';
const PATH = '/usr/bin:/bin';

/** A home with a plugin that notes what it was given, and prints what the file `answer` holds. */
async function plugin(body = 'cat "$HOME/answer"') {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-plugin-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, 'bin'));
  const command = join(home, 'bin/get-credential');
  await writeFile(command, `#!/bin/sh\nprintf '%s' "$KUBERNETES_EXEC_INFO" >> "$HOME/infos"\n${body}\n`);
  await chmod(command, 0o755);
  const answer = (status: object, apiVersion = V1BETA1) =>
    writeFile(join(home, 'answer'), JSON.stringify({ kind: 'ExecCredential', apiVersion, status }));
  await answer({ token: 'first' });
  const infos = async (): Promise<readonly { apiVersion: string; spec: object }[]> => {
    const text = await readFile(join(home, 'infos'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };
  return { home, command, answer, infos, runs: async () => (await infos()).length };
}

interface Served {
  readonly url: string;
  readonly ca: string;
}

async function cluster(home: string, { url, ca }: Served, exec: object, options = {}) {
  const path = join(home, 'config');
  const kubeconfig = {
    kind: 'Config',
    'current-context': 'other',
    contexts: [{ name: 'other', context: { cluster: 'other', user: 'other' } }],
    clusters: [
      {
        name: 'other',
        cluster: {
          server: url,
          'certificate-authority-data': ca,
          extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
        },
      },
    ],
    users: [{ name: 'other', user: { exec: { apiVersion: V1BETA1, ...exec } } }],
  };
  await writeFile(path, JSON.stringify(kubeconfig));
  const registry = new ClusterRegistry({ env: { HOME: home, PATH }, ...options });
  onTestFinished(() => registry.close());
  return (await registry.registerByPath(path)).makeApiClient(CoreV1Api);
}

async function anyServer(refused: ReadonlySet<string> = new Set()) {
  const server = await scriptedServer(({ authorization }, response) => {
    if (refused.has(authorization)) unauthorized(response);
    else emptyList(response);
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { ...server, seen: server.seen, ca: server.trusted.certificateAuthorityData };
}

describe('a user of another exec plugin', () => {
  it('is called once for five requests, and told of the cluster as kubectl tells it', async () => {
    const { home, command, infos } = await plugin();
    const server = await anyServer();
    const api = await cluster(home, server, { command, provideClusterInfo: true });
    await Promise.all(Array.from({ length: 5 }, () => api.listNamespace()));
    expect(new Set(server.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer first']));
    const { url, ca } = server;
    const told = { server: url, 'certificate-authority-data': ca, config: { audience: 'x' } };
    expect(await infos()).toEqual([
      { kind: 'ExecCredential', apiVersion: V1BETA1, spec: { cluster: told, interactive: false } },
    ]);
  });

  it('is called once for five requests where nothing is shared through the cache', async () => {
    const { home, command, runs } = await plugin();
    const api = await cluster(home, await anyServer(), { command }, { cache: false });
    await Promise.all(Array.from({ length: 5 }, () => api.listNamespace()));
    expect(await runs()).toBe(1);
  });

  it('shares its credential, whether apply has written the kubeconfig or not', async () => {
    const { home, command, runs } = await plugin();
    const server = await anyServer();
    await (await cluster(home, server, { command, args: ['x'] })).listNamespace();
    const applied = { command: join(home, '.kube/ekspress/ekspress-exec'), args: ['--', command, 'x'] };
    await (await cluster(home, server, applied)).listNamespace();
    expect(await runs()).toBe(1);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer first']);
  });

  it('is called again for a token that the server refuses, and the request is sent again', async () => {
    const { home, command, answer, runs } = await plugin();
    const refused = new Set<string>();
    const server = await anyServer(refused);
    const api = await cluster(home, server, { command });
    await api.listNamespace();
    refused.add('Bearer first');
    await answer({ token: 'second' });
    await expect(api.listNamespace()).resolves.toMatchObject({ items: [] });
    expect(await runs()).toBe(2);
    await answer({ token: 'first' });
    refused.add('Bearer second');
    await expect(api.listNamespace()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' });
  });

  it('is called again after the end of its credential, which is that of a certificate where it is sooner', async () => {
    const { home, command, answer, runs } = await plugin();
    const authority = createCertificateAuthority('clients');
    const first = authority.issue(['first.example']);
    const names: string[] = [];
    const serverAuthority = createCertificateAuthority('server');
    const server = createServer(
      { ...serverAuthority.issue(['127.0.0.1']), requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        names.push((request.socket as TLSSocket).getPeerCertificate().subjectaltname ?? '');
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"kind":"NamespaceList","items":[]}');
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ca = Buffer.from(serverAuthority.certificate).toString('base64');
    const claim = { expirationTimestamp: '2199-01-01T00:00:00Z' };
    await answer({ ...claim, clientCertificateData: first.cert, clientKeyData: first.key });
    let now = new Date(Date.parse(new X509Certificate(first.cert).validTo) - 60 * 60_000);
    const api = await cluster(home, { url, ca }, { command }, { cache: false, now: () => now });
    await api.listNamespace();
    await api.listNamespace();
    expect(await runs()).toBe(1);
    const second = authority.issue(['second.example']);
    await answer({ clientCertificateData: second.cert, clientKeyData: second.key });
    now = new Date(now.getTime() + 59.5 * 60_000);
    await api.listNamespace();
    expect(names).toEqual(['DNS:first.example', 'DNS:first.example', 'DNS:second.example']);
  });

  const V1 = 'client.authentication.k8s.io/v1';
  it.each([
    ['has no apiVersion', { apiVersion: undefined }, 'INVALID_KUBECONFIG', /has no apiVersion/],
    ['has an apiVersion of long ago', { apiVersion: `${V1}alpha1` }, 'INVALID_KUBECONFIG', /v1alpha1/],
    ['leaves out interactiveMode in v1', { apiVersion: V1 }, 'INVALID_KUBECONFIG', /interactiveMode/],
    ['answers in another apiVersion', { apiVersion: V1, interactiveMode: 'Never' }, 'EXEC_FAILED', /apiVersion/],
    ['has to ask a person', { interactiveMode: 'Always' }, 'EXEC_FAILED', /has to ask a person/],
    ['fails', { args: ['fail'] }, 'EXEC_FAILED', /log in first/],
    ['prints no JSON', { args: ['chat'] }, 'EXEC_FAILED', /not JSON/],
  ])('fails with a code where it %s', async (_, exec, code, message) => {
    const { home, command } = await plugin(
      'case $1 in fail) echo "log in first" >&2; exit 3 ;; chat) echo hello ;; *) cat "$HOME/answer" ;; esac',
    );
    const api = await cluster(home, await anyServer(), { command, ...exec });
    await expect(api.listNamespace()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('fails with the install hint of the kubeconfig where it is not installed', async () => {
    const { home } = await plugin();
    const exec = { command: 'no-such-plugin', installHint: 'Get it from https://plugins.example.' };
    const api = await cluster(home, await anyServer(), exec);
    await expect(api.listNamespace()).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      remedy: 'Get it from https://plugins.example.',
    });
  });

  it('sends nothing of it over plain http', async () => {
    const { home, command, runs } = await plugin();
    const { createServer: createPlain } = await import('node:http');
    const seen: (string | undefined)[] = [];
    const server = createPlain((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"kind":"NamespaceList","items":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await (await cluster(home, { url, ca: '' }, { command })).listNamespace();
    expect(seen).toEqual([undefined]);
    expect(await runs()).toBe(0);
  });
});
