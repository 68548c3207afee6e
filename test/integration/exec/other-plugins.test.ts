import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterInfo } from '../../../src/aws/command/exec-info.ts';
import type { StoredMint } from '../../../src/cache/entry/shared-token.ts';
import { pluginKey } from '../../../src/cache/identity/other-plugin-key.ts';
import { TokenCache } from '../../../src/cache/store/token-cache.ts';
import { hostFrom } from '../../../src/host.ts';
import { packageFile } from '../../../src/plugin/package-file.ts';
import { NOTHING_READ } from '../../../src/recording/recording.ts';
import { NOWHERE, PATH } from '../../support/paths.ts';
import { executable, install, NODE_ANSWER, run, SCRIPT, shells } from '../../support/script-shells.ts';
import { withValues } from '../../support/sh.ts';

const PEM = (kind: string) => `-----BEGIN ${kind}-----\nMIIBxEXAMPLE+/=\n-----END ${kind}-----\n`;
const certificate = { clientCertificateData: PEM('CERTIFICATE'), clientKeyData: PEM('RSA PRIVATE KEY') };
const info = (spec: unknown, version = 'v1') =>
  `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/${version}","spec":${JSON.stringify(spec)}}\n`;
const CLUSTER = {
  server: 'https://10.0.0.1:6443',
  'certificate-authority-data': 'LS0t+/==',
  config: { list: ['a'], none: null, empty: '' },
};

function sandbox() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ekspress-plugins-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const home = join(root, 'home');
  mkdirSync(home);
  return { root, home, directory: join(home, '.kube/cache/eks-tokens') };
}

