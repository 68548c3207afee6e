import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, ClusterRegistry, type RegisterOptions } from 'ekspress';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/temporary.ts';

const registry = new ClusterRegistry({ env: { HOME: '/nonexistent', PATH: process.env.PATH }, cache: false });
afterAll(() => registry.close());

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder('written');
  path = join(folder, 'config');
});

const EKS = {
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'aws',
    args: ['eks', 'get-token', '--cluster-name', 'dev'],
  },
};

/** The text of a kubeconfig with one context. */
const textOf = (user: object = EKS, cluster: object = {}, context: object = {}) =>
  JSON.stringify({
    'current-context': 'yes',
    contexts: [{ name: 'yes', context: { cluster: '1_000', user: 'on', ...context } }],
    clusters: [{ name: '1_000', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
    users: [{ name: 'on', user }],
  });

const TRUSTED: RegisterOptions = {
  replace: true,
  trustedServers: 'kubeconfig',
  execPolicy: 'allow',
  allow: ['proxy-url', 'skip-tls-verify', 'tls-server-name', 'file-references', 'exec-env', 'impersonation'],
};
const register = (text = textOf(), options = TRUSTED): Promise<Cluster> => registry.registerByString(text, options);

/** What a cluster of this kubeconfig writes. */
async function written(text: string) {
  const cluster = await register(text);
  return JSON.parse(readFileSync(await cluster.writeKubeconfig(path), 'utf8'));
}

describe('The file of cluster.writeKubeconfig', () => {
  it('is for its owner alone under every umask', async () => {
    const cluster = await register();
    for (const [mask, name] of [
      [0o000, 'open'],
      [0o777, 'closed'],
    ] as const) {
      const before = process.umask(mask);
      try {
        await cluster.writeKubeconfig(join(folder, name));
        await cluster.writeKubeconfig(join(folder, name), { replace: true });
      } finally {
        process.umask(before);
      }
      expect((statSync(join(folder, name)).mode & 0o777).toString(8)).toBe('600');
    }
  });

  it('takes the place of another one only where the caller says so', async () => {
    const cluster = await register();
    writeFileSync(path, 'of another program', { mode: 0o644 });
    const failure = await cluster.writeKubeconfig(path).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', message: `${path} exists already.` });
    expect(readFileSync(path, 'utf8')).toBe('of another program');
    expect(await cluster.writeKubeconfig(path, { replace: true })).toBe(path);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ kind: 'Config' });
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  });

  it.each([
    ['a file', 'target'],
    ['nothing', 'absent'],
  ])('is not written through a link to %s', async (_, name) => {
    const cluster = await register();
    writeFileSync(join(folder, 'target'), 'of another program');
    symlinkSync(join(folder, name), path);
    for (const replace of [false, true]) {
      await expect(cluster.writeKubeconfig(path, { replace })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    }
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('of another program');
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });

  it('is not written where there is no such folder, or a folder of that name', async () => {
    const cluster = await register();
    mkdirSync(path);
    for (const replace of [false, true]) {
      await expect(cluster.writeKubeconfig(path, { replace })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
      await expect(cluster.writeKubeconfig(join(folder, 'absent/config'), { replace })).rejects.toMatchObject({
        message: expect.stringContaining('its folder does not exist'),
        remedy: expect.stringContaining(`Make the folder ${join(folder, 'absent')}`),
      });
    }
  });

  it('calls the programs in the folder that the caller names, and is not written without them', async () => {
    const cluster = await register();
    const failure = await cluster.writeKubeconfig(path, { packageFolder: folder }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', remedy: expect.stringContaining('packageFolder') });
    expect(existsSync(path)).toBe(false);
    const programs = ['bin/ekspress-exec', 'dist/cli/main.js'].map((name) => join(folder, 'own', name));
    for (const program of programs) {
      mkdirSync(join(program, '..'), { recursive: true });
      writeFileSync(program, '', { mode: 0o755 });
    }
    await cluster.writeKubeconfig(path, { packageFolder: join(folder, 'own') });
    expect(readFileSync(path, 'utf8')).toContain(programs[0]);
  });

  it('is not written for a cluster that is no longer registered', async () => {
    const cluster = await register();
    await registry.unregister(cluster.id);
    await expect(cluster.writeKubeconfig(path)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    expect(existsSync(path)).toBe(false);
  });
});

describe('A kubeconfig that a cluster has written', () => {
  it('has one context, whose names are texts for kubectl, too', async () => {
    const document = await written(textOf(EKS, {}, { namespace: 'off' }));
    expect(document).toMatchObject({
      'current-context': 'yes',
      contexts: [{ name: 'yes', context: { cluster: '1_000', user: 'on', namespace: 'off' } }],
    });
    expect(readFileSync(path, 'utf8')).toMatch(/"namespace": "off"/);
  });

  it('calls the plugin of ekspress in front of the command, with its variables', async () => {
    const env = [{ name: 'AWS_PROFILE', value: 'dev' }];
    const document = await written(textOf({ exec: { ...EKS.exec, env } }));
    expect(document.users[0].user).toEqual({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: expect.stringMatching(/^\/.*\/bin\/ekspress-exec$/),
        args: ['aws', 'eks', 'get-token', '--cluster-name', 'dev'],
        env,
      },
    });
  });

  it('calls the plugin once where the kubeconfig calls it already, with its hints', async () => {
    const { args } = EKS.exec;
    const exec = { ...EKS.exec, command: '/old/ekspress-exec', args: ['--key-env', 'VAULT_ADDR', 'aws', ...args] };
    const document = await written(textOf({ exec }));
    expect(document.users[0].user.exec.args).toEqual(['--key-env', 'VAULT_ADDR', 'aws', ...args]);
    expect(document.users[0].user.exec.command).not.toContain('/old/');
  });

  it('reaches the server as the cluster does', async () => {
    const cluster = {
      'certificate-authority-data': 'Q0E=',
      'tls-server-name': 'api.example',
      'proxy-url': 'socks5://127.0.0.1:1080',
      'disable-compression': true,
    };
    expect((await written(textOf(EKS, cluster))).clusters[0].cluster).toEqual({
      server: 'https://127.0.0.1:1',
      ...cluster,
    });
    const insecure = { 'insecure-skip-tls-verify': true };
    path = join(folder, 'insecure');
    expect((await written(textOf(EKS, insecure))).clusters[0].cluster).toMatchObject(insecure);
  });

  it.each([
    ['a fixed token', { token: 'fixed' }],
    ['a password', { username: 'kim', password: 'secret' }],
    ['a client certificate', { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' }],
    ['a token in a file', { tokenFile: '/var/run/token' }],
    ['certificates in files', { 'client-certificate': '/etc/cert.pem', 'client-key': '/etc/key.pem' }],
    [
      'the rights of another user',
      { token: 'fixed', as: 'kim', 'as-uid': '7', 'as-groups': ['readers'], 'as-user-extra': { scopes: ['view'] } },
    ],
    [
      'another command',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'kubelogin',
          args: ['get-token'],
          env: [{ name: 'REALM', value: 'acme' }],
          interactiveMode: 'Never',
          provideClusterInfo: true,
          installHint: 'brew install kubelogin',
        },
      },
    ],
  ])('keeps %s as it is', async (_, user) => {
    expect((await written(textOf(user))).users[0].user).toEqual(user);
  });

  it('has the file of the service account in a pod, not the token in it', async () => {
    for (const [name, text] of [
      ['token', 'secret'],
      ['ca.crt', 'CA'],
      ['namespace', 'team'],
    ] as const)
      writeFileSync(join(folder, name), text);
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    await using inPod = new ClusterRegistry({ env, serviceAccountDirectory: folder });
    const cluster = await inPod.registerInCluster();
    const document = JSON.parse(readFileSync(await cluster.writeKubeconfig(path), 'utf8'));
    expect(document).toMatchObject({
      contexts: [{ context: { namespace: 'team' } }],
      clusters: [{ cluster: { server: 'https://10.0.0.1:443', 'certificate-authority': join(folder, 'ca.crt') } }],
      users: [{ user: { tokenFile: join(folder, 'token') } }],
    });
  });

  it('has a token only of a cluster that has one', async () => {
    const cluster = await register(textOf({ token: 'fixed' }));
    await expect(cluster.writeKubeconfig(path, { token: true })).rejects.toMatchObject({ code: 'NOT_EKS' });
  });
});
