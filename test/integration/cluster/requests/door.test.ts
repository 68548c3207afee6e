import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Attach, CoreV1Api, Exec, KubeConfig, Log, PortForward, Watch } from '@kubernetes/client-node';
import { attachEKSAuth, ClusterRegistry } from 'ekspress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, type ScriptedServer, scriptedServer, unauthorized } from '../../../support/scripted-server.ts';
import { PODS, WAYS } from '../../../support/ways-out.ts';

/** The tokens that a server has received. */
function tokensOf({ seen }: ScriptedServer): readonly string[] {
  return seen.map(({ authorization }) => authorization).filter((header) => header !== '');
}

/** The access keys that have signed them. */
function signersOf(server: ScriptedServer): ReadonlySet<string | undefined> {
  const urls = tokensOf(server).map((header) =>
    Buffer.from(header.replace(/^Bearer k8s-aws-v1\./, ''), 'base64url').toString(),
  );
  return new Set(urls.map((url) => /X-Amz-Credential=(\w+)/.exec(url)?.[1]));
}

/** Whatever is asked for, the server accepts it, web sockets too. */
function acceptingServer(authority?: ScriptedServer['authority']): Promise<ScriptedServer> {
  return scriptedServer(
    (_request, response) => emptyList(response),
    (_request, _socket, accept) => accept(),
    authority,
  );
}

function sink(): PassThrough {
  return new PassThrough().resume();
}

