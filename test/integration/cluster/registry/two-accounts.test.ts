import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/index.ts';
import { startLocalEKS } from '../../../../src/testing/index.ts';

it('Two accounts may have clusters of one name in one region: each gets its own tokens, kept side by side', async () => {
  const home = mkdtempSync(join(tmpdir(), 'ekspress-accounts-'));
  const accounts = { one: '111111111111', two: '222222222222' };
  const start = (name: keyof typeof accounts) =>
    startLocalEKS({
      clusterName: 'prod',
      accountId: accounts[name],
      identities: {
        [name]: {
          accessKeyId: `AKIA${name.toUpperCase()}`,
          secretAccessKey: `EXAMPLEKEY-${name}`,
          arn: `arn:aws:iam::${accounts[name]}:user/${name}`,
          groups: ['system:masters'],
        },
      },
    });
  await using one = await start('one');
  await using two = await start('two');
  const clusters = { one, two };
  mkdirSync(join(home, '.aws'));
  const profiles = Object.keys(accounts).map(
    (name) => `[${name}]\naws_access_key_id = AKIA${name.toUpperCase()}\naws_secret_access_key = EXAMPLEKEY-${name}\n`,
  );
  writeFileSync(join(home, '.aws', 'credentials'), profiles.join(''));
  try {
    for (let round = 0; round < 2; round += 1) {
      await using registry = new ClusterRegistry({ env: { HOME: home } });
      for (const [profile, eks] of Object.entries(clusters)) {
        const path = join(home, `${profile}.yaml`);
        writeFileSync(path, eks.kubeconfig({ profile }));
        const cluster = await registry.registerEKSByPath(path);
        expect(cluster.id).toBe(eks.clusterArn);
        await cluster.makeApiClient(CoreV1Api).listNamespace();
      }
      expect(registry.list()).toHaveLength(2);
    }
    for (const eks of [one, two]) {
      expect(eks.requests.map(({ status }) => status)).toEqual([200, 200]);
      // The second registry took what the first one had left.
      expect(new Set(eks.requests.map(({ tokenHash }) => tokenHash)).size).toBe(1);
    }
    const entries = readdirSync(join(home, '.kube/cache/eks-tokens')).filter((name) => name.endsWith('.json'));
    expect(entries.sort()).toEqual(['prod_us-east-1_one.json', 'prod_us-east-1_two.json']);
  } finally {
    rmSync(home, { recursive: true });
  }
});
