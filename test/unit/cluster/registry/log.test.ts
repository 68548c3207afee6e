import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { type LocalEKS, startLocalEKS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';

/** A logger that keeps `level message` and the values. */
function recorder() {
  const said: [event: string, values: Record<string, unknown>][] = [];
  const at = (level: string) => (message: string, values: unknown) =>
    void said.push([`${level} ${message}`, values as Record<string, unknown>]);
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { said, logger, events: () => said.map(([event]) => event) };
}

let eks: LocalEKS;
let home: string;
let env: Record<string, string>;
beforeAll(async () => {
  eks = await startLocalEKS();
  home = await mkdtemp(join(tmpdir(), 'ekspress-log-'));
  const { accessKeyId, secretAccessKey } = eks.identities.admin;
  env = { HOME: home, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
});
afterAll(async () => {
  await eks.close();
  await rm(home, { recursive: true, force: true });
});

const cluster = 'cluster dev in us-east-1';

describe('the log of a service', () => {
  it('says where each token came from, also from the shared cache', async () => {
    const answers = [];
    for (const _ of ['cold', 'warm']) {
      const { logger, said } = recorder();
      await using registry = new ClusterRegistry({ env, logger });
      const one = await registry.registerEKSByString(eks.kubeconfig(), { trustedServers: [eks] });
      const { expiresAt } = await one.getToken();
      answers.push(said.at(-1));
      expect(said.at(-1)?.[1].expiresAt).toBe(expiresAt.toISOString());
      expect(JSON.stringify(said)).not.toMatch(/k8s-aws-v1|EXAMPLEKEY/);
    }
    expect(answers).toMatchObject([
      ['debug answered', { cluster, via: 'mint' }],
      ['debug answered', { cluster, via: 'cache' }],
    ]);
  });

  it('warns of a token that cannot be minted', async () => {
    const { logger, said } = recorder();
    await using registry = new ClusterRegistry({ env: { HOME: join(home, 'nobody') }, logger, cache: false });
    const one = await registry.registerEKSByString(eks.kubeconfig({ profile: 'gone' }), {
      trustedServers: 'kubeconfig',
    });
    await expect(one.getToken()).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    expect(said.at(-1)).toMatchObject([
      'warn no new token',
      { cluster, code: 'PROFILE_NOT_FOUND', error: expect.stringContaining('gone') },
    ]);
  });

  it('tells of refused tokens: replaced, or refused for good', async () => {
    const { logger, events } = recorder();
    await using registry = new ClusterRegistry({ env: { HOME: home }, logger, cache: false });
    const { admin, reader } = eks.identities;
    let who = admin;
    const one = await registry.registerEKSByString(eks.kubeconfig(), {
      trustedServers: [eks],
      credentials: async () => who,
    });
    const list = () => one.makeApiClient(CoreV1Api).listNamespace();
    await list();
    eks.revoke(admin.accessKeyId);
    who = reader;
    await list();
    expect(events()).toContain('info a refused token was replaced');
    eks.revoke(reader.accessKeyId);
    await expect(list()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' });
    expect(events()).toContain('warn the API server refuses the identity');
    eks.restore(admin.accessKeyId);
    eks.restore(reader.accessKeyId);
  });
});
