import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { startLocalEKS } from '../../src/testing/index.ts';
import { emptyList, frame, type ScriptedServer, scriptedServer } from '../support/scripted-server.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The name of the runtime, and the words that run a program with it. */
const [name = '', ...runtime] = (process.env.EKSPRESS_TEST_RUNTIME ?? '').split(' ');

/** Runs a program of this package. */
function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runWith([], packageFile(program), args, env);
}

/** Runs any program. @param options of the runtime */
async function runWith(options: readonly string[], program: string, args: readonly string[] = [], env = {}) {
  const [command = '', ...words] = runtime;
  const { stdout } = await promisify(execFile)(command, [...words, ...options, program, ...args], {
    env: { HOME: temporaryFolder('runtime'), PATH: process.env.PATH, ...env },
    cwd: dirname(program),
    timeout: 120_000,
  });
  return stdout;
}

type Outcomes = Readonly<Record<'registered' | 'ownClasses' | 'attached', Readonly<Record<string, string>>>>;

async function walk(server: ScriptedServer, authority = server, env = {}): Promise<Outcomes> {
  const trustedServers = [{ ...authority.trusted, server: server.url }];
  const kubeconfig = authority.kubeconfig.replace(authority.url, server.url);
  return JSON.parse(await run('test/machines/ways.mjs', [JSON.stringify({ kubeconfig, trustedServers })], env));
}

/** A server that answers with empty lists, and opens every web socket. */
function accepting(authority?: ScriptedServer['authority']): Promise<ScriptedServer> {
  const success = frame(3, JSON.stringify({ metadata: {}, status: 'Success' }));
  const upgrade: Parameters<typeof scriptedServer>[1] = (_request, socket, accept) => {
    accept();
    socket.write(success);
  };
  return scriptedServer(answer, upgrade, authority);
}

/** A watch has no events. */
function answer({ path }: { readonly path: string }, response: ServerResponse): void {
  if (path.includes('watch=true')) response.end();
  else emptyList(response);
}

/** The paths for which a server has received a token. */
function withToken({ seen }: ScriptedServer): readonly string[] {
  return seen.filter(({ authorization }) => authorization !== '').map(({ path }) => path);
}

it(`The test kit, the clients and an informer of a cluster run in ${name}`, async () => {
  const names = ['default', 'kube-node-lease', 'kube-public', 'kube-system', 'later'];
  const printed = JSON.parse(await run('test/machines/program.mjs', [temporaryFolder('library')]));
  expect(printed).toEqual([process.arch, ...names]);
});

describe(`A program outside of the package in ${name}`, () => {
  const program = (door: string) => `
    import { ClusterRegistry } from '${door}';
    const registry = new ClusterRegistry({ cache: false });
    const { kubeConfig } = await registry.registerByString(process.argv[2], { trustedServers: 'kubeconfig' });
    console.log(kubeConfig.getCurrentUser().token);`;
  const kubeconfig = JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'dev' },
    clusters: [{ name: 'dev', cluster: { server: 'https://dev.example' } }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
    users: [{ name: 'dev', user: { token: 'EXAMPLEKEY' } }],
  });

  it('imports it by its name, with client-node, where its folder has a package.json', async () => {
    const folder = temporaryFolder('named');
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(packageFile('.'), join(folder, 'node_modules', 'ekspress'));
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'program.mjs'), program('ekspress'));
    expect(await runWith([], join(folder, 'program.mjs'), [kubeconfig])).toBe('EXAMPLEKEY\n');
  });

  it('imports it by its path; in Deno with --node-modules-dir=manual', async () => {
    const path = join(temporaryFolder('by-path'), 'program.mjs');
    writeFileSync(path, program(packageFile('dist/index.js')));
    const options = name === 'Deno' ? ['--node-modules-dir=manual'] : [];
    expect(await runWith(options, path, [kubeconfig])).toBe('EXAMPLEKEY\n');
  });
});

describe(`a token in ${name}`, () => {
  it('reaches its server by every way out of a registered cluster', async () => {
    await using good = await accepting();
    const { registered } = await walk(good);
    // The answers of this server are no archive and no list of resources.
    const { cp: _, 'a client of any objects': __, ...others } = registered;
    expect(Object.entries(others).filter(([, outcome]) => outcome !== 'answered')).toEqual([]);
    expect(withToken(good)).toEqual(expect.arrayContaining(['/version', expect.stringContaining('/exec?')]));
    expect(good.seen.filter(({ authorization }) => authorization === '')).toEqual([]);
  });

  it('leaves by a class of client-node only where its agent can check where to', async () => {
    await using good = await accepting();
    const { ownClasses, attached } = await walk(good);
    for (const outcomes of [ownClasses, attached]) {
      // An informer lists with an API client first, and this one is stopped then.
      const { 'an API client': list, 'an informer': listed, 'a client of any objects': _, ...others } = outcomes;
      expect([list, listed]).toEqual(['answered', 'answered']);
      expect(new Set(Object.values(others))).toEqual(new Set([name === 'Bun' ? 'INVALID_CONFIG' : 'answered']));
    }
  });

  it('reaches no server of another authority, although NODE_TLS_REJECT_UNAUTHORIZED=0 is set', async () => {
    await using evil = await accepting();
    await using good = await accepting();
    const outcomes = await walk(evil, good, { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' });
    expect(Object.values(outcomes).flatMap((one) => Object.values(one))).not.toContain('answered');
    expect(evil.seen).toEqual([]);
  });

  it('does not follow a redirect to another server; the request does', async () => {
    await using evil = await accepting();
    await using good = await scriptedServer(
      ({ path }, response) => void response.writeHead(307, { location: `${evil.url}${path}` }).end(),
      undefined,
      evil.authority,
    );
    await walk(good);
    expect(evil.seen.map(({ path }) => path)).toContain('/api/v1/namespaces');
    expect([withToken(evil), withToken(good).length > 0]).toEqual([[], true]);
  });
});

it(`The manager prints a token and a status in ${name}`, async () => {
  await using eks = await startLocalEKS();
  const home = temporaryFolder('manager');
  await eks.writeAWSFiles(home, { region: eks.region });
  const kubeconfig = join(home, 'config');
  writeFileSync(kubeconfig, eks.kubeconfig());
  const manage = (...args: readonly string[]) =>
    run('dist/cli/main.js', ['--kubeconfig', kubeconfig, ...args], { HOME: home });
  const first = await manage('token');
  expect(JSON.parse(first).status.token).toMatch(/^k8s-aws-v1\./);
  expect(await manage('token')).toBe(first);
  expect(JSON.parse(await manage('status', '-o', 'json'))).toMatchObject({ contexts: [{ state: 'not-applied' }] });
});
