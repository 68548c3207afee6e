import { quickRegistry, register } from '../support/quick-registry.ts';
import type { Random } from '../support/random.ts';
import { scriptedServer } from '../support/scripted-server.ts';
import { WAYS } from '../support/ways-out.ts';
import type { Attack } from './attack.ts';

/** Escape sequences that a head may hold, and others that only a body may hold. */
const IN_HEADS = ['\u009b31m', '\u009d0;obey\u009c', '\u0085', '\u00ad'];
const IN_BODIES = [...IN_HEADS, '\x1b]0;obey\x07', '\x1b[2J', '\u202e', '\u2066', '\u200b', '\u2028', '\x00', '\r\x08'];
/** Anything that a terminal does not show as it is, but for what ends and indents a line. */
const UNSEEN = /[^\P{C}\n\t]|[\u2028\u2029]/u;

const words = (random: Random, parts: readonly string[]): string =>
  Array.from({ length: 1 + random.below(3) }, () => `${random.pick(parts)}obey`).join(' ');

/** A whole answer with escape sequences in its phrase, its headers or its body. */
function answerOf(random: Random): Buffer {
  const status = random.pick([200, 200, 201, 301, 307, 307, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503]);
  const text = words(random, IN_BODIES);
  const object = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: text, reason: text };
  const body = random.pick([
    text,
    JSON.stringify(object),
    JSON.stringify({ ...object, details: { name: text, causes: [{ message: text }] } }),
    JSON.stringify(object).replaceAll('\\', ''),
    `{"kind":"List","items":[${JSON.stringify(text)}]}`,
    `{"type":"ERROR","object":${JSON.stringify(object)}}\n`,
    `{"type":"ERROR","object":${text}}\n`,
    `<html>${text}</html>`,
    '',
  ]);
  const said = words(random, IN_HEADS);
  const more = random.pick([
    `warning: 299 - "${said}"`,
    `location: https://[${said}`,
    `location: ${said}:/x`,
    `location: http://127.0.0.1:1/${said}`,
    `content-type: ${said}`,
    `content-encoding: ${random.pick(['gzip', 'br', said])}`,
    `content-length: ${said}`,
    `transfer-encoding: ${said}`,
    `${said}: x`,
  ]);
  const length = /^(content-length|transfer-encoding)/.test(more) ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const type = more.startsWith('content-type') ? [] : ['content-type: application/json'];
  const head = [
    `HTTP/1.1 ${status} ${random.chance(0.5) ? said : 'OK'}`,
    more,
    ...type,
    ...length,
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** The texts of an error; its `body` is the answer as it came. */
function printed(error: unknown): string {
  const { message, stack, cause } = Object(error) as Partial<Error>;
  return `${message}\n${stack}\n${cause === undefined ? '' : printed(cause)}`;
}

/** What an API server says in the errors of clients. */
export const ANSWERS: Attack = {
  kind: 'words of an API server',
  async hold(random) {
    const answer = answerOf(random);
    await using server = await scriptedServer(
      (_request, response) => void response.socket?.end(answer),
      (_request, socket) => void socket.end(answer),
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const limits = { firstByteMs: 2_000, betweenBytesMs: 2_000, watchSilenceMs: 2_000 };
    const errors = await Promise.all(
      random
        .shuffled(Object.values(WAYS))
        .slice(0, 5)
        .map((go) => cluster.withLimits(limits, () => go(cluster)).then(() => undefined, printed)),
    );
    return errors.every((error) => !UNSEEN.test(error ?? ''));
  },
};
