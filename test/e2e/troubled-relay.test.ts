import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';
import { describe, expect, inject, it } from 'vitest';
import { seededRandom } from '../support/random.ts';
import { operateOverRelay, SHORT_LIMITS, versionsOf } from '../support/relay-operations.ts';
import { troubledRelayTo } from '../support/troubled-relay.ts';

const OPERATIONS = Number(process.env.EKSPRESS_RELAY_OPERATIONS ?? 60);
const SEED = Number(process.env.EKSPRESS_RELAY_SEED ?? 16);
const server = inject('apiServer');

describe.skipIf(!server)('over connections to a real API server that fall silent, delay, close and break', () => {
  it(`${OPERATIONS} operations (seed ${SEED}) end within their limits, none lost and none doubled, and an informer is complete`, async () => {
    const folder = join(server?.folder ?? '', 'kc');
    const home = mkdtempSync(join(tmpdir(), 'ekspress-relay-'));
    const text = readFileSync(join(folder, 'aws.yaml'), 'utf8');
    const [, port = ''] = /server: "?https:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    const random = seededRandom(SEED);
    await using registry = new ClusterRegistry({ env: { HOME: home } });
    await using relay = await troubledRelayTo(Number(port), random);
    try {
      const namespace = `relay-${process.pid}`;
      const operator = await registry.registerByPath(join(folder, 'static.yaml'), { id: 'operator' });
      await operator.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
      const path = join(home, 'config');
      writeFileSync(path, text.replace(`:${port}`, `:${relay.port}`));
      const cluster = await registry.registerEKSByPath(path, { limits: SHORT_LIMITS });
      const done = await operateOverRelay(cluster, relay, { random, operations: OPERATIONS, namespace });
      console.log(
        `${OPERATIONS} operations: ${done.created.size} created, ${done.failures} failed in time, ${done.problems.length} problems; connections: ${JSON.stringify(Object.fromEntries(relay.fates))}`,
      );
      expect(done.problems).toEqual([]);
      await expect
        .poll(() => versionsOf(done.informed()), { timeout: 60_000, interval: 200 })
        .toEqual(versionsOf(done.fresh));
      await done.stop();
      expect(done.created.size, 'some succeed').toBeGreaterThan(0);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 1_500_000);
});
