import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../src/testing/index.ts';
import { asScript, bundle, type ModuleFormat } from '../support/bundled-service.ts';
import { type Installed, packAndInstall } from '../support/installed-package.ts';
import { codeBlocks } from '../support/pages.ts';

let user: Installed;
let eks: LocalEKS;
beforeAll(async () => {
  user = packAndInstall();
  for (const peer of ['@kubernetes/client-node', 'zod', '@modelcontextprotocol/server']) user.addPeer(peer);
  eks = await startLocalEKS();
  await eks.writeAWSFiles(user.home, { region: 'us-east-1' });
  mkdirSync(join(user.home, '.kube'));
  // As `apply` writes it: with `&&`, which sends the text to the exact reader.
  const hinted = eks.kubeconfig().replace('command: aws', 'installHint: "a && b"\n      command: aws');
  writeFileSync(join(user.home, '.kube', 'config'), hinted, { mode: 0o600 });
  writeFileSync(join(user.home, '.kube', 'broken'), 'apiVersion: v1\nkind: Config\nclusters: [\n');
});
afterAll(async () => {
  user?.[Symbol.dispose]();
  await eks?.close();
});

const IMPORTS = `import { ClusterRegistry, EKSAuthError, getEKSToken, parseEKSConfig } from 'ekspress';
import { createEKSTools } from 'ekspress/mcp';
`;

/** The ways that load another package or end in an error. */
const CHECKS = `
  const env = { ...process.env, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' };
  const request = { clusterName: 'dev', region: 'us-east-1' };
  console.log(parseEKSConfig((await import('node:fs')).readFileSync(env.HOME + '/.kube/config', 'utf8')).clusterName);
  console.log((await getEKSToken({ ...request, cache: false })).token.length > 100);
  const roleArn = 'arn:aws:iam::111122223333:role/x';
  console.log((await getEKSToken({ ...request, roleArn, env, cache: false }).catch((error) => error)).code);
  try { parseEKSConfig('a: *b'); } catch (error) { console.log(error instanceof EKSAuthError, error.code); }
  const again = new ClusterRegistry();
  const broken = await again.registerByPath(env.HOME + '/.kube/broken').catch((error) => error);
  console.log(broken instanceof EKSAuthError, broken.code);
  console.log(typeof (await createEKSTools({ env })).addTo);`;
const ANSWERS = ['dev', 'true', 'NETWORK', 'true INVALID_KUBECONFIG'];

/** What a kubeconfig for child processes calls is not in the bundle. */
const writing = () => `
  const writer = new ClusterRegistry();
  const written = await writer.registerEKSByPath();
  const target = process.env.HOME + '/for-children-' + process.pid;
  console.log('alone', (await written.writeKubeconfig(target).catch((error) => error)).code);
  const packageFolder = ${JSON.stringify(join(user.folder, 'node_modules/ekspress'))};
  console.log('beside', (await written.writeKubeconfig(target, { packageFolder })) === target);
  await writer.close();`;

/** The first program of the README, whose import of the class is in IMPORTS. */
function readmeProgram(): string {
  const [program] = codeBlocks('README.md').filter(({ language }) => language === 'ts');
  return program?.text.replace("import { ClusterRegistry } from 'ekspress';\n", '') ?? '';
}

describe('A CommonJS program in TypeScript', () => {
  it('finds the types of every door with the module resolution of Node 10', () => {
    const file = join(user.folder, 'old.cts');
    const doors = ['ekspress', 'ekspress/mcp', 'ekspress/metrics', 'ekspress/testing', 'ekspress/valkey'];
    const uses = doors.map(
      (door, index) => `import * as door${index} from '${door}';\nconsole.log(typeof door${index});`,
    );
    writeFileSync(file, `${uses.join('\n')}\ndoor0.parseEKSConfig('').clusterName?.length;\n`);
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      ignoreDeprecations: '6.0',
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      strict: true,
      types: [],
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    };
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options));
    expect(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
  });
});

describe('A service in one file, with no node_modules beside it,', () => {
  /** Runs the bundle and gives the lines that it prints. */
  async function run(bundler: 'esbuild' | 'webpack', format: ModuleFormat, program: string): Promise<string[]> {
    const entry = join(user.folder, `service-${bundler}-${format}.mjs`);
    writeFileSync(entry, asScript(`${IMPORTS}${program}`, CHECKS));
    const warnings: string[] = [];
    const { folder, file } = await bundle(bundler, format, entry, warnings);
    try {
      const env = { HOME: user.home, PATH: '/nonexistent' };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
      // Newer Nodes warn of punycode and url.parse, which client-node 1.4 and its dependencies use.
      const ours = stderr.replace(/^\(node:\d+\) \[DEP0(?:040|169)\].*\n(?:\(Use .*\)\n)?/gm, '');
      expect(ours).toBe('');
      expect(warnings.filter((text) => text.includes('ekspress'))).toEqual([]);
      return stdout.trim().split('\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it.each(['esm', 'cjs'] as const)('is the one of the README when esbuild makes it as %s', async (format) => {
    const lines = await run('esbuild', format, `${readmeProgram()}${writing()}`);
    expect(lines).toEqual(expect.arrayContaining(['alone INVALID_CONFIG', 'beside true']));
    expect(lines.some((line) => line.startsWith('kube-system '))).toBe(true);
    expect(lines.slice(-6)).toEqual([...ANSWERS, 'true INVALID_KUBECONFIG', 'function']);
  });

  it.each(['esm', 'cjs'] as const)('has tokens and named errors when webpack makes it as %s', async (format) => {
    expect(await run('webpack', format, '')).toEqual([...ANSWERS, 'true INVALID_CONFIG', 'function']);
  });
});
