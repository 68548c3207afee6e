import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalEKS } from 'ekspress/testing';
import { parseEKSConfig } from '../../aws/stanza/parse-eks-config.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { type ClientNode, loadClientNode } from '../../cluster/clients/client-node.ts';
import { ClusterRegistry } from '../../cluster/registry/registry.ts';
import { EKSAuthError } from '../../errors.ts';
import { packageFile } from '../../plugin/package-file.ts';
import { findProgram } from '../../system/find-program.ts';
import { APPLY } from '../../text/apply-words.ts';
import type { Terminal } from '../command.ts';
import { type DemoHome, prepareHome } from './demo-home.ts';
import { outputOf } from './demo-programs.ts';
import { type Printer, printer } from './printer.ts';
import { timed } from './stopwatch.ts';
import { compareTimes } from './timings.ts';

/** Shows all steps from a kubeconfig to pods, and to kubectl with the same token. */
export async function runDemo(home: string, terminal: Terminal): Promise<void> {
  const say = printer(terminal);
  say.title('ekspress: from a kubeconfig to pods, and to kubectl on the same token');
  say.detail(`Works in a temporary home folder, ${home}, and removes it at the end.`);
  say.detail('Your own ~/.kube and ~/.aws are neither read nor changed.');
  const { startLocalEKS } = await import('ekspress/testing');
  const started = await timed(() => startLocalEKS());
  await using eks = started.value;
  say.done(`local EKS '${eks.clusterName}' in ${eks.region} at ${eks.server}`, started.ms);
  const at = await prepareHome(home, eks, terminal.env);

  const config = parseEKSConfig(await readFile(at.kubeconfig, 'utf8'));
  const manager = new TokenManager(config, { env: at.env });
  const cold = await timed(() => manager.getToken());
  say.done(`minted a token in-process, good until ${clock(cold.value.expiresAt)}`, cold.ms);
  const [entry] = (await readdir(at.cacheDirectory)).filter((name) => name.endsWith('.json'));
  if (entry === undefined) throw new Error(`No entry in ${at.cacheDirectory}.`);
  const { mode, size } = await stat(join(at.cacheDirectory, entry));
  say.done(`put it into the shared cache of that home: ${entry}, ${size} bytes, mode ${(mode & 0o777).toString(8)}`);

  await serviceUsesIt(at, say);
  const kubectl = findProgram('kubectl', terminal.env);
  if (kubectl === undefined) say.skipped('kubectl on the same token. There is no kubectl on PATH.');
  else await kubectlUsesIt(kubectl, home, at, eks, say);
  await compareTimes(at, config, kubectl, say);
  sayNext(terminal, say);
}

/** The steps of a service with client-node, if client-node is installed. */
async function serviceUsesIt(at: DemoHome, say: Printer): Promise<void> {
  let client: { readonly value: ClientNode; readonly ms: number };
  try {
    client = await timed(() => loadClientNode());
  } catch (error) {
    if (!(error instanceof EKSAuthError)) throw error;
    say.skipped(`listing pods from Node, which services do. ${error.message}`);
    say.detail(error.remedy);
    return;
  }
  say.done('loaded @kubernetes/client-node', client.ms);
  await using registry = new ClusterRegistry({ env: at.env });
  const registered = await timed(() => registry.registerEKSByPath());
  const cluster = registered.value;
  say.done(`registered .kube/config of that home as ${cluster.id}`, registered.ms);
  const api = cluster.makeApiClient(client.value.CoreV1Api);
  const listed = await timed(() => api.listPodForAllNamespaces());
  say.done(`listed ${listed.value.items.length} pods through @kubernetes/client-node`, listed.ms);
  for (const { metadata } of listed.value.items) say.detail(`${metadata?.namespace}/${metadata?.name}`);
}

/**
 * Runs kubectl with a PATH on which `node` only leaves a mark. The log of the plugin says whether the entry answered; then
 * the plugin starts no other program.
 */
async function kubectlUsesIt(kubectl: string, home: string, at: DemoHome, eks: LocalEKS, say: Printer): Promise<void> {
  const traps = join(home, 'traps');
  const mark = join(traps, 'node-was-started');
  await mkdir(traps);
  await writeFile(join(traps, 'node'), `#!/bin/sh\n: > '${mark}'\nexit 1\n`, { mode: 0o755 });
  const before = eks.requests.length;
  const env = { ...at.env, PATH: `${traps}:${at.env.PATH}`, KUBECONFIG: at.wrapped, EKSPRESS_DEBUG: '1' };
  const asked = await timed(() => outputOf(kubectl, ['get', 'pods', '--all-namespaces'], env));
  const hashes = new Set(eks.requests.map((request) => request.tokenHash));
  const { stdout, stderr } = asked.value;
  const answered = stderr.includes('[DEBUG] hit: ') && !/\[DEBUG\] (?:miss|Node|no Node)/.test(stderr);
  if (!answered || existsSync(mark) || hashes.size !== 1) {
    throw new Error(`kubectl did not use the shared token: ${stderr.trim()}`);
  }
  say.done(`kubectl got its pods with that very token; neither node nor aws was started`, asked.ms);
  say.table(stdout);
  say.detail(`(${eks.requests.length - before} requests, one token: sha256 ${[...hashes].join()})`);
}

/** Prints what to do after the demo. The last line is a command to type. */
function sayNext(terminal: Terminal, say: Printer): void {
  say.title('Next');
  say.detail('In a service: import { ClusterRegistry } from "ekspress" (README, "In a service").');
  if (findProgram('ekspress', terminal.env) === undefined && existsSync(packageFile('scripts/build.mjs'))) {
    say.detail('To install the commands: npm pack && npm install --global ./ekspress-*.tgz');
  }
  say.detail('With kubectl, helm and k9s, on your own kubeconfig (it asks first; `ekspress revert` undoes it):');
  say.detail(APPLY);
}

/** A time of day in the user's time zone. */
function clock(date: Date): string {
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const;
  return date.toLocaleTimeString('en-GB', parts);
}
