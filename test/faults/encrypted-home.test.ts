import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../src/cluster/registry/registry.ts';
import type { ManagerHome } from '../support/cli-home.ts';
import { execOf } from '../support/kubeconfig-judge.ts';
import { type ManagerOnLocalAWS, managerOnLocalAWS } from '../support/manager-on-local-aws.ts';
import { run } from '../support/plugin-home.ts';

const ROLE = 'arn:aws:iam::123456789012:role/admin';
/** The marks of the local AWS in each secret key and session token that it hands out. */
const MARKS = ['EKSPRESSLOCALSECRET/', 'IQoJb3JpZ2luX2VjEKSPRESSLOCALTOKEN'];

let world: ManagerOnLocalAWS;
let home: ManagerHome;
let runtime: string;
let original: string;

beforeEach(async () => {
  world = await managerOnLocalAWS({ roles: { [ROLE]: { groups: ['system:masters'] } } });
  ({ home } = world);
  runtime = mkdtempSync(join(tmpdir(), 'ekspress-runtime-'));
  home.env.XDG_RUNTIME_DIR = runtime;
  home.env.KUBERNETES_EXEC_INFO =
    '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}}';
  const profile = ['[profile onrole]', `role_arn = ${ROLE}`, 'source_profile = admin', 'region = us-east-1', ''];
  appendFileSync(join(home.path, '.aws', 'config'), profile.join('\n'));
  const { server, certificateAuthorityData, clusterArn } = world.eks;
  const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--profile', 'onrole'];
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'prod',
    clusters: [{ name: clusterArn, cluster: { server, 'certificate-authority-data': certificateAuthorityData } }],
    contexts: [{ name: 'prod', context: { cluster: clusterArn, user: 'prod' } }],
    users: [
      { name: 'prod', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws', args } } },
    ],
  };
  original = `${JSON.stringify(config, undefined, 2)}\n`;
  home.write(original);
});
afterEach(async () => {
  await world.close();
  rmSync(runtime, { recursive: true, force: true });
});

const entries = (): string[] =>
  readdirSync(join(home.path, '.kube/cache/eks-tokens')).filter((name) => !name.startsWith('.'));
/** As kubectl runs it. */
const plugin = (env: Record<string, string> = {}) => {
  const { args } = execOf(home.read(), 'prod');
  return run([home.script, ...(args ?? []).map(String)], { ...home.env, ...env });
};
const tokenOf = (stdout: string): string => JSON.parse(stdout).status.token;
const encrypt = async (...more: string[]) => {
  const { code, stderr } = await home.run('apply', 'prod', '--encrypt', '--no-compare', ...more);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stderr;
};

/** Each file below a folder, with its name and what is in it. */
function filesBelow(folder: string): { name: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: relative(folder, path), text: readFileSync(path, 'latin1') }));
}

