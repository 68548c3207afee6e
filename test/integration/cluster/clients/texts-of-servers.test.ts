import { PassThrough } from 'node:stream';
import { CoreV1Api, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { attachEKSAuth } from 'ekspress';
import { expect, it } from 'vitest';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { scriptedServer } from '../../../support/scripted-server.ts';

/** Sets the title of a terminal, then colours, in the older form of one character, and writes backwards. */
const ESCAPES = '\x1b]0;obey\x07\u009b31m\u202e';
const SHOWN = String.raw`\u{1b}]0;obey\u{7}`;

function watched(cluster: Cluster): Promise<unknown> {
  return new Promise((resolve) => void cluster.watch().watch('/api/v1/pods', {}, () => {}, resolve));
}

function logged(cluster: Cluster): Promise<unknown> {
  return cluster
    .makeLog()
    .log('ns', 'pod', 'c', new PassThrough())
    .catch((error: unknown) => error);
}

function listed(cluster: Cluster): Promise<unknown> {
  return cluster
    .makeApiClient(CoreV1Api)
    .listNamespace()
    .catch((error: unknown) => error);
}

it.each([
  ['watch', 'phrase of a status', watched, '', SHOWN],
  ['watch', 'Status object', watched, JSON.stringify({ kind: 'Status', message: ESCAPES }), SHOWN],
  ['log', 'Status object', logged, JSON.stringify({ kind: 'Status', code: 500, message: ESCAPES }), SHOWN],
  ['log', 'text', logged, ESCAPES, String.raw`Body: "\u001b]0;obey\u0007`],
])(
  'The error of a %s shows the escape sequences in a %s without their effect',
  async (_what, _where, call, body, shown) => {
    await using server = await scriptedServer((_request, response) => {
      const head = `HTTP/1.1 500 ${ESCAPES.replace('\u202e', '')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
      response.socket?.write(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]));
    });
    await using registry = quickRegistry();
    const error = (await call(await register(registry, server))) as Error;
    expect(error.message).toContain(shown);
    expect(`${error.message}${error.stack}`).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  },
);

/** The message and the stack of an error and of its causes. */
function printed(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${error.message}${error.stack}${printed(error.cause)}`;
}

it.each([
  ['Status object', 403, JSON.stringify({ kind: 'Status', message: ESCAPES }), {}],
  ['text', 503, ESCAPES, { 'content-type': 'text/plain' }],
  ['header', 404, '{}', { warning: '299 - "\u009b31m"' }],
  ['body that is not JSON', 200, ESCAPES, {}],
  ['object that is not a list', 200, `{"kind": "${ESCAPES.slice(-1)}\u009b", "items": ${JSON.stringify(ESCAPES)}}`, {}],
  ['redirect', 307, '', { location: 'https://[\u009b31m' }],
  ['redirect to another scheme', 307, '', { location: 'x\u009b31m:/a' }],
  ['encoding', 200, '{}', { 'content-encoding': 'gzip' }],
])(
  'The error of a list shows the escape sequences in a %s without their effect',
  async (_where, status, body, more) => {
    await using server = await scriptedServer(
      (_request, response) =>
        void response.writeHead(status, { 'content-type': 'application/json', ...more }).end(body),
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const attached = new KubeConfig();
    attached.loadFromString(server.kubeconfig);
    const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    await attachEKSAuth(attached, { env, cache: false, trustedServers: [server.trusted] });
    const errors = [
      await listed(cluster),
      await KubernetesObjectApi.makeApiClient(cluster.kubeConfig)
        .list('v1', 'Pod')
        .catch((error: unknown) => error),
      await attached
        .makeApiClient(CoreV1Api)
        .listNamespace()
        .catch((error: unknown) => error),
    ];
    for (const error of errors) expect(printed(error)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  },
);
