import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../support/command-server.ts';
import { PATH } from '../../../support/paths.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, frame, scriptedServer } from '../../../support/scripted-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const outer = `${PATH}:/usr/bin:/bin`;

/** A pod whose files are in a folder of this machine, and an empty folder beside it. */
async function pod(path = outer) {
  const folder = temporaryFolder('cp');
  const [inside, outside] = [join(folder, 'inside'), join(folder, 'outside')];
  for (const one of [inside, outside]) mkdirSync(one);
  const api = await scriptedServer(
    (_request, response) => emptyList(response),
    (request, socket, accept) => runCommand(request, socket, accept, { PATH: path }),
  );
  const registry = quickRegistry();
  const cp = (await register(registry, api)).makeCp();
  return {
    ...{ cp, inside, outside },
    async [Symbol.asyncDispose]() {
      await registry.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

const BIG = 'a line of text\n'.repeat(50_000);

describe('a copy', () => {
  it('has written all bytes from a pod when it resolves, whatever tar remarks on absolute paths', async () => {
    await using world = await pod();
    writeFileSync(join(world.inside, 'big'), BIG);
    await world.cp.cpFromPod('ns', 'pod', 'c', join(world.inside, 'big'), world.outside);
    expect(readFileSync(join(world.outside, world.inside, 'big'), 'utf8')).toBe(BIG);
  });

  it('has written all bytes to a pod when it resolves', async () => {
    await using world = await pod();
    writeFileSync(join(world.outside, 'big'), BIG);
    await world.cp.cpToPod('ns', 'pod', 'c', world.outside, world.inside);
    expect(readFileSync(join(world.inside, 'big'), 'utf8')).toBe(BIG);
  });

  it('fails with what tar and the server say of a file that does not exist', async () => {
    await using world = await pod();
    const copy = world.cp.cpFromPod('ns', 'pod', 'c', 'nothing', world.outside, world.inside);
    await expect(copy).rejects.toThrow(/nothing.*No such file.*\n.*\ncommand terminated with exit code 2/);
  });

  it('fails with what the server says of a container without tar', async () => {
    await using world = await pod('/nonexistent');
    const missing = 'exec: "tar": executable file not found in $PATH';
    await expect(world.cp.cpFromPod('ns', 'pod', 'c', '/etc', world.outside)).rejects.toThrow(missing);
    await expect(world.cp.cpToPod('ns', 'pod', 'c', world.outside, '/tmp')).rejects.toThrow(missing);
  });

  it('fails where the connection is closed before the command has ended', async () => {
    await using api = await scriptedServer(
      (_request, response) => emptyList(response),
      (_request, socket, accept) => {
        accept();
        socket.end(Buffer.concat([frame(2, 'tar: part of it'), Buffer.from([0x88, 0])]));
      },
    );
    await using registry = quickRegistry();
    const copy = (await register(registry, api)).makeCp().cpFromPod('ns', 'pod', 'c', '/etc', temporaryFolder('cp'));
    await expect(copy).rejects.toThrow('The connection was closed before the copy had ended.\ntar: part of it');
  });
});

describe('a server that refuses a web socket, a log or metrics', () => {
  it('is quoted, and its status is the code of the error', async () => {
    const status = { kind: 'Status', status: 'Failure', message: 'pods "p" not found', code: 404 };
    const body = JSON.stringify(status);
    const head = ['HTTP/1.1 404 Not Found', 'Content-Type: application/json', `Content-Length: ${body.length}`, '', ''];
    await using api = await scriptedServer(
      (_request, response) => response.writeHead(404, { 'Content-Type': 'application/json' }).end(body),
      // In two parts: the client has the head before the body.
      (_request, socket) => socket.write(head.join('\r\n'), () => setTimeout(() => socket.end(body), 20)),
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, api);
    const quoted = { code: 404, body, message: expect.stringContaining('pods "p" not found') };
    const out = new PassThrough();
    await expect(cluster.makeExec().exec('ns', 'p', 'c', 'id', out, null, null, false)).rejects.toMatchObject(quoted);
    await expect(cluster.makeAttach().attach('ns', 'p', 'c', out, null, null, false)).rejects.toMatchObject(quoted);
    await expect(cluster.makePortForward().portForward('ns', 'p', [80], out, null, out)).rejects.toMatchObject(quoted);
    await expect(cluster.makeCp().cpFromPod('ns', 'p', 'c', '/etc', '/tmp')).rejects.toMatchObject(quoted);
    await expect(cluster.makeLog().log('ns', 'p', 'c', out)).rejects.toMatchObject(quoted);
    await expect(cluster.makeMetrics().getPodMetrics()).rejects.toMatchObject(quoted);
    const ended = await new Promise((resolve) => void cluster.makeWatch().watch('/api/v1/pods', {}, () => {}, resolve));
    expect(ended).toMatchObject({ statusCode: 404, message: 'Not Found: pods "p" not found' });
  });

  it('is said to have no metrics API, where it has none', async () => {
    await using api = await scriptedServer((_request, response) => response.writeHead(404).end('404 page not found\n'));
    await using registry = quickRegistry();
    const metrics = (await register(registry, api)).makeMetrics();
    const failure = { code: 404, message: expect.stringContaining('The API server has no metrics API.') };
    await expect(metrics.getNodeMetrics()).rejects.toMatchObject(failure);
  });
});
