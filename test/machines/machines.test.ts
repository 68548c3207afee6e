import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { writeAWSProgram } from '../support/aws-program.ts';
import { execOf } from '../support/kubeconfig-judge.ts';
import { signToken } from '../support/sign-token.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Its name, the architecture that Node says, and Node for it. */
const [machine = '', architecture = '', node = ''] = (process.env.EKSPRESS_TEST_MACHINE ?? '').split(' ');
const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
const KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'EXAMPLEKEY' };

/** A home with a key of AWS. */
function newHome(name: string): string {
  const home = temporaryFolder(name);
  mkdirSync(join(home, '.aws'));
  const credentials = join(home, '.aws', 'credentials');
  const { accessKeyId, secretAccessKey } = KEY;
  writeFileSync(
    credentials,
    `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  // For a second after it was written, a file could change without a trace, and the first file of Node leaves it to the rest.
  const earlier = Date.now() / 1000 - 3600.123;
  utimesSync(credentials, earlier, earlier);
  return home;
}

/** Runs a program in a home whose `node` is that of the machine. */
async function run(program: string, args: readonly string[], home: string, path: readonly string[] = []) {
  const PATH = [...path, dirname(node), process.env.PATH].join(':');
  return promisify(execFile)(program, [...args], {
    env: { HOME: home, PATH, EKSPRESS_DEBUG: '1' },
    timeout: 300_000,
  });
}

it(`The library lists and watches what is in a cluster, on ${machine}`, async () => {
  const home = temporaryFolder('library');
  const { stdout } = await run(node, [packageFile('test/machines/program.mjs'), home], home);
  expect(JSON.parse(stdout)).toEqual([
    architecture,
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
    'later',
  ]);
});

it(`The script lets Node for ${machine} make a token, and hits afterwards; so does the file that answers in its place`, async () => {
  const home = newHome('machine');
  const script = packageFile('bin/ekspress-exec');
  const miss = await run(script, WORDS, home);
  const hit = await run(script, WORDS, home);
  const byNode = await run(node, [packageFile('dist/exec/hit.cjs'), ...WORDS], home);
  expect(miss.stderr).toContain('"via":"mint"');
  expect(hit.stderr).not.toContain('"via":"mint"');
  expect([hit.stdout, byNode.stdout]).toEqual([miss.stdout, miss.stdout]);
  expect(byNode.stderr).toContain('hit');
});

const ORIGINAL = `apiVersion: v1
kind: Config
clusters:
- {name: dev, cluster: {server: "https://dev.example"}}
contexts:
- {name: dev, context: {cluster: dev, user: dev}} # mine
current-context: dev
users:
- name: dev
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws # the CLI
      args: [${WORDS.slice(1).join(', ')}]
`;

describe(`ekspress apply on ${machine}`, () => {
  let home: string;
  const at = (...names: string[]) => join(home, ...names);
  const kubeconfig = () => readFileSync(at('.kube', 'config'), 'utf8');
  const manage = (...args: string[]) =>
    run(node, [at('package', 'dist', 'cli', 'main.js'), ...args], home, [at('bin')]);
  const awsCalls = () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').length : 0);
  const forget = () => rmSync(at('.kube', 'cache'), { recursive: true });

  /** Runs what the kubeconfig says, as kubectl does, and tells how often the original command ran for it. */
  async function stanza() {
    const before = awsCalls();
    const { command, args } = execOf(kubeconfig(), 'dev');
    const { stdout, stderr } = await run(String(command), (args ?? []).map(String), home, [at('bin')]);
    return { token: JSON.parse(stdout).status.token, stderr, originals: awsCalls() - before };
  }

  beforeAll(() => {
    home = newHome('applied');
    for (const folder of ['.kube', 'bin', 'package/node_modules']) mkdirSync(at(folder), { recursive: true });
    for (const part of ['dist', 'bin', 'package.json', 'node_modules/yaml']) {
      cpSync(packageFile(part), at('package', part), { recursive: true });
    }
    writeFileSync(at('.kube', 'config'), ORIGINAL);
    symlinkSync(node, at('bin', 'node'));
    const expirationTimestamp = `${new Date(Date.now() + 14 * 60_000).toISOString().slice(0, 19)}Z`;
    const credential = {
      ...{ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', spec: {} },
      status: { expirationTimestamp, token: signToken(KEY) },
    };
    writeAWSProgram(at('bin', 'aws'), `printf c >>'${at('calls')}'\necho '${JSON.stringify(credential)}'`);
  });

  it('puts the script in front of the original command, with the Node of this machine', async () => {
    await manage('apply', '--all', '--yes');
    const script = readFileSync(at('.kube', 'ekspress', 'ekspress-exec'), 'utf8');
    expect(script).toContain(`\nekspress_node='${at('bin', 'node')}'\n`);
    const { command, args } = execOf(kubeconfig(), 'dev');
    expect([command, args]).toEqual([at('.kube', 'ekspress', 'ekspress-exec'), WORDS]);
  });

  it('lets Node of this machine make a token, which the script then takes from the cache', async () => {
    const miss = await stanza();
    expect([miss.originals, miss.stderr]).toEqual([0, expect.stringContaining('"via":"mint"')]);
    const hit = await stanza();
    expect([hit.token, hit.originals, hit.stderr]).toEqual([miss.token, 0, expect.not.stringContaining('"via"')]);
  });

  it('is known to status, and reverted to the byte', async () => {
    const status = JSON.parse((await manage('status', '-o', 'json')).stdout);
    expect(status.contexts).toMatchObject([{ name: 'dev', state: 'applied' }]);
    await manage('revert', '--all', '--yes');
    expect(kubeconfig()).toBe(ORIGINAL);
    await manage('apply', '--all', '--yes');
  });

  it('leaves kubectl the original command where its Node and the package are gone', async () => {
    rmSync(at('package'), { recursive: true });
    rmSync(at('bin', 'node'));
    const before = await stanza();
    expect(before.originals, 'the token that is there').toBe(0);
    forget();
    const { token, originals } = await stanza();
    expect([token, originals]).toEqual([expect.stringMatching(/^k8s-aws-v1\./), 1]);
  });
});