describe('a home with encrypted tokens', () => {
  it('holds no token, no credentials of a role and no name of a cluster of ours in clear', async () => {
    const before = tokenOf((await home.run('token', 'prod')).stdout);
    expect(filesBelow(home.path).some(({ text }) => text.includes(before))).toBe(true);
    expect(await encrypt()).toContain('~/.aws/cli/cache holds credentials in clear');
    expect(filesBelow(join(home.path, '.kube/cache')).some(({ text }) => text.includes(before))).toBe(false);
    rmSync(join(home.path, '.aws/cli'), { recursive: true });

    const token = tokenOf((await plugin()).stdout);
    expect(token).not.toBe(before);
    world.aws.failNext('AssumeRole', { status: 403, code: 'AccessDenied', message: 'not authorized' });
    rmSync(join(home.path, '.kube/cache/eks-tokens', entries().find((name) => name.endsWith('.sealed')) ?? ''));
    expect((await plugin()).status).toBe(1);
    world.aws.heal();
    const other = tokenOf((await home.run('token', 'prod')).stdout);

    const own = filesBelow(home.path).filter(({ name }) => !/^(\.aws\/(config|credentials)|ca\.pem)$/.test(name));
    const secrets = [...MARKS, before, token, other, 'k8s-aws-v1.'];
    const leaks = own.filter(({ text }) => secrets.some((secret) => text.includes(secret))).map(({ name }) => name);
    expect(leaks).toEqual([]);
    const ofTheCache = filesBelow(join(home.path, '.kube/cache'));
    const named = ofTheCache.filter(({ name, text }) => /onrole|us-east-1|dev_|AKIA|ASIA/.test(`${name} ${text}`));
    expect(named.map(({ name }) => name)).toEqual([]);
    expect(ofTheCache.length).toBeGreaterThan(0);
  });

  it('gives kubectl, the manager and a service one token, which Node reads', async () => {
    await encrypt();
    const token = tokenOf((await plugin()).stdout);
    const again = await plugin({ EKS_TOKEN_DEBUG: '1' });
    expect(tokenOf(again.stdout)).toBe(token);
    expect(again.stderr).toBe('[DEBUG] miss: an encrypted entry\n[DEBUG] hit: by Node\n');
    expect(tokenOf((await home.run('token', 'prod')).stdout)).toBe(token);
    expect((await home.run('warm')).code).toBe(0);
    await using registry = new ClusterRegistry({ env: home.env });
    const cluster = await registry.registerByPath(home.kubeconfig);
    expect((await cluster.getToken())?.token).toBe(token);
    expect(world.aws.count('AssumeRole')).toBe(1);
    expect(entries().filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('is shared with a service that has the key, and with none that has another', async () => {
    await encrypt();
    const token = tokenOf((await plugin()).stdout);
    const ask = async (key: () => Buffer | string) => {
      await using registry = new ClusterRegistry({ env: home.env, cache: { key } });
      return (await (await registry.registerByPath(home.kubeconfig)).getToken())?.token;
    };
    expect(await ask(() => readFileSync(join(runtime, 'ekspress/key')))).toBe(token);
    expect(await ask(() => readFileSync(join(runtime, 'ekspress/key'), 'utf8'))).toBe(token);
    expect(await ask(() => 'another key, with more than thirty-two bytes')).not.toBe(token);
  });

  it('is told by status and doctor, stays encrypted after a drift, and goes with revert', async () => {
    await encrypt();
    tokenOf((await plugin()).stdout);
    const status = JSON.parse((await home.run('status', '-o', 'json')).stdout).contexts[0];
    expect(status).toMatchObject({
      state: 'applied',
      encrypted: true,
      token: { state: 'valid', source: 'in-process' },
    });
    expect((await home.run('status')).stdout).toContain('applied, encrypted');
    expect((await home.run('doctor')).stdout).toMatch(/encryption +tokens are encrypted, with the key/);
    expect(JSON.parse((await home.run('cache', 'list', '-o', 'json')).stdout).entries).toEqual([
      { fileName: expect.stringMatching(/^[\w-]{32}\.sealed$/), state: 'sealed', expiresAt: expect.any(String) },
    ]);
    home.write(original);
    expect((await home.run('apply-all', '--yes', '--no-compare')).code).toBe(0);
    expect(execOf(home.read(), 'prod').args?.[0]).toBe('--encrypt');
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(original);
    expect(entries().filter((name) => name.endsWith('.sealed'))).toEqual([]);
    expect((await home.run('apply', 'prod', '--no-compare')).code).toBe(0);
    expect(execOf(home.read(), 'prod').args?.[0]).toBe('aws');
  });

  it('goes back to tokens in clear with apply --no-encrypt, also for good after a drift', async () => {
    await encrypt();
    tokenOf((await plugin()).stdout);
    expect((await home.run('apply', 'prod', '--encrypt', '--no-encrypt')).code).toBe(2);
    expect((await home.run('apply', '--all', '--yes', '--no-encrypt', '--no-compare')).code).toBe(0);
    expect(entries().filter((name) => name.endsWith('.sealed'))).toEqual([]);
    expect(execOf(home.read(), 'prod').args?.[0]).toBe('aws');
    tokenOf((await plugin()).stdout);
    expect(entries().filter((name) => name.endsWith('.json'))).toHaveLength(1);
    home.write(original);
    await home.run('apply', 'prod', '--no-compare');
    expect(execOf(home.read(), 'prod').args?.[0]).toBe('aws');
  });

  it('gets a token, and keeps none, where there is no key', async () => {
    await encrypt();
    const first = tokenOf((await plugin({ XDG_RUNTIME_DIR: '' })).stdout);
    writeFileSync(join(runtime, 'ekspress/key'), 'x', { mode: 0o600 });
    const second = tokenOf((await plugin()).stdout);
    expect(new Set([first, second]).size).toBe(2);
    expect(entries().filter((name) => /\.(json|sealed)$/.test(name))).toEqual([]);
    expect((await home.run('doctor')).stdout).toContain('is too short: each command makes a token of its own');
  });

  it('has a new key after the machine was started again, which the first token makes', async () => {
    await encrypt();
    const token = tokenOf((await plugin()).stdout);
    const key = readFileSync(join(runtime, 'ekspress/key'), 'utf8');
    rmSync(join(runtime, 'ekspress'), { recursive: true });
    const next = tokenOf((await plugin()).stdout);
    expect(next).not.toBe(token);
    expect(tokenOf((await plugin()).stdout)).toBe(next);
    expect(readFileSync(join(runtime, 'ekspress/key'), 'utf8')).not.toBe(key);
    expect(statSync(join(runtime, 'ekspress/key')).mode & 0o777).toBe(0o600);
  });

  it('takes a key file by its name, and refuses one that others can read', async () => {
    const folder = join(home.path, 'safe place');
    mkdirSync(folder);
    const file = join(folder, 'key');
    expect(await encrypt('--key-file', file)).toContain('lies in your home: a copy of the home holds it');
    expect(execOf(home.read(), 'prod').args?.[0]).toBe(`--encrypt=${file}`);
    expect(tokenOf((await plugin()).stdout)).toBe(tokenOf((await plugin({ XDG_RUNTIME_DIR: '' })).stdout));
    writeFileSync(join(folder, 'open'), 'a key of more than thirty-two bytes', { mode: 0o644 });
    const refused = await home.run('apply', 'prod', '--encrypt', '--key-file', join(folder, 'open'), '--no-compare');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('open to other users') });
    delete home.env.XDG_RUNTIME_DIR;
    const none = await home.run('apply', 'prod', '--encrypt', '--no-compare');
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('--key-file FILE') });
  });
});