describe('the answer of another plugin', () => {
  const COMMAND = '/opt/kubelogin';
  const ARGS = ['get-token', '--server-id', '6dae42f8-4368-4678-94ff-3960e28e3630'];

  interface Question {
    readonly title: string;
    readonly verdict: 'hit' | 'node' | 'miss';
    readonly hints?: readonly string[];
    readonly words?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Of the stored one, where they differ. */
    readonly stored?: {
      readonly args?: readonly string[];
      readonly keyEnv?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    };
    readonly mint?: Partial<StoredMint>;
  }

  const questions: readonly Question[] = [
    { title: 'a token', verdict: 'hit' },
    { title: 'a certificate', verdict: 'hit', mint: { token: '', certificate } },
    { title: 'a certificate and a token', verdict: 'hit', mint: { certificate } },
    { title: 'a certificate for hours', verdict: 'hit', mint: { certificate, expiresAt: new Date(Date.now() + 4e7) } },
    { title: 'more than a day is not believed', verdict: 'miss', mint: { expiresAt: new Date(Date.now() + 2e8) } },
    { title: 'another argument', verdict: 'miss', words: [COMMAND, 'get-token', '--server-id', 'x'] },
    { title: 'an argument less', verdict: 'miss', words: [COMMAND, 'get-token', '--server-id'] },
    { title: 'another program', verdict: 'miss', words: ['/usr/bin/kubelogin', ...ARGS] },
    { title: 'a profile of AWS', verdict: 'miss', env: { AWS_PROFILE: 'acme' }, stored: { env: {} } },
    {
      title: 'an argument that imitates two',
      verdict: 'miss',
      words: [COMMAND, 'a&arg=b'],
      stored: { args: ['a', 'b'] },
    },
    { title: 'an argument with a blank', verdict: 'node', words: [COMMAND, 'a b'], stored: { args: ['a b'] } },
    { title: 'an empty argument', verdict: 'hit', words: [COMMAND, '', 'x'], stored: { args: ['', 'x'] } },
    {
      title: 'a secret among the arguments',
      verdict: 'node',
      words: [COMMAND, '--client-secret', 'EXAMPLEKEY'],
      stored: { args: ['--client-secret', 'EXAMPLEKEY'] },
    },
    {
      title: 'a declared variable',
      verdict: 'hit',
      hints: ['--key-env', 'VAULT_ADDR,OTHER'],
      env: { VAULT_ADDR: 'https://vault:8200' },
      stored: { keyEnv: ['VAULT_ADDR', 'OTHER'] },
    },
    {
      title: 'a declared variable of another value',
      verdict: 'miss',
      hints: ['--key-env=VAULT_ADDR'],
      env: { VAULT_ADDR: 'https://other:8200' },
      stored: { keyEnv: ['VAULT_ADDR'], env: { VAULT_ADDR: 'https://vault:8200' } },
    },
    {
      title: 'a declared variable that is empty, and was unset',
      verdict: 'miss',
      hints: ['--key-env', 'VAULT_ADDR'],
      env: { VAULT_ADDR: '' },
      stored: { keyEnv: ['VAULT_ADDR'], env: {} },
    },
    {
      title: 'a declared secret',
      verdict: 'node',
      hints: ['--key-env', 'VAULT_TOKEN'],
      env: { VAULT_TOKEN: 'EXAMPLEKEY' },
      stored: { keyEnv: ['VAULT_TOKEN'] },
    },
    {
      title: 'a declared variable that another one imitates',
      verdict: 'miss',
      hints: ['--key-env', 'VAULT_ADDR'],
      env: { VAULT_ADDR: 'a', ZZ: 'x\nexport VAULT_ADDR=b\nexport VAULT_ADDR="b"\nexport VAULT_ADDR=\'b\'\n' },
      stored: { keyEnv: ['VAULT_ADDR'], env: { VAULT_ADDR: 'b' } },
    },
    {
      title: 'a declared variable that is unset, and that another one imitates',
      verdict: 'miss',
      hints: ['--key-env', 'VAULT_ADDR'],
      env: { ZZ: "x\nexport VAULT_ADDR='b'\n" },
      stored: { keyEnv: ['VAULT_ADDR'], env: { VAULT_ADDR: 'b' } },
    },
    {
      title: 'a declared variable with a line break',
      verdict: 'miss',
      hints: ['--key-env', 'VAULT_ADDR'],
      env: { VAULT_ADDR: 'b\n' },
      stored: { keyEnv: ['VAULT_ADDR'], env: { VAULT_ADDR: 'b' } },
    },
    {
      title: 'a declared variable with a command in it',
      verdict: 'node',
      hints: ['--key-env', 'VAULT_ADDR'],
      env: { VAULT_ADDR: '$(echo b)`echo c`' },
      stored: { keyEnv: ['VAULT_ADDR'] },
    },
    ...['RANDOM', 'UID', 'SECONDS', 'LINENO', 'PPID', 'HOSTNAME', 'IFS', 'OPTIND', 'PS4', 'TMOUT', 'path'].map(
      (name): Question => ({
        title: `a declared variable that a shell has of its own: ${name}`,
        verdict: 'node',
        hints: ['--key-env', name],
        env: { [name]: '1' },
        stored: { keyEnv: [name] },
      }),
    ),
    {
      title: 'a cluster',
      verdict: 'hit',
      env: { KUBERNETES_EXEC_INFO: info({ cluster: CLUSTER, interactive: false }) },
    },
    {
      title: 'a cluster, on a terminal',
      verdict: 'hit',
      env: { KUBERNETES_EXEC_INFO: info({ cluster: CLUSTER, interactive: true }, 'v1beta1') },
      stored: { env: { KUBERNETES_EXEC_INFO: info({ cluster: CLUSTER, interactive: false }) } },
    },
    {
      title: 'another cluster',
      verdict: 'miss',
      env: { KUBERNETES_EXEC_INFO: info({ cluster: { ...CLUSTER, config: 1 }, interactive: false }) },
      stored: { env: { KUBERNETES_EXEC_INFO: info({ cluster: CLUSTER, interactive: false }) } },
    },
    {
      title: 'no cluster where there was one',
      verdict: 'miss',
      env: { KUBERNETES_EXEC_INFO: info({ interactive: false }) },
      stored: { env: { KUBERNETES_EXEC_INFO: info({ cluster: CLUSTER, interactive: false }) } },
    },
    {
      title: 'a cluster behind a proxy with a password',
      verdict: 'node',
      env: {
        KUBERNETES_EXEC_INFO: info({
          cluster: { ...CLUSTER, 'proxy-url': 'http://me:EXAMPLEKEY@proxy' },
          interactive: false,
        }),
      },
    },
    {
      title: 'a cluster with characters that need care',
      verdict: 'node',
      env: { KUBERNETES_EXEC_INFO: info({ cluster: { ...CLUSTER, config: "it's|a&b" }, interactive: false }) },
    },
  ];

  it.each(questions)(
    'is judged: $title: $verdict',
    async ({ verdict, hints = [], words, env = {}, stored = {}, mint }) => {
      const { root, home, directory } = sandbox();
      const asked: Record<string, string> = { HOME: home, ...env };
      const minted: Record<string, string> = { HOME: home, ...(stored.env ?? env) };
      const keyFor = (
        of: Record<string, string>,
        [command = '', ...args]: readonly string[],
        keyEnv: readonly string[],
      ) => pluginKey({ command, args, keyEnv, cluster: clusterInfo(of.KUBERNETES_EXEC_INFO), env: of });
      const { now, logger } = hostFrom();
      const cache = new TokenCache({ directory, now, logger });
      const key = keyFor(minted, [COMMAND, ...(stored.args ?? ARGS)], stored.keyEnv ?? []);
      const times = { mintedAt: now(), expiresAt: new Date(Date.now() + 3600_000) };
      const how = { command: COMMAND, unattended: false };
      await cache.store(key, { token: 'a.b-c', ...times, ...how, ...mint }, { ...NOTHING_READ, hostBound: true });
      for (const name of readdirSync(directory)) {
        const text = name.endsWith('.json') ? readFileSync(join(directory, name), 'utf8') : '';
        expect(name + text).not.toContain('EXAMPLEKEY');
      }

      const named = hints.join('=').split('=')[1]?.split(',') ?? [];
      const line = words ?? [COMMAND, ...ARGS];
      const reader = { command: line[0] ?? '', marginSeconds: 60, env: asked };
      const read = await cache.read(keyFor(asked, line, named), reader);
      expect(read.hit).toBe(verdict !== 'miss');

      const { script } = install(root);
      const answers: Record<string, unknown> = {};
      for (const { name, command } of shells) {
        for (const file of readdirSync(directory)) if (/\.json\./.test(file)) rmSync(join(directory, file));
        const { stdout } = await run([...command, script, ...hints, '--', ...line], {
          PATH,
          LC_ALL: 'C.UTF-8',
          ...asked,
        });
        answers[name] = stdout === `${NODE_ANSWER}\n` ? 'node' : JSON.parse(stdout);
      }
      const version = asked.KUBERNETES_EXEC_INFO?.includes('k8s.io/v1"') ? 'v1' : 'v1beta1';
      const hit = {
        kind: 'ExecCredential',
        apiVersion: `client.authentication.k8s.io/${version}`,
        spec: {},
        status: {
          expirationTimestamp: (mint?.expiresAt ?? times.expiresAt).toISOString().replace(/\.\d+/, ''),
          ...((mint?.token ?? 'x') && { token: 'a.b-c' }),
          ...mint?.certificate,
        },
      };
      expect(answers).toEqual(Object.fromEntries(shells.map(({ name }) => [name, verdict === 'hit' ? hit : 'node'])));
    },
  );
});

