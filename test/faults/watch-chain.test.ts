import { expect, it } from 'vitest';
import { ClusterRegistry } from '../../src/index.ts';
import { startLocalEKS } from '../../src/testing/index.ts';
import { FakeHome } from '../support/fake-aws-home.ts';
import { heapAfterCollection } from '../support/heap.ts';

const WARM_UP = 30;
const WATCHES = 200;

/** A watch with its request and socket takes about 40 KB. */
const BYTES_A_WATCH = 8_000;

it('A watch that is opened when the one before it ends keeps nothing of the earlier ones', async () => {
  const eks = await startLocalEKS();
  const home = new FakeHome();
  await eks.writeAWSFiles(home.directory);
  const trusted = { server: eks.server, certificateAuthorityData: eks.certificateAuthorityData, profile: 'admin' };
  const registry = new ClusterRegistry({ env: home.env, cache: false, trustedServers: [trusted] });
  const cluster = await registry.registerByString(eks.kubeconfig({ profile: 'admin' }));
  const watch = cluster.makeWatch();
  let opened = 0;
  let wanted = WARM_UP;
  let reached: () => void = () => undefined;
  const open = async (): Promise<void> => {
    opened += 1;
    const last = opened >= wanted;
    await watch.watch('/api/v1/namespaces/default/configmaps', {}, () => undefined, last ? reached : open);
    eks.closeWatches();
  };
  const untilOpened = async (count: number): Promise<void> => {
    wanted = count;
    const all = new Promise<void>((resolve) => {
      reached = resolve;
    });
    await open();
    await all;
  };
  await untilOpened(WARM_UP);
  const before = heapAfterCollection();
  await untilOpened(WARM_UP + WATCHES);
  expect((heapAfterCollection() - before) / WATCHES).toBeLessThan(BYTES_A_WATCH);

  await registry.close();
  await eks.close();
}, 120_000);