describe('a token', () => {
  it.each(Object.entries(WAYS))(
    'does not leave by %s for another server, where the KubeConfig of the cluster was changed in place',
    async (_, go) => {
      await using good = await acceptingServer();
      await using evil = await acceptingServer(good.authority);
      await using registry = quickRegistry();
      const cluster = await register(registry, good);
      const [entry] = cluster.kubeConfig.clusters;
      cluster.kubeConfig.clusters = [{ ...entry, server: evil.url } as KubeConfig['clusters'][number]];
      await expect(go(cluster)).rejects.toMatchObject({
        code: 'SERVER_UNTRUSTED',
        message: expect.stringContaining(`it would have gone to https://127.0.0.1:${new URL(evil.url).port}`),
      });
      expect([evil.connections, tokensOf(evil), tokensOf(good)]).toEqual([0, [], []]);
    },
  );

  it('stays with its server, where a field of the cluster in the KubeConfig was changed in place', async () => {
    await using good = await acceptingServer();
    await using evil = await acceptingServer();
    await using registry = quickRegistry();
    const cluster = await register(registry, good);
    const [entry] = cluster.kubeConfig.clusters;
    Object.assign(entry as object, { server: evil.url, skipTLSVerify: true, caData: undefined });
    await expect(WAYS['an API client']?.(cluster)).rejects.toMatchObject({ code: 'SERVER_UNTRUSTED' });
    expect([cluster.server, evil.connections]).toEqual([good.url, 0]);
    Object.assign(entry as object, { server: good.url, caData: evil.trusted.certificateAuthorityData });
    await WAYS['an API client']?.(cluster);
    expect(tokensOf(good)).toHaveLength(1);
  });

  it('does not follow a redirect to another port; the request does', async () => {
    await using evil = await acceptingServer();
    await using good = await scriptedServer(
      ({ path }, response) => void response.writeHead(307, { location: `${evil.url}${path}` }).end(),
      undefined,
      evil.authority,
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, good);
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    const ended = new Promise((resolve) => {
      void cluster.watch().watch(PODS, {}, () => {}, resolve);
    });
    await ended;
    expect(evil.seen.map(({ path }) => path.replace(/\?.*/, ''))).toEqual(['/api/v1/namespaces', PODS]);
    expect([tokensOf(evil).length, tokensOf(good).length]).toEqual([0, 2]);
  });

  it('does not leave by a copy of the users of its KubeConfig', async () => {
    await using good = await acceptingServer();
    await using evil = await acceptingServer();
    await using registry = quickRegistry();
    const { kubeConfig } = await register(registry, good);
    const copy = new KubeConfig();
    copy.loadFromString(evil.kubeconfig);
    copy.users = kubeConfig.users.map((user) => ({ ...user, name: 'dev' }));
    await copy
      .makeApiClient(CoreV1Api)
      .listNamespace()
      .catch(() => undefined);
    expect(tokensOf(evil)).toEqual([]);
  });

  it('does not go to the old server with the next identity, where a refusal ends after the kubeconfig has changed', async () => {
    let finish = (): void => {};
    await using old = await scriptedServer((_request, response) => {
      response.writeHead(401, { 'Content-Type': 'application/json' });
      response.write('{"kind":"Status","reason":"Unauth');
      finish = () => response.end('orized"}');
    });
    await using next = await acceptingServer();
    const home = await mkdtemp(join(tmpdir(), 'ekspress-door-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    const credentials = join(home, 'credentials');
    const profile = (name: string) =>
      `[${name}]\naws_access_key_id = AKIA${name.toUpperCase()}\naws_secret_access_key = x\n`;
    await writeFile(credentials, `${profile('reader')}${profile('admin')}`);
    const path = join(home, 'config');
    const write = (text: string, name: string) => {
      const args = '"--cluster-name","dev"]';
      return writeFile(path, text.replace(args, `${args},"env":[{"name":"AWS_PROFILE","value":"${name}"}]`));
    };
    await write(old.kubeconfig, 'reader');
    let clock = Date.now();
    const now = () => {
      clock += 1_000;
      return new Date(clock);
    };
    const env = { HOME: home, AWS_SHARED_CREDENTIALS_FILE: credentials };
    await using registry = new ClusterRegistry({ env, cache: false, now });
    const cluster = await registry.registerByPath(path, { id: 'mine' });
    const api = cluster.makeApiClient(CoreV1Api);
    const answer = api
      .connectGetNamespacedServiceProxyWithPath({ name: 'svc', namespace: 'ns', path: 'x' })
      .catch(() => undefined);
    while (old.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await write(next.kubeconfig, 'admin');
    while (cluster.server !== next.url) {
      await cluster.getToken();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    finish();
    while (old.seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    finish();
    await answer;
    expect(signersOf(old)).toEqual(new Set(['AKIAREADER']));
  });

  it('does not go to a server of an unknown authority, although NODE_TLS_REJECT_UNAUTHORIZED=0 is set', async () => {
    await using evil = await acceptingServer();
    await using good = await acceptingServer();
    const kubeconfig = good.kubeconfig.replace(good.url, evil.url);
    const script = `
      import { ClusterRegistry } from 'ekspress';
      import { CoreV1Api } from '@kubernetes/client-node';
      const registry = new ClusterRegistry({ cache: false });
      const trustedServers = [${JSON.stringify({ ...good.trusted, server: evil.url })}];
      const cluster = await registry.registerEKSByString(${JSON.stringify(kubeconfig)}, { trustedServers });
      await cluster.makeApiClient(CoreV1Api).listNamespace().catch((error) => console.log(error.name));
      await cluster.makeExec().exec('ns', 'pod', 'c', ['id'], null, null, null, false).catch(() => console.log('exec'));
      await registry.close();`;
    const env = {
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_NO_WARNINGS: '1',
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
    expect(stdout).toMatch(/Error\nexec\n$/);
    expect(tokensOf(evil)).toEqual([]);
  });
});

/** A KubeConfig whose contexts share one EKS user. */
function sharing(good: ScriptedServer, evil: ScriptedServer): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(good.kubeconfig);
  const [entry] = kubeConfig.clusters;
  kubeConfig.addCluster({ ...entry, name: 'evil', server: evil.url } as KubeConfig['clusters'][number]);
  kubeConfig.addContext({ name: 'evil', cluster: 'evil', user: 'dev' });
  return kubeConfig;
}

describe('a KubeConfig to which EKS auth is attached', () => {
  it('sends nothing to the untrusted server of another context that shares the user', async () => {
    await using good = await acceptingServer();
    await using evil = await acceptingServer(good.authority);
    const kubeConfig = sharing(good, evil);
    const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    const trust = { execPolicy: 'eks-only', allow: [], trustedServers: [good.trusted] } as const;
    const attached = await attachEKSAuth(kubeConfig, { context: 'dev', env, cache: false, ...trust });
    onTestFinished(() => attached.detach());
    await kubeConfig.makeApiClient(CoreV1Api).listNamespace();
    kubeConfig.setCurrentContext('evil');
    const untrusted = { code: 'SERVER_UNTRUSTED' };
    await expect(kubeConfig.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject(untrusted);
    await expect(
      new Watch(kubeConfig).watch(
        PODS,
        {},
        () => {},
        () => {},
      ),
    ).rejects.toMatchObject(untrusted);
    const out = sink();
    await expect(new Exec(kubeConfig).exec('ns', 'pod', 'c', 'id', out, null, null, false)).rejects.toMatchObject(
      untrusted,
    );
    await expect(new Attach(kubeConfig).attach('ns', 'pod', 'c', out, null, null, false)).rejects.toMatchObject(
      untrusted,
    );
    await expect(
      new PortForward(kubeConfig).portForward('ns', 'pod', [80], out, null, Readable.from([])),
    ).rejects.toMatchObject(untrusted);
    await expect(new Log(kubeConfig).log('ns', 'pod', 'c', out)).rejects.toMatchObject(untrusted);
    expect([evil.connections, attached.tokenManager.status().counts.mint]).toEqual([0, 1]);
    kubeConfig.setCurrentContext('dev');
    await kubeConfig.makeApiClient(CoreV1Api).listNamespace();
  });

  it('keeps its own trust: a file of one’s own may lead one user to several servers', async () => {
    await using good = await acceptingServer();
    await using other = await acceptingServer(good.authority);
    const kubeConfig = sharing(good, other);
    const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    const attached = await attachEKSAuth(kubeConfig, { env, cache: false });
    onTestFinished(() => attached.detach());
    kubeConfig.setCurrentContext('evil');
    await kubeConfig.makeApiClient(CoreV1Api).listNamespace();
    expect(tokensOf(other)).toHaveLength(1);
  });
});

it('A refusal of another server, reached by a redirect, makes no new token', async () => {
  await using other = await scriptedServer((_request, response) => unauthorized(response));
  await using good = await scriptedServer(
    ({ path }, response) => void response.writeHead(307, { location: `${other.url}${path}` }).end(),
    undefined,
    other.authority,
  );
  await using registry = quickRegistry();
  const cluster = await register(registry, good);
  await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({ code: 401 });
  expect(cluster.tokenManager?.status().counts).toMatchObject({ mint: 1, refused: 0 });
});
