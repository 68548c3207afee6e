import { PassThrough } from 'node:stream';
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