describe('another plugin', () => {
  /** The script with the real Node half, and a plugin in sh that counts its runs. */
  const world = (body: string) => {
    const { root, home, directory } = sandbox();
    const plugin = executable(join(root, 'plugin'), `#!/bin/sh\necho x >>"$HOME/runs"\n${body}\n`);
    const values = { ekspress_node: process.execPath, ekspress_package: packageFile('') };
    const text = withValues(readFileSync(SCRIPT, 'utf8'), values);
    const script = executable(join(root, 'ekspress-exec'), text);
    const call = (env = {}, words: readonly string[] = ['--', plugin, 'login']) =>
      run(['/bin/sh', script, ...words], { PATH, HOME: home, ...env });
    const runs = () => readFileSync(join(home, 'runs'), 'utf8').length / 2;
    return { root, home, directory, plugin, script, call, runs };
  };
  const prints = (status: object, version = 'v1beta1') =>
    `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion: `client.authentication.k8s.io/${version}`, status })}'`;
  const seconds = (stdout: string): number =>
    (Date.parse(JSON.parse(stdout).status.expirationTimestamp) - Date.now()) / 1000;

  it('is run once: its token is kept until it says, for this user alone, in the version that is asked for', async () => {
    const expirationTimestamp = new Date(Date.now() + 7200_000).toISOString();
    const { call, runs, directory } = world(prints({ token: 't', expirationTimestamp }, 'v1'));
    for (const version of ['v1beta1', 'v1', 'v1beta1']) {
      const { stdout } = await call({ KUBERNETES_EXEC_INFO: info({ interactive: false }, version) });
      expect(JSON.parse(stdout)).toMatchObject({
        apiVersion: `client.authentication.k8s.io/${version}`,
        status: { token: 't', expirationTimestamp: expirationTimestamp.replace(/\.\d+/, '') },
      });
    }
    expect(runs()).toBe(1);
    const [entry = ''] = readdirSync(directory).filter((name) => name.endsWith('.json'));
    expect(statSync(join(directory, entry)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['nothing', {}],
    ['a time that was never set', { expirationTimestamp: '0001-01-01T00:00:00Z' }],
    ['null', { expirationTimestamp: null }],
  ])('has an hour where it says %s about the end of a certificate', async (_, end) => {
    const { call, runs } = world(
      `cat <<'END'\n${JSON.stringify({ kind: 'ExecCredential', status: { ...certificate, ...end } })}\nEND`,
    );
    const first = await call();
    expect(JSON.parse(first.stdout).status).toMatchObject(certificate);
    expect(seconds(first.stdout)).toBeGreaterThan(3500);
    expect((await call()).stdout).toBe(first.stdout);
    expect(runs()).toBe(1);
  });

  it('is believed about a token that has ended, without telling that end', async () => {
    const { call, runs } = world(prints({ token: 't', expirationTimestamp: '2020-01-01T00:00:00Z' }));
    expect(JSON.parse((await call()).stdout).status).toEqual({ token: 't' });
    await call();
    expect(runs()).toBe(2);
  });

  it('fails as it fails: its status, its words, nothing of ours, and nothing remembered', async () => {
    const { call, runs } = world('echo "device code: 1234" >&2; echo half; exit 77');
    const failed = { status: 77, stdout: '', stderr: 'device code: 1234\n' };
    expect(await call()).toEqual(failed);
    expect(await call()).toEqual(failed);
    expect(runs()).toBe(2);
    expect(await world('kill -9 $$').call()).toMatchObject({ status: 137, stdout: '' });
  });

  it.each([
    ['nothing', ':', ''],
    ['what only kubectl understands', 'echo "{\\"kind\\":\\"Other\\"}"', '{"kind":"Other"}\n'],
    ['half a certificate', prints({ clientKeyData: 'k' }), expect.stringContaining('clientKeyData')],
  ])('is run once per call where it prints %s, and its answer is handed on', async (_, body, stdout) => {
    const { call, runs } = world(body);
    expect(await call()).toEqual({ status: 0, stdout, stderr: '' });
    expect(runs()).toBe(1);
  });

  it('fails where it prints more than 1 MiB, and stderr says so', async () => {
    const { call } = world('head -c 2000000 /dev/zero');
    const { status, stdout, stderr } = await call();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('plugin printed more than 1 MiB where an ExecCredential was expected');
  });

  it('has the standard input, the variables and the words that it would have without ekspress', async () => {
    const { plugin, script, home } = world(
      `read -r line; printf '%s\\n' "$line" "$FOO" "$NODE_OPTIONS$NODE_EXTRA_CA_CERTS" "$@" >"$HOME/seen"; ${prints({ token: 't' })}`,
    );
    const line = `printf '%s\\n' code | "$@"`;
    const words = ['sh', '-c', line, 'sh', '/bin/sh', script, '--key-env', 'FOO', '--', plugin, 'a b', '', '--', '*'];
    const { status, stderr } = await run(words, {
      PATH,
      HOME: home,
      FOO: 'foo',
      NODE_OPTIONS: '--bad',
      NODE_EXTRA_CA_CERTS: '/none',
    });
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(readFileSync(join(home, 'seen'), 'utf8')).toBe('code\nfoo\n--bad/none\na b\n\n--\n*\n');
  });

  it('is run by the script where there is no Node, and found in PATH', async () => {
    const { root, home, script, runs } = world(prints({ token: 't' }));
    executable(script, withValues(readFileSync(script, 'utf8'), { ekspress_package: NOWHERE }));
    const { stdout } = await run(['/bin/sh', script, '--key-env=A,B', '--', 'plugin', 'x'], {
      PATH: `${root}:/bin`,
      HOME: home,
    });
    expect(JSON.parse(stdout).status).toEqual({ token: 't' });
    expect(runs()).toBe(1);
  });

  it('is run once for many calls at once', async () => {
    const { call, runs } = world(`sleep 0.5; ${prints({ token: 't' })}`);
    const all = await Promise.all(Array.from({ length: 5 }, () => call()));
    expect(new Set(all.map(({ stdout }) => JSON.parse(stdout).status.token))).toEqual(new Set(['t']));
    expect(runs()).toBe(1);
  });

  it('runs under a policy of kuberc only if it was recorded', async () => {
    const { call, script, plugin, home } = world(prints({ token: 't' }));
    const kuberc = join(home, 'kuberc');
    writeFileSync(kuberc, 'credentialPluginPolicy: Allowlist\n');
    expect(await call({ KUBERC: kuberc })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('policy'),
    });
    executable(
      script,
      readFileSync(script, 'utf8').replace("ekspress_programs=''", `ekspress_programs='/x:${plugin}'`),
    );
    expect(JSON.parse((await call({ KUBERC: kuberc })).stdout).status.token).toBe('t');
  });

  it('is not used for an EKS command: its identity is that, with what was declared', async () => {
    const { call, directory, home } = world(':');
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY',
      FOO: 'foo',
      AWS_REGION: 'us-east-1',
    };
    const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
    writeFileSync(join(home, 'aws'), '');
    const { stdout } = await call(env, ['--key-env', 'FOO', '--', ...words]);
    expect(JSON.parse(stdout).status.token).toMatch(/^k8s-aws-v1\./);
    const [entry = ''] = readdirSync(directory).filter((name) => name.endsWith('.json'));
    expect(readFileSync(join(directory, entry), 'utf8')).toContain('"2;aws|dev|us-east-1|||env=FOO=foo|');
    expect(await call({ ...env, EKS_TOKEN_DEBUG: '1' }, ['--key-env=FOO', ...words])).toMatchObject({ stdout });
    expect((await call({ ...env, FOO: 'bar', EKS_TOKEN_DEBUG: '1' }, ['--key-env=FOO', ...words])).stderr).toContain(
      'miss: another identity',
    );
  });
});
