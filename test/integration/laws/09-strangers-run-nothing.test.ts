import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';
import { startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { EKS_USER, kubeconfigText, SERVER, TRUSTED } from '../../support/kubeconfig-text.ts';
import { mcpWorld } from '../../support/mcp-cluster.ts';
import { serveInChild } from '../../support/mcp-process.ts';

/** A program that notes that it ran, and the user of a kubeconfig that names it. */
function tripwire(home: FakeHome, name = 'tool'): { user: string; ran: () => boolean; path: string } {
  const trace = join(home.directory, 'ran');
  const path = join(home.directory, 'bin', name);
  const answer = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t"}}';
  writeFileSync(path, `#!/bin/sh\n: > '${trace}'\necho '${answer}'\n`, { mode: 0o755 });
  const user = `exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ${path}, interactiveMode: Never}`;
  return { user, path, ran: () => existsSync(trace) };
}

describe('a kubeconfig that comes as a string', () => {
  it('is refused where its user names a program, and the program does not run', async () => {
    const home = new FakeHome().withStaticKeys();
    const { user, ran } = tripwire(home);
    await using registry = new ClusterRegistry({ env: home.env });
    const text = kubeconfigText({ user });
    await expect(registry.registerByString(text, { trustedServers: [SERVER] })).rejects.toMatchObject({
      code: 'EXEC_DENIED',
      remedy: expect.stringContaining("execPolicy: 'allow'"),
    });
    expect(ran()).toBe(false);
  });

  it('runs no program where only one could make the token', async () => {
    const home = new FakeHome();
    const { path, ran } = tripwire(home);
    home.withConfig(`[profile process]\ncredential_process = ${path}\n`);
    await using registry = new ClusterRegistry({ env: home.env });
    const text = kubeconfigText({ user: EKS_USER.replace('prod,', 'prod, --profile, process,') });
    const trustedServers = [{ ...TRUSTED, profile: 'process' }];
    const cluster = await registry.registerByString(text, { trustedServers });
    await expect(cluster.getToken()).rejects.toMatchObject({ code: 'EXEC_DENIED' });
    expect(ran()).toBe(false);
  });

  it('runs no program for a model that talks to the MCP server', async () => {
    await using world = await mcpWorld();
    const { user, ran } = tripwire(new FakeHome());
    await using session = await serveInChild(world.env, []);
    const { failed, value } = await session.call('register_eks_cluster', { kubeconfig: kubeconfigText({ user }) });
    expect({ failed, code: value.code }).toEqual({ failed: true, code: expect.stringMatching(/EXEC_DENIED|NOT_EKS/) });
    expect(ran()).toBe(false);
  });
});

describe("the user's own kubeconfig", () => {
  it('may run what it says', async () => {
    await using eks = await startLocalEKS();
    const home = new FakeHome();
    const { path: program, ran } = tripwire(home);
    const path = join(home.directory, 'config');
    writeFileSync(path, eks.kubeconfig().replace('command: aws', `command: ${program}`));
    await using registry = new ClusterRegistry({ env: home.env });
    const cluster = await registry.registerByPath(path);
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' });
    expect(ran()).toBe(true);
  });
});
