import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installed, packAndInstall } from '../support/installed-package.ts';
import { blocksIn, programs, root } from '../support/pages.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Of whom the package may make use, and which users install for themselves. */
const PEERS = [
  '@kubernetes/client-node',
  '@opentelemetry/api',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/exporter-prometheus',
  'ioredis',
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/server',
  'zod',
  '@types/node',
];

/** Bytes of the package, and of all that npm writes to the disk for it. */
const BUDGET = { tarball: 680_000, unpacked: 2_200_000, installed: 20 * 2 ** 20 };
/** File systems give out whole blocks of so many bytes. */
const BLOCK = 4096;

let user: Installed;
beforeAll(() => {
  user = packAndInstall();
});
afterAll(() => user?.[Symbol.dispose]());

const own = (...path: string[]) => join(user.folder, 'node_modules', 'ekspress', ...path);

/** Code that starts a local EKS, puts keys and a kubeconfig into the home, and goes on with the lines. */
const withLocalEKS = (lines: string) => `
  import { mkdir, writeFile } from 'node:fs/promises';
  import { execFileSync } from 'node:child_process';
  import { startLocalEKS } from 'ekspress/testing';
  const eks = await startLocalEKS();
  await eks.writeAWSFiles(process.env.HOME, { region: 'us-east-1' });
  await mkdir(process.env.HOME + '/.kube', { recursive: true });
  await writeFile(process.env.HOME + '/.kube/config', eks.kubeconfig(), { mode: 0o600 });
  ${lines}
  await eks.close();`;

