import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { realKubectls } from '../support/kubectl.ts';
import { NOWHERE } from '../support/paths.ts';
import { GET_TOKEN, KnownKeys, type Outcome, PluginWorld, run, somebody } from '../support/plugin-home.ts';
import { signToken } from '../support/sign-token.ts';

// Applied once, and then whatever happens to the package, to Node and to the cache: kubectl goes on working.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const server = inject('apiServer');
const kubectl = realKubectls().at(-1) ?? '';
if (kubectl === '') console.log('skipped: no kubectl');

const admin = somebody('remains', ['system:masters']);

/** Who made the token: Node of ours, or the command that the kubeconfig had before. */
type Maker = 'node' | 'original' | 'cache';

describe.skipIf(!server || !kubectl)('kubectl after an uninstall', () => {
  let world: PluginWorld;
  let env: Record<string, string>;
  const known = server && new KnownKeys(server);
  const path = (...names: string[]) => join(world.home, ...names);
  const systemPath = '/usr/local/bin:/usr/bin:/bin';

  beforeAll(() => known?.add(admin));
  afterAll(() => known?.forget());

  beforeEach(async () => {
    world = new PluginWorld(server);
    world.writeCredentials({ default: admin });
    // As a version manager keeps it, with the package among its global ones.
    mkdirSync(path('versions/v20/bin'), { recursive: true });
    try {
      linkSync(process.execPath, path('versions/v20/bin/node'));
    } catch {
      copyFileSync(process.execPath, path('versions/v20/bin/node'));
    }
    mkdirSync(path('package'));
    for (const part of ['dist', 'bin', 'package.json'])
      cpSync(join(ROOT, part), path('package', part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), path('package/node_modules'));
    const credential = {
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      spec: {},
      status: {
        expirationTimestamp: `${new Date(Date.now() + 14 * 60_000).toISOString().slice(0, 19)}Z`,
        token: signToken(admin),
      },
    };
    world.executable('aws', `echo called >>'${path('aws-calls')}'\ncat <<'END'\n${JSON.stringify(credential)}\nEND`);
    const [command = '', ...args] = GET_TOKEN;
    const KUBECONFIG = world.kubeconfig('config', { command, args });
    env = { HOME: world.home, PATH: `${path('bin')}:${path('versions/v20/bin')}:${systemPath}`, KUBECONFIG };
    const cli = [path('versions/v20/bin/node'), path('package/dist/cli/main.js')];
    const applied = await run([...cli, 'apply', '--all', '--yes'], env);
    expect(applied).toMatchObject({ status: 0 });
  });
  afterEach(() => world.remove());

  const uninstall = () => rmSync(path('package'), { recursive: true });
  const removeNode = () => rmSync(path('versions'), { recursive: true });
  const awsCalls = () =>
    existsSync(path('aws-calls')) ? readFileSync(path('aws-calls'), 'utf8').split('\n').length - 1 : 0;
  /** A `node` in a folder of its own, first on PATH. */
  const nodeThat = (body: string): Record<string, string> => {
    world.executable('first/node', body);
    return { PATH: `${path('bin/first')}:${env.PATH}` };
  };
  const NODE_12 = `[ "$1" = --version ] && { echo v12.22.12; exit 0; }
echo 'import { parseArgs } from "node:util"; SyntaxError: The requested module does not provide an export' >&2; exit 1`;

  const cases: [string, Maker, () => Record<string, string> | undefined][] = [
    ['nothing happens', 'node', () => undefined],
    [
      'the package is deleted',
      'original',
      () => {
        uninstall();
        return undefined;
      },
    ],
    [
      'Node and the package are deleted, and no other Node is there',
      'original',
      () => {
        uninstall();
        removeNode();
        return { PATH: `${path('bin')}:${systemPath}`.replace('/usr/local/bin:', '') };
      },
    ],
    [
      'only the Node that it was applied with is deleted',
      'node',
      () => {
        removeNode();
        // The version manager has switched to another one.
        return { PATH: `${path('bin')}:${join(process.execPath, '..')}:${systemPath}` };
      },
    ],
    ['Node 12 comes first on PATH', 'node', () => nodeThat(NODE_12)],
    [
      'Node 12 is the only one left',
      'original',
      () => {
        removeNode();
        return nodeThat(NODE_12);
      },
    ],
    [
      'the only Node left crashes, after it has printed something',
      'original',
      () => {
        removeNode();
        return nodeThat('echo \'{"kind":"ExecCred\'; kill -SEGV $$');
      },
    ],
    ['NODE_OPTIONS names a file that is gone', 'node', () => ({ NODE_OPTIONS: '--require /nowhere/hook.js' })],
    ['NODE_OPTIONS is nonsense', 'node', () => ({ NODE_OPTIONS: '--no-such-option' })],
    [
      'the package is deleted by half',
      'original',
      () => {
        for (const name of readdirSync(path('package/dist'))) {
          if (!/^(exec|cli)$/.test(name)) rmSync(path('package/dist', name), { recursive: true });
        }
        rmSync(path('package/dist/exec/main.cjs'));
        rmSync(path('package/node_modules'));
        return undefined;
      },
    ],
    [
      'the cache cannot be a directory',
      'node',
      () => {
        rmSync(path('.kube/cache'), { recursive: true, force: true });
        writeFileSync(path('.kube/cache'), '');
        return undefined;
      },
    ],
  ];

  /** One document, and who made the token. */
  async function ask(more: Record<string, string>): Promise<Maker> {
    const before = awsCalls();
    const { exec } = JSON.parse(readFileSync(env.KUBECONFIG ?? '', 'utf8')).users[0].user;
    const answer: Outcome = await run([exec.command, ...exec.args], { ...env, ...more, EKS_TOKEN_DEBUG: '1' });
    expect(answer).toMatchObject({ status: 0 });
    expect(JSON.parse(answer.stdout)).toMatchObject({ kind: 'ExecCredential' });
    expect(answer.stdout.trimEnd().split('\n')).toHaveLength(1);
    const calls = awsCalls() - before;
    expect(calls).toBeLessThanOrEqual(1);
    if (calls === 1) return 'original';
    return answer.stderr.includes('[DEBUG] hit') ? 'cache' : 'node';
  }

  it.each(cases)('works when %s: the token comes from the %s', async (title, maker, happen) => {
    const more = happen() ?? {};
    expect(await ask(more)).toBe(maker);
    // Of half a package Node itself says which file is missing.
    const started = { debug: title.includes('by half') };
    const { status, stdout } = await run([kubectl, 'get', 'namespaces', '-o', 'name'], { ...env, ...more }, started);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('namespace/kube-system') });
    // What we made is there for the next one, unless there is no place for it.
    expect(await ask(more)).toBe(maker === 'node' && existsSync(world.cache) ? 'cache' : maker);
    if (existsSync(world.cache)) {
      rmSync(world.cache, { recursive: true });
      expect(await ask(more)).toBe(maker);
    }
  });

  it('gets a token that is still in the cache, starting nothing, when the package and Node are deleted and PATH is that of a desktop', async () => {
    expect(await ask({})).toBe('node');
    uninstall();
    removeNode();
    expect(await ask({ PATH: NOWHERE })).toBe('cache');
  });

  it('gets an error with the reason when the original command leads back to the plugin', async () => {
    const { exec } = JSON.parse(readFileSync(env.KUBECONFIG ?? '', 'utf8')).users[0].user;
    uninstall();
    world.executable('aws', `echo called >>'${path('aws-calls')}'\nexec '${exec.command}' aws "$@"`);
    const { status, stdout, stderr } = await run([exec.command, ...exec.args], env);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('leads back to ekspress-exec');
    expect(awsCalls()).toBeLessThanOrEqual(2);
  });
});
