import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalEKS } from 'ekspress/testing';
import { loadClientNode } from '../../cluster/client-node.ts';
import { ClusterRegistry } from '../../cluster/registry.ts';
import type { Terminal } from '../command.ts';
import { type DemoHome, furnish } from './demo-home.ts';
import { findProgram, output } from './run-program.ts';
import { timed } from './stopwatch.ts';
import { type Teller, teller } from './teller.ts';
import { compareTimes } from './timings.ts';

/** Tells the whole way from a kubeconfig to pods, and from there to kubectl. */
export async function tellStory(home: string, terminal: Terminal): Promise<void> {
  const say = teller(terminal);
  say.title('ekspress: from a kubeconfig to pods, and to kubectl on the same token');
  const { startLocalEKS } = await import('ekspress/testing');
  const started = await timed(() => startLocalEKS());
  await using eks = started.value;
  say.done(`local EKS '${eks.clusterName}' in ${eks.region} at ${eks.server}`, started.ms);
  const at = await furnish(home, eks, terminal.env);

  await using registry = new ClusterRegistry({ env: at.env });
  const client = await timed(() => loadClientNode());
  say.done('loaded @kubernetes/client-node', client.ms);
  const registered = await timed(() => registry.registerEKSByPath());
  const cluster = registered.value;
  say.done(`registered ~/.kube/config as ${cluster.id}`, registered.ms);
  const cold = await timed(() => cluster.getToken());
  say.done(`minted a token in-process, good until ${clock(cold.value.expiresAt)}`, cold.ms);
  const api = cluster.makeApiClient(client.value.CoreV1Api);
  const listed = await timed(() => api.listPodForAllNamespaces());
  say.done(`listed ${listed.value.items.length} pods through @kubernetes/client-node`, listed.ms);
  for (const { metadata } of listed.value.items) say.detail(`${metadata?.namespace}/${metadata?.name}`);

  const [entry] = (await readdir(at.cacheDirectory)).filter((name) => name.endsWith('.json'));
  if (entry === undefined) throw new Error(`No entry in ${at.cacheDirectory}.`);
  const { mode, size } = await stat(join(at.cacheDirectory, entry));
  say.done(`the token lies in the shared cache: ${entry}, ${size} bytes, mode ${(mode & 0o777).toString(8)}`);

  const kubectl = findProgram('kubectl', terminal.env.PATH);
  if (kubectl === undefined) say.skipped('no kubectl on PATH, so nobody else uses the token');
  else await kubectlUsesIt(kubectl, home, at, eks, say);
  await compareTimes(at, cluster, kubectl, say);
  say.title('Next');
  say.detail('import { ClusterRegistry } from "ekspress"            for your service (README, "In a service")');
  say.detail('args: [aws, …] behind bin/ekspress-exec in your kubeconfig  for kubectl (README, "With kubectl")');
}

/** kubectl with a PATH on which `node` and `aws` only leave a mark: nothing but the shared entry can answer it. */
async function kubectlUsesIt(kubectl: string, home: string, at: DemoHome, eks: LocalEKS, say: Teller): Promise<void> {
  const traps = join(home, 'traps');
  await mkdir(traps);
  for (const name of ['node', 'aws']) {
    await writeFile(join(traps, name), `#!/bin/sh\n: > '${traps}/${name}-was-started'\nexit 1\n`, { mode: 0o755 });
  }
  const before = eks.requests.length;
  const env = { ...at.env, PATH: `${traps}:${at.env.PATH}`, KUBECONFIG: at.wrapped };
  const asked = await timed(() => output(kubectl, ['get', 'pods', '--all-namespaces'], env));
  const hashes = new Set(eks.requests.map((request) => request.tokenHash));
  const trapped = (await readdir(traps)).filter((name) => name.endsWith('-was-started'));
  if (trapped.length > 0 || hashes.size !== 1) throw new Error('kubectl did not use the shared token.');
  say.done(`kubectl got its pods with that very token; neither node nor aws was started`, asked.ms);
  for (const line of asked.value.trimEnd().split('\n')) say.detail(line);
  say.detail(`(${eks.requests.length - before} requests, one token: sha256 ${[...hashes].join()})`);
}

function clock(date: Date): string {
  return date.toISOString().slice(11, 19);
}
