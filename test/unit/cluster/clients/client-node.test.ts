import { describe, expect, it } from 'vitest';
import { type ClientNode, loadClientNode } from '../../../../src/cluster/clients/client-node.ts';

describe('@kubernetes/client-node', () => {
  it('is loaded where it is installed', async () => {
    expect(await loadClientNode()).toHaveProperty('KubeConfig');
  });

  it('is named with the command that installs it where it is missing', async () => {
    const cause = Object.assign(new Error("Cannot find package '@kubernetes/client-node' imported from x.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    await expect(loadClientNode(() => Promise.reject(cause))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: '@kubernetes/client-node is not installed. Clusters need it.',
      remedy:
        'Run `npm install @kubernetes/client-node@~1.4.0` beside ekspress. If ekspress is installed globally, run `npm install --global @kubernetes/client-node@~1.4.0`.',
      cause,
    });
  });

  it('is called too new where this Node cannot load it', async () => {
    const cause = new TypeError("Cannot read properties of undefined (reading 'bind')");
    await expect(loadClientNode(() => Promise.reject(cause))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: `@kubernetes/client-node cannot be loaded by Node ${process.versions.node}.`,
      remedy:
        'Run `npm install @kubernetes/client-node@~1.4.0`. Version 2 and later need Node >= 22.19, though they do not declare it.',
    });
  });

  it('is called too old where it has no authenticators', async () => {
    const old = { KubeConfig: class {} } as unknown as ClientNode;
    await expect(loadClientNode(async () => old)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'The installed @kubernetes/client-node is older than 1.4.',
    });
  });
});
