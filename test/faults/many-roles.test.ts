import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ClusterRegistry, parseExecConfig, TokenManager } from 'ekspress';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MintMemory } from '../../src/aws/context/mint-memory.ts';
import { AWSGates } from '../../src/aws/gate/gates.ts';
import { type QuotaSTS, startQuotaSTS } from '../support/quota-sts.ts';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ekspress-roles-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const environment = (sts: QuotaSTS) => ({
  HOME: home,
  PATH: '',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_ENDPOINT_URL_STS: sts.url,
});
const roleArn = (number: number) => `arn:aws:iam::123456789012:role/role-${number}`;
const stanza = (number: number) => ({
  command: 'aws',
  args: [...['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--role-arn'], roleArn(number)],
});
const kubeconfig = (number: number) =>
  JSON.stringify({
    'current-context': 'dev',
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
    clusters: [{ name: 'dev', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'dev', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', ...stanza(number) } } }],
  });

async function coldRegistry(sts: QuotaSTS, roles: number, awsLimits?: object) {
  const env = environment(sts);
  const registry = new ClusterRegistry({ env, cache: false, ...(awsLimits && { awsLimits }) });
  const options = (number: number) => ({ id: `${number}`, trustedServers: 'kubeconfig' }) as const;
  const clusters = await Promise.all(
    Array.from({ length: roles }, (_, number) => registry.registerByString(kubeconfig(number), options(number))),
  );
  return { registry, tokens: () => Promise.all(clusters.map((cluster) => cluster.getToken())) };
}

describe('a process with many cold roles', () => {
  it('has at most 32 calls of AssumeRole under way, over connections that it keeps', async () => {
    await using sts = await startQuotaSTS();
    const { registry, tokens } = await coldRegistry(sts, 120);
    await tokens();
    await registry.close();
    expect(new Set(sts.roles).size).toBe(120);
    expect(sts.mostAtOnce()).toBeLessThanOrEqual(32);
    expect(sts.connections()).toBeLessThanOrEqual(32);
  });

  it('shares the limit between token managers that know nothing of each other', async () => {
    await using sts = await startQuotaSTS();
    const managers = Array.from(
      { length: 60 },
      (_, number) => new TokenManager(parseExecConfig(stanza(number)), { env: environment(sts), cache: false }),
    );
    await Promise.all(managers.map((manager) => manager.getValidToken()));
    expect(sts.mostAtOnce()).toBeLessThanOrEqual(32);
  });

  it('keeps to a limit that a registry sets, and refuses one that makes no sense', async () => {
    await using sts = await startQuotaSTS();
    const { registry, tokens } = await coldRegistry(sts, 20, { assumeRole: { inFlight: 3 } });
    await tokens();
    await registry.close();
    expect(sts.mostAtOnce()).toBeLessThanOrEqual(3);
    expect(() => new ClusterRegistry({ awsLimits: { sso: { perSecond: 0 } } })).toThrow(/awsLimits\.sso\.perSecond/);
  });

  it('backs off as one after a throttled call, and every token arrives', async () => {
    await using sts = await startQuotaSTS({ throttleFirst: 3 });
    const { registry, tokens } = await coldRegistry(sts, 20, { assumeRole: { inFlight: 4 } });
    await tokens();
    await registry.close();
    // Every call would have been throttled once without the common pause.
    expect(sts.throttled()).toBe(3);
    expect(sts.roles.length).toBe(23);
  });

  it('sends no call while a throttled one pauses', async () => {
    // The pause is a part of a second by chance.
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    await using sts = await startQuotaSTS({ throttleFirst: 1 });
    const memory = new MintMemory(new AWSGates({ assumeRole: { inFlight: 1 } }));
    const managers = Array.from(
      { length: 10 },
      (_, number) => new TokenManager(parseExecConfig(stanza(number)), { env: environment(sts), cache: false, memory }),
    );
    const tokens = Promise.all(managers.map((manager) => manager.getValidToken()));
    await vi.waitFor(() => expect(memory.gates.activity('sts')).toMatchObject({ inFlight: 0, waiting: 9 }), {
      timeout: 10_000,
      interval: 5,
    });
    expect(sts.roles.length).toBe(1);
    await tokens;
    expect(sts.roles.length).toBe(11);
    vi.restoreAllMocks();
    for (const manager of managers) manager.stop();
  });

  it('lets a call that a caller waits for go before one that refreshes ahead of time', async () => {
    await using sts = await startQuotaSTS({ lifeMinutes: 25 });
    const memory = new MintMemory(new AWSGates({ assumeRole: { inFlight: 1 } }));
    let time = Date.now();
    const now = () => new Date(time);
    const manager = (number: number) =>
      new TokenManager(parseExecConfig(stanza(number)), { env: environment(sts), cache: false, memory, now });
    const old = [0, 1, 2].map(manager);
    for (const one of old) await one.getValidToken();
    // Their tokens are due and still good; the credentials of their roles are no longer shared.
    time += 11.5 * 60_000;
    const release = sts.hold();
    const first = manager(9).getValidToken();
    for (const one of old) await one.getValidToken();
    const last = manager(10).getValidToken();
    await vi.waitFor(() => expect(memory.gates.activity('sts')).toMatchObject({ inFlight: 1, waiting: 4 }));
    release();
    await Promise.all([first, last]);
    await vi.waitFor(() => expect(sts.roles.length).toBe(8));
    expect(sts.roles.slice(-2).every((role) => [0, 1, 2].map(roleArn).includes(role))).toBe(true);
    for (const one of old) one.stop();
  });

  it('signs a call when its turn has come, however long it has waited', async () => {
    await using sts = await startQuotaSTS();
    const { registry, tokens } = await coldRegistry(sts, 2, { assumeRole: { inFlight: 1 } });
    const release = sts.hold();
    const all = tokens();
    await vi.waitFor(() => expect(registry.activity().aws.sts).toMatchObject({ inFlight: 1, waiting: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const second = Math.floor(Date.now() / 1000) * 1000;
    release();
    await all;
    await registry.close();
    expect(sts.signedAt[1]?.getTime()).toBeGreaterThanOrEqual(second);
  });

  it('ends when its work is done, whatever connections it has kept', async () => {
    await using sts = await startQuotaSTS();
    const program = `
      const { getEKSToken } = await import(${JSON.stringify(BUILT)});
      await getEKSToken({ clusterName: 'dev', region: 'us-east-1', roleArn: ${JSON.stringify(roleArn(1))}, cache: false });
      console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      env: environment(sts),
    });
    expect(stdout).toBe('0\n');
  });
});
