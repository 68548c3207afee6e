import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import type { Logger } from '../../../../src/host.ts';
import { ARN, CA, EKS_USER, kubeconfigText, SERVER, TRUSTED } from '../../../support/kubeconfig-text.ts';

const multi = fileURLToPath(new URL('../../../kubeconfigs/multi.yaml', import.meta.url));
let home: string;
let registry: ClusterRegistry;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ekspress-registry-'));
  registry = new ClusterRegistry({ env: { HOME: home } });
});
afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<string> {
  const path = join(home, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe('the context that is registered', () => {
  it('is the current one', async () => {
    const cluster = await registry.registerEKSByPath(multi);
    expect(cluster.context).toBe('dev-acme');
    expect(cluster.eksAuth?.exec.env.get('AWS_PROFILE')).toBe('acme');
  });

  it('is the one asked for, whatever exec stands first', async () => {
    const cluster = await registry.registerEKSByPath(multi, { context: 'prod-apne2' });
    expect(cluster.eksAuth).toMatchObject({
      clusterName: 'prod',
      region: 'ap-northeast-2',
      roleArn: 'arn:aws:iam::123456789012:role/eks-admin',
    });
  });

  it('may have a user that has nothing to do with EKS', async () => {
    const text = kubeconfigText({ user: 'token: fixed' });
    const path = await write(
      'config',
      `${text}  - {name: other, user: {exec: {command: aws, args: [eks, get-token, --cluster-name, x]}}}\n`,
    );
    const cluster = await registry.registerByPath(path);
    expect(cluster).toMatchObject({ id: ARN, eksAuth: undefined, tokenManager: undefined });
    expect(cluster.kubeConfig.getCurrentUser()).toMatchObject({ name: 'admin', token: 'fixed' });
    await expect(cluster.getToken()).rejects.toMatchObject({ code: 'NOT_EKS' });
  });
});

describe('the id of a cluster', () => {
  it.each([
    ['the ARN that names the cluster', ARN, 'admin', ARN],
    ['the ARN that names the user', 'c', ARN, ARN],
    ['the context where there is no ARN', 'c', 'admin', 'prod'],
    ['the context where the ARN is of another cluster', ARN.replace('/prod', '/test'), 'admin', 'prod'],
    ['the context where the ARN is of another service', ARN.replace(':eks:', ':ecs:'), 'admin', 'prod'],
    [
      'the ARN of another partition',
      ARN.replace('arn:aws:', 'arn:aws-cn:'),
      'admin',
      ARN.replace('arn:aws:', 'arn:aws-cn:'),
    ],
  ])('is %s', async (_title, clusterName, userName, id) => {
    const text = kubeconfigText()
      .replaceAll(ARN, clusterName)
      .replaceAll(/(user|name): admin/g, `$1: ${userName}`);
    expect((await registry.registerByPath(await write('config', text))).id).toBe(id);
  });

  it('is what the caller says', async () => {
    expect((await registry.registerByPath(multi, { id: 'mine' })).id).toBe('mine');
    expect((await registry.registerEKSByPathWithID(multi, 'mine too')).id).toBe('mine too');
    const trustedServers = [TRUSTED];
    const third = await registry.registerEKSByStringWithID(kubeconfigText(), 'my string', { trustedServers });
    expect(third.id).toBe('my string');
    expect(registry.list().map(({ id }) => id)).toEqual(['mine', 'mine too', 'my string']);
    expect(registry.get('my string')).toBe(third);
    await expect(registry.registerByPath(multi, { id: '' })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(registry.registerEKSByPathWithID(multi, undefined as never)).rejects.toMatchObject({
      message: 'The id of a cluster must be a non-empty string.',
    });
  });

  it('is given once', async () => {
    const first = await registry.registerByPath(multi, { id: 'one' });
    await expect(registry.registerByPath(multi, { id: 'one', context: 'prod' })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message:
        'A cluster "one" is already registered, for "https://wWigD6UP5rxz4y9qPGV4.KS5.us-east-1.eks.amazonaws.com".',
      remedy: 'Pass another { id }, or { replace: true } to replace it.',
    });
    expect(registry.get('one')).toBe(first);
  });

  it('is given once, also to two calls at the same time', async () => {
    const results = await Promise.allSettled([registry.registerByPath(multi), registry.registerByPath(multi)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(registry.list()).toHaveLength(1);
  });

  it('goes to another one on demand, and the first is closed', async () => {
    const events: string[] = [];
    registry.on('removed', ({ cluster }) => events.push(`removed ${cluster.context}`));
    registry.on('registered', ({ cluster }) => events.push(`registered ${cluster.context}`));
    const first = await registry.registerByPath(multi, { id: 'one' });
    const second = await registry.registerByPath(multi, { id: 'one', context: 'prod', replace: true });
    expect(registry.list()).toEqual([second]);
    expect(events).toEqual(['registered dev-acme', 'removed dev-acme', 'registered prod']);
    await expect(first.getToken()).rejects.toMatchObject({ message: expect.stringContaining('unregistered') });
  });
});

describe('the kubeconfig of a registration', () => {
  it('is ~/.kube/config, of the home directory given', async () => {
    await write('.kube/config', kubeconfigText());
    expect((await registry.registerByPath()).id).toBe(ARN);
    expect((await registry.registerByPath('~/.kube/config', { id: 'tilde' })).server).toBe(SERVER);
  });

  it('is the KUBECONFIG list: the first file with a name wins, files that are not there are skipped', async () => {
    const a = await write('a', 'kind: Config\ncontexts: [{name: empty, context: {cluster: prod}}]\n');
    const b = await write('b', kubeconfigText().replaceAll(ARN, 'prod'));
    const c = await write(
      'c',
      kubeconfigText({ server: 'https://late.example', user: 'token: late' }).replaceAll(ARN, 'prod'),
    );
    const KUBECONFIG = ['', a, join(home, 'none'), b, '', c, b].join(delimiter);
    await using listed = new ClusterRegistry({ env: { HOME: home, KUBECONFIG } });
    const cluster = await listed.registerByPath();
    expect(cluster).toMatchObject({ context: 'prod', server: SERVER, eksAuth: { clusterName: 'prod' } });
    const empty = await listed.registerByPath(undefined, { context: 'empty' });
    expect(empty, 'entries are found across the files').toMatchObject({ server: SERVER, eksAuth: undefined });
    await expect(listed.registerByPath(undefined, { context: 'prop' })).rejects.toMatchObject({
      message: `There is no context "prop" in ${a}, ${b}, ${c}. Did you mean "prod"?`,
    });
  });

  it('has relative paths that start from the file that they stand in, as in kubectl', async () => {
    const path = await write(
      'sub/config',
      kubeconfigText({
        user: 'client-certificate: a/cert\n      client-key: /abs/key\n      exec: {command: ./tool}',
      }).replace(/certificate-authority-data: .*/, 'certificate-authority: ca.crt'),
    );
    const { kubeConfig, core } = await registry.registerByPath(path);
    const { selected } = core;
    expect(kubeConfig.getCurrentCluster()).toMatchObject({ caFile: join(home, 'sub/ca.crt') });
    expect(kubeConfig.getCurrentUser()).toMatchObject({ certFile: join(home, 'sub/a/cert'), keyFile: '/abs/key' });
    expect(selected.user.exec).toMatchObject({ command: join(home, 'sub/tool') });
  });

  it('has data before files, a token file before a token, and fixed credentials before a command', async () => {
    const files =
      'client-certificate: a\n      client-certificate-data: YQ==\n      client-key: b\n      client-key-data: Yg==\n      ';
    const first = await registry.registerByPath(
      await write(
        'a',
        kubeconfigText({ cluster: 'certificate-authority: ca', user: `${files}token: t\n      exec: {command: x}` }),
      ),
    );
    expect(first.kubeConfig.getCurrentCluster()).toMatchObject({ caData: CA });
    expect(first.kubeConfig.getCurrentCluster()?.caFile).toBeUndefined();
    const user = first.kubeConfig.getCurrentUser();
    expect(user).toMatchObject({ certData: 'YQ==', keyData: 'Yg==', token: 't' });
    expect([user?.certFile, user?.keyFile, user?.exec]).toEqual([undefined, undefined, undefined]);
    const second = await registry.registerByPath(
      await write('b', kubeconfigText({ user: 'token: t\n      tokenFile: token' })),
      { id: 'b' },
    );
    expect(second.core.selected.user.tokenFile).toBe(join(home, 'token'));
    expect(second.kubeConfig.getCurrentUser()?.token).toBeUndefined();
  });
});

describe('the KubeConfig of a cluster', () => {
  it('holds this cluster alone, and no exec that client-node would run itself', async () => {
    const path = await write('config', kubeconfigText({ user: `${EKS_USER}\n      as: auditor` }));
    const { kubeConfig } = await registry.registerByPath(path);
    expect([kubeConfig.contexts, kubeConfig.clusters, kubeConfig.users].map((list) => list.length)).toEqual([1, 1, 1]);
    const user = kubeConfig.getCurrentUser();
    expect(user).toMatchObject({ impersonateUser: 'auditor', authProvider: { name: 'ekspress' } });
    expect(user?.exec).toBeUndefined();
  });

  it('shows no secret of the stanza', async () => {
    const path = await write(
      'config',
      kubeconfigText({ user: `${EKS_USER}\n        env: [{name: AWS_SECRET_ACCESS_KEY, value: very-secret}]` }),
    );
    const cluster = await registry.registerByPath(path);
    cluster.kubeConfig.getCurrentUser();
    expect(inspect(cluster, { depth: 20, showHidden: true })).not.toContain('very-secret');
    expect(JSON.stringify(cluster)).not.toContain('very-secret');
  });
});

describe('every context of a kubeconfig', () => {
  it('is registered, those that share an ARN under their own names', async () => {
    const { registered, failed } = await registry.registerAll(multi);
    expect(failed).toEqual([]);
    expect(registered.map(({ id, context }) => [id, context])).toEqual([
      ['arn:aws:eks:us-east-1:123456789012:cluster/dev', 'arn:aws:eks:us-east-1:123456789012:cluster/dev'],
      ['arn:aws:eks:us-east-1:123456789012:cluster/prod', 'prod'],
      ['arn:aws:eks:ap-northeast-2:123456789012:cluster/dev', 'arn:aws:eks:ap-northeast-2:123456789012:cluster/dev'],
      ['arn:aws:eks:ap-northeast-2:123456789012:cluster/prod', 'prod-apne2'],
      ['dev-acme', 'dev-acme'],
    ]);
  });

  it('fails by itself', async () => {
    const path = await write(
      'config',
      `${kubeconfigText()}  - {name: broken, user: {exec: {}}}
  - {name: token, user: {token: t}}
`.replace(
        'users:',
        `  - {name: lost, context: {cluster: lost, user: token}}
  - {name: half, context: {user: token}}
  - {name: broken, context: {cluster: '${ARN}', user: broken}}
  - {name: token, context: {cluster: '${ARN}', user: token}}
users:`,
      ),
    );
    const { registered, failed } = await registry.registerAll(path);
    expect(registered.map(({ id }) => id)).toEqual(['prod', 'token']);
    expect(
      failed.map(({ context, error }) =>
        `${context}: ${error.code} ${error.message}`.replaceAll(join(home, 'config'), '~/config'),
      ),
    ).toEqual([
      'lost: INVALID_KUBECONFIG There is no cluster "lost", which the context "lost" names in ~/config. There is "arn:aws:eks:us-west-2:123456789012:cluster/prod".',
      'broken: INVALID_KUBECONFIG user "broken" in ~/config: exec has no command.',
      'half: INVALID_KUBECONFIG context "half" in ~/config names no cluster.',
    ]);
  });

  it('never takes the place of another one of them, also where a context has the ARN of a stranger for a name', async () => {
    const path = await write(
      'config',
      JSON.stringify({
        kind: 'Config',
        contexts: [
          { name: ARN, context: { cluster: 'x', user: 'u' } },
          { name: 'b', context: { cluster: `${ARN}-x`, user: 'u' } },
          { name: `${ARN}-x`, context: { cluster: `${ARN}-x`, user: 'u' } },
          { name: 'd', context: { cluster: ARN, user: 'u' } },
        ],
        clusters: ['x', ARN, `${ARN}-x`].map((name) => ({ name, cluster: { server: SERVER } })),
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    );
    const { registered, failed } = await registry.registerAll(path, { replace: true });
    expect(failed).toEqual([]);
    expect(registered.map(({ id, context }) => [id, context])).toEqual([
      [ARN, ARN],
      ['b', 'b'],
      [`${ARN}-x`, `${ARN}-x`],
      ['d', 'd'],
    ]);
    expect(registry.list()).toEqual(registered);
  });

  it('is refused one by one a second time, or replaced', async () => {
    await registry.registerAll(multi);
    const again = await registry.registerAll(multi);
    expect([again.registered.length, again.failed.length]).toEqual([0, 5]);
    const replaced = await registry.registerAll(multi, { replace: true });
    expect([replaced.registered.length, replaced.failed.length, registry.list().length]).toEqual([5, 0, 5]);
  });
});

describe('a registry', () => {
  it('tells at unregistering whether there was something', async () => {
    const removed: string[] = [];
    registry.on('removed', ({ cluster }) => removed.push(cluster.id));
    const { id } = await registry.registerByPath(multi);
    expect(await registry.unregister('nobody')).toBe(false);
    expect(await registry.unregister(id)).toBe(true);
    expect(await registry.unregister(id)).toBe(false);
    expect(registry.get(id)).toBeUndefined();
    expect(removed).toEqual([id]);
  });

  it('requires a cluster, and names similar ids where it has none of that id', async () => {
    expect(() => registry.require('prod')).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: 'No cluster "prod" is registered.' }),
    );
    const arns = ['prod', 'staging'].map((name) => ARN.replace('/prod', `/${name}`));
    for (const id of arns) await registry.registerByPath(multi, { id });
    expect(registry.require(ARN).id).toBe(ARN);
    const missing = (id: string) => expect(() => registry.require(id));
    missing('prdo').toThrow(`No cluster "prdo" is registered. There are "${arns[0]}", "${arns[1]}".`);
    missing('prod').toThrow(`Did you mean "${ARN}"?`);
    missing(ARN.replace('/prod', '/stagign')).toThrow(`Did you mean "${arns[1]}" or "${arns[0]}"?`);
    missing(undefined as never).toThrow('The argument id of registry.require is undefined, not a text.');
  });

  it('is closed by await using, and then takes no more', async () => {
    let outside: ClusterRegistry;
    {
      await using inside = new ClusterRegistry({ env: { HOME: home } });
      await inside.registerAll(multi);
      outside = inside;
    }
    expect(outside.list()).toEqual([]);
    await expect(outside.registerByPath(multi)).rejects.toMatchObject({
      message: 'This ClusterRegistry has been closed.',
    });
  });

  it('keeps nothing that is registered while it closes', async () => {
    const late = registry.registerByPath(multi);
    await registry.close();
    await expect(late).rejects.toMatchObject({ message: 'This ClusterRegistry has been closed.' });
    expect(registry.list()).toEqual([]);
  });

  it('has one timer for all, which holds no process open and ends with the last cluster', async () => {
    const started = vi.spyOn(globalThis, 'setInterval');
    const ended = vi.spyOn(globalThis, 'clearInterval');
    const env = { HOME: home, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    await using many = new ClusterRegistry({ env, cache: false });
    const { registered } = await many.registerAll(multi);
    await Promise.allSettled(registered.map((cluster) => cluster.getToken()));
    expect(started).toHaveBeenCalledTimes(1);
    const timer = started.mock.results[0]?.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    expect(ended).not.toHaveBeenCalledWith(timer);
    await many.close();
    expect(ended).toHaveBeenCalledWith(timer);
    vi.restoreAllMocks();
  });

  it('tells of each end before the next beginning, also while connections are being closed', async () => {
    const heard: string[] = [];
    registry.on('removed', ({ cluster }) => heard.push(`removed ${cluster.context}`));
    registry.on('registered', ({ cluster }) => heard.push(`registered ${cluster.context}`));
    await registry.registerByPath(multi, { id: 'one' });
    const removing = registry.unregister('one');
    expect(heard.at(-1)).toBe('removed dev-acme');
    await registry.registerByPath(multi, { id: 'one', context: 'prod' });
    await removing;
    expect(heard).toEqual(['registered dev-acme', 'removed dev-acme', 'registered prod']);
    expect(registry.get('one')?.context).toBe('prod');
  });

  it('keeps what the last call said, in any order of registering, replacing, unregistering and closing', async () => {
    const alive = new Set<unknown>();
    registry.on('registered', ({ cluster }) => alive.add(cluster));
    registry.on('removed', ({ cluster }) => alive.delete(cluster));
    const ids = ['a', 'b'];
    const work = Array.from({ length: 60 }, (_, index) => {
      const id = ids[index % 2] ?? '';
      if (index % 7 === 3) return registry.unregister(id);
      return registry.registerByPath(multi, { id, replace: index % 3 !== 0 });
    });
    const outcomes = await Promise.allSettled(work);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'INVALID_CONFIG' });
    }
    expect(new Set(registry.list())).toEqual(alive);
    expect(registry.list().length).toBeLessThanOrEqual(2);
    const late = registry.registerByPath(multi, { id: 'late' });
    await Promise.all([
      registry.close(),
      registry.close(),
      expect(late).rejects.toMatchObject({ code: 'INVALID_CONFIG' }),
    ]);
    expect([registry.list(), [...alive]]).toEqual([[], []]);
  });

  it('reports an async listener that fails like any other', async () => {
    const warnings: unknown[] = [];
    const logger: Logger = { debug() {}, info() {}, error() {}, warn: (...all) => warnings.push(all) };
    await using talkative = new ClusterRegistry({ env: { HOME: home }, logger });
    const failing: () => unknown = async () => {
      throw new Error('no good');
    };
    talkative.on('registered', failing);
    await talkative.registerByPath(multi);
    await expect.poll(() => warnings).toEqual([['a listener failed', { event: 'registered', error: 'no good' }]]);
  });

  it('reports a listener that throws, and the other listeners go on', async () => {
    const warnings: unknown[] = [];
    const logger: Logger = { debug() {}, info() {}, error() {}, warn: (...all) => warnings.push(all) };
    await using talkative = new ClusterRegistry({ env: { HOME: home }, logger });
    const heard: string[] = [];
    talkative.on('registered', () => {
      throw new Error('no good');
    });
    talkative.on('registered', ({ cluster }) => heard.push(cluster.context));
    await talkative.registerByPath(multi);
    expect(heard).toEqual(['dev-acme']);
    expect(warnings).toEqual([['a listener failed', { event: 'registered', error: 'no good' }]]);
  });

  it('lets a listener leave', async () => {
    const heard: string[] = [];
    const listener = () => heard.push('heard');
    registry.on('registered', listener).off('registered', listener);
    await registry.registerByPath(multi);
    expect(heard).toEqual([]);
  });

  it('reports each token and each that could not be minted', async () => {
    const env = { HOME: home, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    await using telling = new ClusterRegistry({ env, cache: false, trustedServers: 'kubeconfig' });
    const heard: unknown[] = [];
    telling.on('refreshed', ({ cluster, source, expiresAt }) => heard.push([cluster.id, source, expiresAt]));
    telling.on('refreshFailed', ({ cluster, error }) => heard.push([cluster.id, error.code]));
    const good = await telling.registerByString(kubeconfigText(), { id: 'good' });
    const { expiresAt } = await good.getToken();
    const user = EKS_USER.replace('prod, --output', 'prod, --profile, none, --output');
    const bad = await telling.registerByString(kubeconfigText({ user }), { id: 'bad' });
    await expect(bad.getToken()).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    expect(heard).toEqual([
      ['good', 'mint', expiresAt],
      ['bad', 'PROFILE_NOT_FOUND'],
    ]);
  });
});