describe('the packed package', () => {
  it('carries what its users need and nothing of its workshop, within its budget', () => {
    const { files, size, unpackedSize } = user.packed;
    const tops = new Set(files.map(({ path }) => path.split('/')[0]));
    const pages = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'SECURITY.md'];
    const readmes = ['README.md', 'README.ko.md', 'README.zh.md'];
    const expected = [...pages, ...readmes, 'bin', 'dist', 'docs', 'examples', 'package.json'];
    expect([...tops].sort()).toEqual(expected.sort());
    expect(files.filter(({ path }) => /\.(ts|map|sh)$/.test(path) && !path.endsWith('.d.ts'))).toEqual([]);
    expect(files.filter(({ path }) => path.startsWith('docs/') && !/\.(md|svg)$/.test(path))).toEqual([]);
    expect(size).toBeLessThan(BUDGET.tarball);
    expect(unpackedSize).toBeLessThan(BUDGET.unpacked);
  });

  it('has pages whose links lead to other pages in it', () => {
    const pages = user.packed.files.map(({ path }) => path).filter((path) => path.endsWith('.md'));
    const broken = pages.flatMap((page) =>
      [...readFileSync(own(page), 'utf8').matchAll(/\]\(([^)\s#:]+)(#[^)]*)?\)/g)]
        .map(([, target = '']) => normalize(join(dirname(page), target)))
        .filter((target) => !existsSync(own(target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
    expect(pages.length).toBeGreaterThan(15);
  });
});

describe('the package installed into an empty folder, alone', () => {
  it('brings a client for STS and a reader of YAML, and needs at most 20 MiB of disk with them', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@aws-sdk/client-sts', 'yaml']);
    const modules = join(user.folder, 'node_modules');
    const files = readdirSync(modules, { recursive: true, withFileTypes: true });
    const sizes = files.map((file) => lstatSync(join(file.parentPath, file.name)).size);
    const bytes = sizes.reduce((sum, size) => sum + Math.ceil(size / BLOCK) * BLOCK, 0);
    expect(bytes).toBeGreaterThan(BUDGET.unpacked);
    expect(bytes).toBeLessThanOrEqual(BUDGET.installed);
    for (const peer of ['zod', '@modelcontextprotocol', '@kubernetes'])
      expect(readdirSync(modules)).not.toContain(peer);
  });

  it('ends a program with an error that can be read: one short line of the code, and the names of its functions', () => {
    const program = "const { ClusterRegistry } = await import('ekspress'); await new ClusterRegistry().registerAll();";
    const env = { PATH: process.env.PATH, HOME: join(user.folder, 'nobody') };
    const options = { cwd: user.folder, env, encoding: 'utf8' } as const;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], options);
    expect(stderr).toMatch(/^EKSAuthError: @kubernetes\/client-node is not installed[\s\S]*at loadClientNode/m);
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(500);
  });

  it('has a manual page for `man ekspress`', () => {
    // npm links the pages of a list, and no others.
    const page = own(...(manifest.man as string[]));
    expect(readFileSync(page, 'utf8')).toContain(`"ekspress ${manifest.version}"`);
    const formatted = spawnSync('groff', ['-man', '-Tascii', '-ww', page], { encoding: 'utf8' });
    if (formatted.error === undefined) expect(formatted).toMatchObject({ status: 0, stderr: '' });
  });

  it('carries the licence of each package that its programs contain', () => {
    const text = readFileSync(own('dist/cli/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const sections = text.split(/^={80}\n(?=.+\n={80}\n)/m).slice(1);
    // One text may be for several packages.
    const titles = sections.flatMap((section) => section.split('\n')[0]?.split(', ') ?? []);
    const names = titles.map((title) => title.replace(/ \d+\.\d+\.\d+$/, ''));
    expect(names).toEqual(expect.arrayContaining(['@modelcontextprotocol/server', 'content-type', 'zod']));
    for (const section of sections) expect(section).toMatch(/copyright/i);
  });

  it('serves a model without any other package', async () => {
    const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws', args };
    const kubeconfig = JSON.stringify({
      contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
      clusters: [{ name: 'dev', cluster: { server: 'https://127.0.0.1' } }],
      users: [{ name: 'dev', user: { exec } }],
    });
    const calls = [
      { name: 'list_eks_clusters', arguments: {} },
      { name: 'register_eks_cluster', arguments: { kubeconfig, context: 'dev' } },
    ];
    const [listed, registered] = await user.callTools('ekspress', ['mcp'], calls);
    expect(listed?.content[0]?.text).toMatch(/^\{"clusters":\[\],"available":\[\],"next_step":"/);
    expect(registered?.content[0]?.text).toContain('npm install @kubernetes/client-node@~1.4.0');
  });

  it.each(['ekspress', 'ekspress/mcp', 'ekspress/metrics', 'ekspress/testing', 'ekspress/valkey'])(
    'can be imported by %s',
    (door) => {
      expect(Number(user.runModule(`console.log(Object.keys(await import('${door}')).length)`))).toBeGreaterThan(0);
    },
  );

  it('has only these doors', () => {
    const code = "await import('ekspress/dist/aws/token.js').catch((error) => console.log(error.code))";
    expect(user.runModule(code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('can be used by CommonJS modules', () => {
    writeFileSync(
      join(user.folder, 'consumer.cjs'),
      `import('ekspress').then(({ ClusterRegistry }) => console.log(typeof ClusterRegistry));
       console.log(typeof require('ekspress').getEKSToken);`,
    );
    expect(user.run(process.execPath, ['--no-warnings', 'consumer.cjs']).trim()).toBe('function\nfunction');
  });

  it('loads its dependencies lazily', () => {
    const away = join(user.folder, 'away');
    mkdirSync(away);
    const names = new Set(Object.keys(manifest.dependencies).map((name) => name.split('/')[0] as string));
    const modules = join(user.folder, 'node_modules');
    for (const name of names) renameSync(join(modules, name), join(away, name));
    try {
      const doors = ['ekspress', 'ekspress/mcp', 'ekspress/metrics', 'ekspress/testing', 'ekspress/valkey'];
      const code = `${doors.map((door) => `await import('${door}');`).join('')} console.log('loaded')`;
      expect(user.runModule(code)).toBe('loaded');
    } finally {
      for (const name of names) renameSync(join(away, name), join(modules, name));
    }
  });

  it('mints a token without anything besides itself', () => {
    const keys = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    };
    const code = `
      import { getEKSToken } from 'ekspress';
      const options = { clusterName: 'dev', region: 'us-east-1', cache: false, env: ${JSON.stringify(keys)} };
      console.log((await getEKSToken(options)).token.slice(0, 11));`;
    expect(user.runModule(code)).toBe('k8s-aws-v1.');
  });

  it('says which package to install for what needs one', () => {
    const code = `
      import { ClusterRegistry } from 'ekspress';
      import { startMCPServer } from 'ekspress/mcp';
      import { reportMetrics } from 'ekspress/metrics';
      const registry = new ClusterRegistry();
      const told = ({ code, remedy }) => console.log(code, remedy);
      await registry.registerByPath().catch(told);
      await reportMetrics(registry).catch(told);
      await startMCPServer().catch(told);`;
    const [clients = '', metrics = '', mcp = ''] = user.runModule(code).split('\n');
    expect(clients).toMatch(/^INVALID_CONFIG Run `npm install @kubernetes\/client-node@~1\.4\.0`/);
    expect(metrics).toMatch(/^INVALID_CONFIG Run `npm install @opentelemetry\/api`/);
    expect(mcp).toMatch(/^INVALID_CONFIG Run `npm install @modelcontextprotocol\/server zod`/);
  });

  it('brings programs that do all for kubectl without client-node', () => {
    expect(user.run('ekspress', ['--version']).trim()).toBe(manifest.version);
    expect(user.run('sh', ['-c', 'ekspress-exec 2>&1; echo "exit $?"'])).toContain('exit 2');
    const output = user.runModule(
      withLocalEKS(`
        const type = (...words) => execFileSync(words[0], words.slice(1), { encoding: 'utf8' });
        console.log(type('ekspress', 'status'));
        console.log(type('ekspress', 'apply-all', '--yes'));
        const plugin = process.env.HOME + '/.kube/ekspress/ekspress-exec';
        const answer = type(plugin, 'aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev');
        console.log('kind', JSON.parse(answer).kind);
        console.log(type('ekspress', 'revert', '--all', '--yes'));`),
    );
    expect(output).toMatch(/not applied[\s\S]*ekspress-exec installed[\s\S]*kind ExecCredential/);
    expect(output).not.toContain('k8s-aws-v1');
  });

  it('brings a demo that skips what the machine does not have, and ends with the next command', () => {
    const [bin, home] = [join(user.folder, 'only-node'), join(user.folder, 'empty-home')];
    for (const folder of [bin, home]) mkdirSync(folder);
    symlinkSync(process.execPath, join(bin, 'node'));
    const PATH = [join(user.folder, 'node_modules', '.bin'), bin].join(delimiter);
    const output = user.run('ekspress', ['demo'], { HOME: home, PATH, TZ: 'Asia/Kolkata', NO_COLOR: '1' });
    expect(output).toMatch(/Works in a temporary home folder, \S+, and removes it at the end/);
    expect(output).toMatch(/✓ minted a token in-process, good until \d\d:\d\d:\d\d GMT\+5:30/);
    expect(output.match(/^- skipped: .*/gm)).toEqual([
      expect.stringMatching(/listing pods from Node.*@kubernetes\/client-node is not installed/),
      expect.stringContaining('no kubectl on PATH'),
      expect.stringContaining('no aws on PATH'),
    ]);
    expect(output.trimEnd().split('\n').at(-1)?.trim()).toBe('ekspress apply');
    expect(readdirSync(home)).toEqual([]);
    expect(existsSync(/temporary home folder, (\S+), /.exec(output)?.[1] as string)).toBe(false);
  });
  it('serves a model by every command that the guide gives to its clients', async () => {
    const guide = blocksIn('json').filter(({ page }) => page === 'docs/guides/mcp.md');
    const servers = guide.flatMap(({ text }) => {
      const { mcpServers, servers } = JSON.parse(text);
      return Object.values(mcpServers ?? servers) as { command: string; args: string[] }[];
    });
    expect(servers.length).toBeGreaterThan(1);
    const [client = ''] = /@kubernetes\/client-node@\S+/.exec(readFileSync(own('docs/guides/mcp.md'), 'utf8')) ?? [];
    const bin = user.installGlobally(client);
    const commands = new Set(
      servers.map(({ command, args }) =>
        JSON.stringify([join(bin, command), args.map((arg) => arg.replace(/^.*(?=\/\.kube\/config$)/, user.home))]),
      ),
    );
    user.runModule(withLocalEKS(''));
    for (const said of commands) {
      const [command, args] = JSON.parse(said) as [string, string[]];
      const registration = { name: 'register_eks_cluster', arguments: { kubeconfig: '~/.kube/config' } };
      const [answer] = await user.callTools(command, args, [registration]);
      expect(answer?.content[0]?.text).toContain('"cluster_name":"dev"');
    }
  });
});

describe('the package with the packages that it goes together with', () => {
  beforeAll(() => {
    for (const name of PEERS) user.addPeer(name);
  });

  it.each([
    // With the declarations of the libraries checked too, ours among them; once is enough, it takes its time.
    ['nodenext', { module: 'nodenext', skipLibCheck: false }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }],
  ])('has types that all code of the documentation compiles against, strictly, by %s', (name, resolution) => {
    const folder = join(user.folder, name);
    mkdirSync(folder);
    const page = (place: string) => `${place.replaceAll(/\W/g, '_')}.mts`;
    for (const { name: place, text } of programs()) writeFileSync(join(folder, page(place)), `${text}\nexport {};\n`);
    writeFileSync(
      join(folder, 'in-commonjs.cts'),
      "export const made = import('ekspress').then(({ ClusterRegistry }) => new ClusterRegistry());\n",
    );
    const lib = ['es2023', 'esnext.disposable'];
    const strictly = { strict: true, exactOptionalPropertyTypes: true, noEmit: true };
    const compilerOptions = { target: 'es2023', lib, types: ['node'], ...strictly, ...resolution };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const complaints = user.run('sh', ['-c', '"$0" "$1" -p "$2" || :', process.execPath, compiler, folder]);
    // Other packages' declarations may have complaints of their own.
    const ours = complaints.split('\n').filter((line) => /^(nodenext|bundler|node_modules\/ekspress)\//.test(line));
    expect(ours).toEqual([]);
    expect(readdirSync(folder).length).toBeGreaterThan(20);
  });

  it.each([
    ['list-pods/main.mjs', /cluster\/prod: 6 pods/],
    ['ci/deploy.mjs', /dev: release unknown created/],
    ['backstage/main.mjs', /same token for the next request: true/],
    ['mcp/client.mjs', /may list pods: true/],
  ])('runs its example %s', (example, output) => {
    const script = `cd "$0" && exec "$1" on-local-eks.mjs "$2"`;
    expect(user.run('sh', ['-c', script, own('examples'), process.execPath, example])).toMatch(output);
  });
});
