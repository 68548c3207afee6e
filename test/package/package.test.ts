import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The package as a user gets it: packed, and installed into a folder where nothing else is. */
describe('the packed package, installed into an empty folder', () => {
  let folder: string;
  let installed: string;

  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const runModule = (code: string) => run(process.execPath, ['--input-type=module', '-e', code]).trim();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ekspress-package-'));
    installed = join(folder, 'node_modules', 'ekspress');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    // Packing builds, declarations included; without a word, or it would stand in front of the answer.
    const quietly = ['--json', '--foreground-scripts=false', '--pack-destination', folder];
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', ...quietly], { cwd: root, encoding: 'utf8' }));
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename)]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('carries what its users need and nothing of its workshop', () => {
    const top = readdirSync(installed).sort();
    expect(top.filter((name) => !/^README\.\w\w\.md$/.test(name))).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'bin', 'dist', 'docs', 'package.json'].sort(),
    );
    expect(readdirSync(join(installed, 'docs')).sort()).toEqual(['cache-format.md', 'status-schema.md']);
  });

  it('can be imported through both doors without the optional peer', () => {
    expect(runModule("import { ClusterRegistry } from 'ekspress'; console.log(typeof ClusterRegistry)")).toBe(
      'function',
    );
    expect(runModule("import { startLocalEKS } from 'ekspress/testing'; console.log(typeof startLocalEKS)")).toBe(
      'function',
    );
  });

  it('has no other door', () => {
    const code = "await import('ekspress/dist/aws/token.js').catch((error) => console.log(error.code))";
    expect(runModule(code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('loads none of its dependencies on import', () => {
    const away = join(folder, 'away');
    mkdirSync(away);
    const names = Object.keys(manifest.dependencies).map((name) => name.split('/')[0] as string);
    for (const name of new Set(names)) renameSync(join(folder, 'node_modules', name), join(away, name));
    try {
      expect(runModule("await import('ekspress'); await import('ekspress/testing'); console.log('loaded')")).toBe(
        'loaded',
      );
    } finally {
      for (const name of new Set(names)) renameSync(join(away, name), join(folder, 'node_modules', name));
    }
  });

  it('brings programs that run', () => {
    const bin = (name: string) => join(folder, 'node_modules', '.bin', name);
    expect(run(bin('ekspress'), ['--version']).trim()).toBe(manifest.version);
    expect(run(bin('ekspress'), ['--help'])).toContain('ekspress');
    expect(readFileSync(bin('ekspress-exec'), 'utf8')).toMatch(/^#!\/bin\/sh\n/);
    const help = run('sh', ['-c', '"$0" 2>&1; echo "exit $?"', bin('ekspress-exec')]);
    expect(help).toContain('exit 2');
  });

  it('mints a token without anything besides itself', () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
    const env = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
    const code = `
      import { getEKSToken } from 'ekspress';
      const options = { clusterName: 'dev', region: 'us-east-1', cache: false, env: ${JSON.stringify(env)} };
      console.log((await getEKSToken(options)).token.slice(0, 11));`;
    expect(runModule(code)).toBe('k8s-aws-v1.');
  });

  it('has types that a strict nodenext project compiles against, library checks on', () => {
    const link = (name: string) => {
      const target = join(folder, 'node_modules', name);
      mkdirSync(join(target, '..'), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), target);
    };
    link('@kubernetes/client-node');
    link('@types/node');
    writeFileSync(
      join(folder, 'consumer.ts'),
      `import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
       import { attachEKSAuth, ClusterRegistry, EKSAuthError, getEKSToken, type Token } from 'ekspress';
       import { startLocalEKS } from 'ekspress/testing';

       export async function pods(path: string): Promise<number> {
         await using registry = new ClusterRegistry();
         const cluster = await registry.registerEKSByPath(path);
         const core = cluster.makeApiClient(CoreV1Api);
         return (await core.listPodForAllNamespaces()).items.length;
       }
       export async function own(): Promise<Token> {
         await attachEKSAuth(new KubeConfig());
         return getEKSToken({ clusterName: 'dev', region: 'us-east-1' });
       }
       export const code = (error: unknown) => (error instanceof EKSAuthError ? error.code : undefined);
       export const local = () => startLocalEKS();
      `,
    );
    const options = { module: 'nodenext', target: 'es2023', lib: ['es2023', 'esnext.disposable'], types: ['node'] };
    const compilerOptions = {
      ...options,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const complaints = run('sh', ['-c', '"$0" "$1" -p . || :', process.execPath, compiler]);
    // Other packages' declarations may have complaints of their own.
    expect(complaints.split('\n').filter((line) => /^(consumer\.ts|node_modules\/ekspress\/)/.test(line))).toEqual([]);
  });
});
