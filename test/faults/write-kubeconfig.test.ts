import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Cluster, ClusterRegistry, eksClusters } from 'ekspress';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { optionalProgram } from '../support/optional-programs.ts';

const ROLE = 'arn:aws:iam::123456789012:role/tenant';
const EXTERNAL = 'arn:aws:iam::123456789012:role/external';

/** A key may have an equals sign and a blank. */
const TAGS = { 'a=b c': 'blue', unit: '' };

const kubectl = optionalProgram('kubectl');
const helm = optionalProgram('helm');

let aws: LocalAWS;
let eks: LocalEKS;
let home: string;
/** A machine with Node and without `aws`. */
let env: Record<string, string>;
beforeAll(async () => {
  const groups = ['system:masters'];
  aws = await startLocalAWS({ roles: { [ROLE]: { groups }, [EXTERNAL]: { groups, externalId: 'acme-42' } } });
  eks = await startLocalEKS({ aws });
  const proxy = await aws.startProxy();
  home = mkdtempSync(join(tmpdir(), 'ekspress-written-'));
  await eks.writeAWSFiles(home, { region: eks.region });
  const bundle = join(home, 'ca.pem');
  writeFileSync(bundle, aws.certificateAuthority);
  const network = { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1', AWS_CA_BUNDLE: bundle };
  env = { HOME: home, PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...network };
});
afterAll(async () => {
  await eks.close();
  await aws.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => rmSync(join(home, '.kube'), { recursive: true, force: true }));

let files = 0;
/** A path that no file has. */
const fresh = () => join(home, `written-${++files}.yaml`);

/** Runs a program with a kubeconfig, in the environment of the registry. */
async function run(program: string | undefined, KUBECONFIG: string, ...args: string[]): Promise<string> {
  const child = promisify(execFile)(program ?? '', args, { env: { ...env, KUBECONFIG }, timeout: 60_000 });
  return (await child).stdout;
}

/** The answer of `kubectl get namespaces`, and the user that the API server saw. */
async function whoReads(path: string): Promise<string | undefined> {
  expect(await run(kubectl, path, 'get', 'namespaces', '-o', 'name')).toContain('namespace/kube-system');
  return eks.requests.at(-1)?.username;
}

/** Checks that a file holds no token and none of the keys of the home. */
function expectNoSecret(path: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('k8s-aws-v1');
  for (const identity of Object.values(eks.identities)) expect(text).not.toContain(identity?.secretAccessKey);
}

const trusted = () => ({ server: eks.server, certificateAuthorityData: eks.certificateAuthorityData });

describe.skipIf(kubectl === undefined)('kubectl with the kubeconfig that a cluster has written', () => {
  const forms: Record<string, { register: (registry: ClusterRegistry) => Promise<Cluster>; user: string }> = {
    'of a file': {
      register(registry) {
        mkdirSync(join(home, '.kube'));
        writeFileSync(join(home, '.kube/config'), eks.kubeconfig({ profile: 'reader' }));
        return registry.registerByPath();
      },
      user: 'user/reader',
    },
    'of a text that is not trusted': {
      register: (registry) =>
        registry.registerEKSByString(eks.kubeconfig({ profile: 'reader', command: '/nowhere/aws' }), {
          trustedServers: [{ ...trusted(), profile: 'reader' }],
        }),
      user: 'user/reader',
    },
    'of a name in AWS': {
      register: (registry) =>
        registry.registerAWSCluster({ clusterName: 'dev', region: eks.region, profile: 'reader' }),
      user: 'user/reader',
    },
    'with a role, an external id, a session name and session tags': {
      register: (registry) =>
        registry.registerAWSCluster({
          ...{ clusterName: 'dev', region: eks.region },
          ...{ roleArn: EXTERNAL, externalId: 'acme-42', sessionName: 'kim' },
          ...{ tags: TAGS, transitiveTagKeys: ['a=b c'] },
        }),
      user: 'assumed-role/external/kim',
    },
    'of a list of EKS': {
      async register(registry) {
        const accounts = [{ roleArn: ROLE }];
        await registry.follow(eksClusters({ regions: [eks.region], accounts, endpoints: ['127.0.0.1'] })).ready;
        return registry.list()[0] as Cluster;
      },
      user: 'assumed-role/tenant/EKSGetTokenAuth',
    },
  };

  it.each(Object.keys(forms))('is the identity of the cluster: %s', async (form) => {
    const { register, user } = forms[form] as (typeof forms)[string];
    await using registry = new ClusterRegistry({ env });
    const cluster = await register(registry);
    const path = await cluster.writeKubeconfig(fresh());
    expectNoSecret(path);
    expect(await whoReads(path)).toContain(user);
    await cluster.fetch('/api/v1/namespaces');
    expect(eks.requests.at(-1)?.username).toContain(user);
    const tagged = aws.calls.filter(({ sessionName }) => sessionName === 'kim');
    for (const { tags, transitiveTagKeys } of tagged) {
      expect(tags).toEqual(TAGS);
      expect(transitiveTagKeys).toEqual(['a=b c']);
    }
  });

  it('goes on after the service has ended', async () => {
    const path = fresh();
    {
      await using registry = new ClusterRegistry({ env });
      const cluster = await registry.registerByString(eks.kubeconfig({ profile: 'admin' }), {
        trustedServers: 'kubeconfig',
        execPolicy: 'allow',
      });
      await cluster.writeKubeconfig(path);
    }
    expect(await whoReads(path)).toContain('user/admin');
  });

  it('runs no program of a text that may run none', async () => {
    const [folder, ran] = [join(home, 'evil'), join(home, 'ran')];
    mkdirSync(folder);
    const [evil, keys] = [join(folder, 'aws'), join(folder, 'keys')];
    for (const program of [evil, keys]) writeFileSync(program, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    appendFileSync(join(home, '.aws/config'), `[profile process]\ncredential_process = ${keys}\n`);
    await using registry = new ClusterRegistry({ env });
    const cluster = await registry.registerByString(eks.kubeconfig({ profile: 'process', command: evil }), {
      trustedServers: [{ ...trusted(), profile: 'process' }],
    });
    const failure = await run(kubectl, await cluster.writeKubeconfig(fresh()), 'get', 'ns').catch((error) => error);
    expect(failure.stderr).toContain('EXEC_DENIED');
    expect(existsSync(ran)).toBe(false);
  });

  it('needs no Node on PATH', async () => {
    await using registry = new ClusterRegistry({ env: { ...env, PATH: '/nowhere' } });
    const cluster = await registry.registerAWSCluster({ clusterName: 'dev', region: eks.region });
    const path = await cluster.writeKubeconfig(fresh());
    const child = { env: { ...env, PATH: '/nowhere', KUBECONFIG: path } };
    const { stdout } = await promisify(execFile)(kubectl ?? '', ['get', 'namespaces', '-o', 'name'], child);
    expect(stdout).toContain('namespace/kube-system');
  });

  it('keeps what its tokens are kept with: the folder and the encryption', async () => {
    const directory = join(home, 'own-cache');
    await using registry = new ClusterRegistry({ env, cache: { directory, key: 'k'.repeat(32) } });
    const cluster = await registry.registerAWSCluster({ clusterName: 'dev', region: eks.region });
    const path = await cluster.writeKubeconfig(fresh());
    const [user] = JSON.parse(readFileSync(path, 'utf8')).users;
    expect(user.user.exec.env).toEqual([{ name: 'EKSPRESS_CACHE_DIR', value: directory }]);
    expect(user.user.exec.args[0]).toBe('--encrypt');
    expectNoSecret(path);
    expect(await whoReads(path)).toContain('user/admin');
  });

  it('uses the token of now where only this process can make one, and the caller asks for that', async () => {
    await using registry = new ClusterRegistry({ env });
    const { accessKeyId, secretAccessKey } = eks.identities.reader;
    const credentials = async () => ({ accessKeyId, secretAccessKey });
    const request = { clusterName: 'dev', region: eks.region };
    const cluster = await registry.registerAWSCluster(request, { credentials });
    const failure = await cluster.writeKubeconfig(fresh()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', remedy: expect.stringContaining('{ token: true }') });
    const path = await cluster.writeKubeconfig(fresh(), { token: true });
    expect(await whoReads(path)).toContain('user/reader');
  });

  it('acts as the user and in the namespace of the kubeconfig', async () => {
    const text = eks
      .kubeconfig()
      .replace('user:\n    exec:', 'user:\n    as: kim\n    as-groups: [readers]\n    exec:')
      .replace(/(context:\n {4}cluster: .*\n)/, '$1    namespace: kube-system\n');
    await using registry = new ClusterRegistry({ env });
    const cluster = await registry.registerByString(text, { trustedServers: 'kubeconfig', allow: ['impersonation'] });
    const path = await cluster.writeKubeconfig(fresh());
    expect(await run(kubectl, path, 'config', 'view', '--minify', '-o', 'jsonpath={..namespace} {..as}')).toBe(
      'kube-system kim',
    );
  });
});

describe.skipIf(helm === undefined)('helm with the kubeconfig that a cluster has written', () => {
  it('lists the releases of a cluster', async () => {
    await using registry = new ClusterRegistry({ env });
    const cluster = await registry.registerAWSCluster({ clusterName: 'dev', region: eks.region });
    const before = eks.requests.length;
    const path = await cluster.writeKubeconfig(fresh());
    expect(JSON.parse(await run(helm, path, 'list', '--all-namespaces', '-o', 'json'))).toEqual([]);
    expect(eks.requests.slice(before).map(({ username }) => username)).toContainEqual(
      expect.stringContaining('user/admin'),
    );
  });
});
