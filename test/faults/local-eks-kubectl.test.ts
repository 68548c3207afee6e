import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../src/testing/index.ts';
import { realKubectls } from '../support/kubectl.ts';
import { signToken } from '../support/sign-token.ts';

const kubectls = realKubectls();

let eks: LocalEKS;
let home: string;

beforeEach(async () => {
  eks = await startLocalEKS();
  home = mkdtempSync(join(tmpdir(), 'kubectl-'));
});

afterEach(async () => {
  await eks.close();
  rmSync(home, { recursive: true, force: true });
});

describe.each(kubectls.map((path) => ({ name: basename(path), path })))(
  'the local cluster under $name',
  ({ path: kubectl }) => {
    /** A kubeconfig whose command prints a token that the test signed; kubectl runs it as it would run `aws`. */
    function kubeconfigOf(name: 'admin' | 'reader', token = signToken(eks.identities[name])): string {
      const credential = {
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        spec: {},
        status: { token },
      };
      const command = join(home, `${name}-token`);
      writeFileSync(command, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`, { mode: 0o755 });
      const path = join(home, `${name}.kubeconfig`);
      writeFileSync(path, eks.kubeconfig({ command }), { mode: 0o600 });
      return path;
    }

    async function run(
      user: 'admin' | 'reader',
      ...args: string[]
    ): Promise<{ code: number; stdout: string; stderr: string }> {
      const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfigOf(user) };
      try {
        return { code: 0, ...(await promisify(execFile)(kubectl, args, { env, timeout: 30_000 })) };
      } catch (error) {
        return error as { code: number; stdout: string; stderr: string };
      }
    }

    async function ok(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await run('admin', ...args);
      expect(code, stderr).toBe(0);
      return stdout;
    }

    function file(name: string, ...objects: unknown[]): string {
      const path = join(home, name);
      writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
      return path;
    }

    const pod = (name: string, image: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'mine', labels: { app: 'mine' } },
      spec: {
        containers: [
          { name: 'main', image },
          { name: 'side', image: 'busybox' },
        ],
      },
    });

    it('shows what a cluster begins with, in columns', async () => {
      expect(await ok('get', 'ns')).toMatch(/^NAME +STATUS +AGE\ndefault +Active +12d\nkube-node-lease /);
      expect(await ok('get', 'pods', '-A')).toMatch(
        /NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\n(.*\n)*kube-system +coredns-\S+ +1\/1 +Running +0 +12d/,
      );
      expect(await ok('get', 'po', '-n', 'kube-system', '-l', 'k8s-app in (kube-dns)', '-o', 'name')).toMatch(
        /^pod\/coredns-\S+\n$/,
      );
      expect(await ok('get', 'cm', 'coredns', '-n', 'kube-system', '-o', 'jsonpath={.data.Corefile}')).toContain(':53');
      expect(JSON.parse(await ok('get', 'pods', '-A', '-o', 'json')).items[0]).toMatchObject({
        apiVersion: 'v1',
        kind: 'Pod',
      });
    });

    it('creates, gets and deletes namespaces, config maps, secrets and pods', async () => {
      expect(await ok('create', 'ns', 'mine')).toBe('namespace/mine created\n');
      expect(
        await ok('create', 'configmap', 'settings', '-n', 'mine', '--from-literal=a=1', '--from-literal=b=ü'),
      ).toBe('configmap/settings created\n');
      expect(await ok('get', 'cm', 'settings', '-n', 'mine', '-o', 'jsonpath={.data}')).toBe('{"a":"1","b":"ü"}');
      const secret = ['secret', 'generic', 'door', '-n', 'mine'] as const;
      expect(await ok('create', ...secret, '--from-literal=key=a')).toBe('secret/door created\n');
      expect(await ok('get', 'secrets', '-n', 'mine')).toMatch(/^door +Opaque +1 /m);
      expect(await ok('get', 'secret', 'door', '-n', 'mine', '-o', 'jsonpath={.data.key}')).toBe('YQ==');
      expect((await run('reader', 'get', 'secret', 'door', '-n', 'mine')).stderr).toContain('(Forbidden)');
      expect(await ok('create', '-f', file('pod.json', pod('one', 'nginx')))).toBe('pod/one created\n');
      expect(await ok('get', 'pods', '-n', 'mine')).toMatch(/^one +0\/2 +Pending/m);
      expect((await run('admin', 'create', 'ns', 'mine')).stderr).toContain(
        '(AlreadyExists): namespaces "mine" already exists',
      );
      expect(await ok('delete', 'pod', 'one', '-n', 'mine')).toContain('pod "one" deleted');
      expect(await ok('delete', 'ns', 'mine')).toBe('namespace "mine" deleted\n');
      expect((await run('admin', 'get', 'cm', 'settings', '-n', 'mine')).stderr).toContain('(NotFound)');
      expect((await run('admin', 'delete', 'ns', 'default')).stderr).toContain('may not be deleted');
    });

    it('lets apply create, change and leave objects alone', async () => {
      const settings = (data: object) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'mine' },
        data,
      });
      const mine = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } };
      const before = file('before.json', mine, pod('one', 'nginx:1'), settings({ a: '1', b: '2' }));
      const after = file('after.json', mine, pod('one', 'nginx:2'), settings({ b: '3' }));
      expect(await ok('apply', '-f', before)).toBe(
        'namespace/mine created\npod/one created\nconfigmap/settings created\n',
      );
      expect(await ok('apply', '-f', after)).toBe(
        'namespace/mine unchanged\npod/one configured\nconfigmap/settings configured\n',
      );
      expect(await ok('apply', '-f', after)).toBe(
        'namespace/mine unchanged\npod/one unchanged\nconfigmap/settings unchanged\n',
      );
      expect(await ok('get', 'pod', 'one', '-n', 'mine', '-o', 'jsonpath={.spec.containers[*].image}')).toBe(
        'nginx:2 busybox',
      );
      expect(await ok('get', 'cm', 'settings', '-n', 'mine', '-o', 'jsonpath={.data}')).toBe('{"b":"3"}');
      expect((await run('admin', 'apply', '-f', file('bad.json', { ...pod('two', 'x'), spec: {} }))).stderr).toContain(
        'spec.containers: Required value',
      );
    });

    it('takes labels, annotations and edits as patches', async () => {
      await ok('label', 'ns', 'default', 'team=a');
      await ok('annotate', 'ns', 'default', 'note=x');
      expect(await ok('get', 'ns', '-l', 'team=a', '-o', 'name')).toBe('namespace/default\n');
      await ok('label', 'ns', 'default', 'team-');
      expect((await run('admin', 'get', 'ns', '-l', 'team')).stderr).toContain('No resources found');
      await ok('patch', 'ns', 'default', '--type=json', '-p', '[{"op":"remove","path":"/metadata/annotations/note"}]');
      expect(await ok('get', 'ns', 'default', '-o', 'jsonpath={.metadata.annotations}')).toBe('{}');
    });

    it('prints each change as it happens with get -w', async () => {
      const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfigOf('reader') };
      const watching = spawn(kubectl, ['get', 'cm', '-A', '-w', '--no-headers'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await line(watching, /^kube-system +coredns +1 /);
        const created = line(watching, /^default +watched +1 +\d+s$/);
        await ok('create', 'cm', 'watched', '--from-literal=a=1');
        await created;
      } finally {
        watching.kill();
      }
    });

    it('lets a reader read, and forbids writing in the words of RBAC', async () => {
      expect((await run('reader', 'get', 'pods')).code).toBe(0);
      const { code, stderr } = await run('reader', 'create', 'ns', 'mine');
      expect(code).toBe(1);
      expect(stderr).toBe(
        `Error from server (Forbidden): namespaces is forbidden: User "${eks.identities.reader.arn}" cannot create resource "namespaces" in API group "" at the cluster scope\n`,
      );
      expect((await run('reader', 'auth', 'can-i', 'delete', 'pods')).stdout).toBe('no\n');
      expect((await run('reader', 'auth', 'can-i', 'list', 'pods')).stdout).toBe('yes\n');
      expect((await run('reader', 'auth', 'can-i', '--list')).stdout).toMatch(/^pods .*\[get list watch\]$/m);
      expect((await run('admin', 'auth', 'can-i', 'delete', 'pods')).stdout).toBe('yes\n');
    });

    it('names the principal behind the token with auth whoami', async (context) => {
      const { code, stdout, stderr } = await run('admin', 'auth', 'whoami');
      if (stderr.includes('unknown command')) context.skip('skipped: this kubectl has no whoami');
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^Username +arn:aws:iam::123456789012:user\/admin$/m);
      expect(stdout).toMatch(/^Groups +\[system:masters system:authenticated\]$/m);
      expect(stdout).toMatch(/^Extra: accessKeyId +\[AKIAIOSFODNN7EXAMPLE\]$/m);
    });

    it('refuses a token for another cluster, and kubectl asks for another one', async () => {
      kubeconfigOf('admin', signToken(eks.identities.admin, { clusterName: 'prod' }));
      const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'admin.kubeconfig') };
      const refused = promisify(execFile)(kubectl, ['get', 'ns'], { env });
      await expect(refused).rejects.toMatchObject({
        stderr: expect.stringMatching(/Unauthorized|must be logged in to the server/),
      });
      expect(new Set(eks.reviews.map(({ reason }) => reason))).toEqual(new Set(['SIGNATURE']));
      expect(new Set(eks.requests.map(({ status }) => status))).toEqual(new Set([401]));
    });

    it('gives api-resources, describe and version what they look for', async () => {
      expect(await ok('api-resources', '--no-headers')).toMatch(/^namespaces +ns +v1 +false +Namespace$/m);
      expect(await ok('version')).toContain('v1.33.5-eks-local');
      expect((await run('admin', 'describe', 'ns', 'default')).stdout).toMatch(/^Status: +Active$/m);
      expect((await run('admin', 'get', 'nodes')).stderr).toContain('the server doesn\'t have a resource type "nodes"');
    });
  },
);

/** Resolves with the first line of a program's output that matches. */
function line(program: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const onData = (chunk: Buffer) => {
      seen += chunk.toString();
      const found = seen
        .split('\n')
        .slice(0, -1)
        .find((text) => pattern.test(text));
      if (found === undefined) return;
      program.stdout?.off('data', onData);
      resolve(found);
    };
    program.stdout?.on('data', onData);
    program.once('exit', () => reject(new Error(`ended without ${pattern}: ${seen}`)));
  });
}
