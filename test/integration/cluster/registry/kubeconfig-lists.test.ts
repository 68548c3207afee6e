import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { realKubectls } from '../../../support/kubectl.ts';
import { SEED } from '../../../support/seed.ts';

const kubectl = realKubectls().at(-1) ?? '';

const LISTS = 6;
const NAMES = ['a', 'b', 'c'];

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ekspress-lists-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The same numbers for the same seed. */
function drawer(seed: number): <T>(of: readonly T[]) => T {
  let state = seed >>> 0;
  return (of) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return of[Math.floor((state / 2 ** 32) * of.length)] as never;
  };
}

/** Some entries of a few names, each with the file that it stands in written into it. */
function drawFile(draw: ReturnType<typeof drawer>, path: string): void {
  const some = (): string[] => NAMES.filter(() => draw([true, true, false]));
  const clusters = some().map((name) => ({
    name,
    cluster: {
      server: `https://${name}.example/${path.replace(/\W/g, '')}`,
      'certificate-authority': draw(['ca', './x/ca', '../ca', '/abs/ca']),
    },
  }));
  const users = some().map((name) => ({
    name,
    user: draw([
      { token: `${name} of ${path}` },
      { 'client-certificate': 'c/cert', 'client-key': '/abs/key' },
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: draw(['tool', './tool', 'bin/tool']),
          args: [path],
          interactiveMode: 'Never',
        },
      },
    ]),
  }));
  const contexts = some().map((name) => ({
    name,
    context: { cluster: draw(NAMES), user: draw(NAMES), ...draw([{}, { namespace: `ns of ${path}` }]) },
  }));
  const current = draw([{}, { 'current-context': draw([...NAMES, '']) }]);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters, users, contexts, ...current }));
}

interface View {
  readonly 'current-context': string;
  readonly clusters: readonly { name: string; cluster: { server: string } }[] | null;
  readonly users: readonly { name: string; user: { token?: string; exec?: { args: string[] } } }[] | null;
  readonly contexts: readonly { name: string; context: { cluster: string; user: string; namespace?: string } }[] | null;
}

describe('a KUBECONFIG list', () => {
  it.skipIf(kubectl === '')(`is merged as kubectl merges it (seed ${SEED})`, async () => {
    const draw = drawer(SEED);
    let compared = 0;
    for (let round = 0; round < LISTS; round += 1) {
      const paths = ['one', 'two/config', 'two/other', 'three/deep/config'].map((name) => join(home, `${round}`, name));
      for (const path of paths) drawFile(draw, path);
      const listed = Array.from({ length: 6 }, () => draw([...paths, '', join(home, 'nowhere')]));
      const env = { HOME: home, KUBECONFIG: [...listed, paths[0]].join(':') };
      const view: View = JSON.parse(
        execFileSync(kubectl, ['config', 'view', '--raw', '-o', 'json'], { env, encoding: 'utf8' }),
      );
      await using registry = new ClusterRegistry({ env, cache: false });
      // A context whose cluster or user stands nowhere is no context that can be used.
      const usable = (view.contexts ?? []).flatMap(({ name, context }) => {
        const cluster = view.clusters?.find((one) => one.name === context.cluster)?.cluster;
        const user = view.users?.find((one) => one.name === context.user)?.user;
        return cluster && user ? [{ name, context, cluster, user }] : [];
      });
      const { registered, failed } =
        (view.contexts ?? []).length > 0 ? await registry.registerAll() : { registered: [], failed: [] };
      expect(registered.map(({ context }) => context).sort(), env.KUBECONFIG).toEqual(
        usable.map(({ name }) => name).sort(),
      );
      expect(registered.length + failed.length).toBe((view.contexts ?? []).length);
      for (const { name, context, cluster, user } of usable) {
        const ours = registered.find((one) => one.context === name)?.kubeConfig;
        expect(ours?.getCurrentCluster()?.server).toBe(cluster.server);
        expect(ours?.getContextObject(name)?.namespace).toBe(context.namespace);
        expect(ours?.getCurrentUser()?.token).toBe(user.token);
        // ekspress runs the plugin itself: client-node gets no command.
        expect(ours?.getCurrentUser()).toMatchObject({ name: context.user });
        const { caFile = '' } = ours?.getCurrentCluster() ?? {};
        expect(caFile.startsWith('/abs') || caFile.startsWith(home), caFile).toBe(true);
        compared += 1;
      }
      const current = view['current-context'];
      const byDefault = await registry.registerByPath(undefined, { id: 'default' }).catch(() => undefined);
      expect(byDefault?.context, env.KUBECONFIG).toBe(usable.find(({ name }) => name === current)?.name);
    }
    expect(compared).toBeGreaterThan(LISTS / 2);
  });
});
