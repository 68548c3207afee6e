import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect, it, onTestFinished } from 'vitest';
import { quickRegistry } from '../../../support/quick-registry.ts';
import { emptyList, scriptedServer } from '../../../support/scripted-server.ts';

it('A tokenFile is read at each request and without white space, and an empty one is named', async () => {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-token-file-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await using server = await scriptedServer((_request, response) => emptyList(response));
  await using registry = quickRegistry();
  const kubeconfig = { ...JSON.parse(server.kubeconfig), users: [{ name: 'dev', user: { tokenFile: 'token' } }] };
  const path = join(home, 'config');
  await writeFile(path, JSON.stringify(kubeconfig));
  const file = join(home, 'token');
  await writeFile(file, '\n first \r\n');
  const api = (await registry.registerByPath(path)).makeApiClient(CoreV1Api);
  await api.listNamespace();
  await writeFile(file, 'second\n');
  await api.listNamespace();
  expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second']);
  await writeFile(file, '\n');
  await expect(api.listNamespace()).rejects.toMatchObject({
    code: 'INVALID_KUBECONFIG',
    message: expect.stringContaining('is empty'),
  });
  await rm(file);
  await expect(api.listNamespace()).rejects.toMatchObject({ code: 'INVALID_KUBECONFIG' });
});
