import { describe, expect, it } from 'vitest';
import { localWorld } from '../support/local-cluster.ts';
import { seededRandom } from '../support/random.ts';
import { operateOverRelay, SHORT_LIMITS, versionsOf } from '../support/relay-operations.ts';
import { troubledRelayTo } from '../support/troubled-relay.ts';

const OPERATIONS = Number(process.env.EKSPRESS_RELAY_OPERATIONS ?? 120);
const SEED = Number(process.env.EKSPRESS_RELAY_SEED ?? 16);

describe('over connections that fall silent, delay, close and break', () => {
  it(`${OPERATIONS} operations (seed ${SEED}) end within their limits, none lost and none doubled, and an informer is complete`, async () => {
    await using world = await localWorld({ limits: SHORT_LIMITS });
    const random = seededRandom(SEED);
    const { server } = world.eks;
    await using relay = await troubledRelayTo(Number(new URL(server).port), random);
    const text = world.eks.kubeconfig().replaceAll(server, `https://127.0.0.1:${relay.port}`);
    const cluster = await world.registry.registerByPath(await world.write('config', text));
    const done = await operateOverRelay(cluster, relay, { random, operations: OPERATIONS, namespace: 'default' });
    const sent = world.eks.requests
      .filter(({ method, status }) => method === 'POST' && status < 300)
      .map(({ path }) => path);
    const doubled = [...new Set(sent)].filter((path) => sent.filter((one) => one === path).length > 1);
    expect([...done.problems, ...doubled]).toEqual([]);
    await expect
      .poll(() => versionsOf(done.informed()), { timeout: 60_000, interval: 200 })
      .toEqual(versionsOf(done.fresh));
    await done.stop();
    expect(done.created.size, 'some succeed').toBeGreaterThan(0);
    expect(done.failures, 'some are in trouble').toBeGreaterThan(0);
    expect([...relay.fates.keys()].length, 'connections have several fates').toBeGreaterThan(3);
  }, 600_000);
});
