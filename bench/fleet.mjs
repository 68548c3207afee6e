import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { manyRoles } from './many-roles.mjs';
import { median } from './processes.mjs';
import { entryPoint, openSandbox } from './sandbox.mjs';

const CONTEXTS = 1_000;
const FILES = 10;
const ROUNDS = 5;

/** The cost of a fleet: many contexts, many roles and tokens. */
export async function fleet() {
  return [...(await contexts()), ...(await manyRoles())];
}

/** Registering all contexts of a large kubeconfig, and memory and timers for ten such files. */
async function contexts() {
  const sandbox = openSandbox();
  const options = { env: sandbox.env, cache: false };
  try {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const { ClusterRegistry } = await import(entryPoint);
    const paths = Array.from({ length: FILES }, (_, index) => join(sandbox.home, `config-${index}`));
    for (const [index, path] of paths.entries()) writeFileSync(path, kubeconfigOf(index * CONTEXTS));
    const [first] = paths;

    const parsing = [];
    const registering = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      parsing.push(await timed(() => new KubeConfig().loadFromFile(first)));
      const registry = new ClusterRegistry(options);
      registering.push(await timed(() => registry.registerAll(first)));
      await registry.close();
    }

    const collect = garbageCollector();
    const registry = new ClusterRegistry(options);
    const before = { heap: heapAfter(collect), timers: timers() };
    for (const path of paths) {
      const { registered } = await registry.registerAll(path);
      if (registered.length !== CONTEXTS) throw new Error(`${registered.length} of ${CONTEXTS} registered`);
    }
    const clusters = registry.list().length;
    const kilobytes = (heapAfter(collect) - before.heap) / clusters / 1024;
    const ticking = timers() - before.timers;
    await registry.close();
    return [
      { what: `parse of ${CONTEXTS} contexts`, ms: median(parsing), note: "by client-node's loader" },
      {
        what: `registerAll of ${CONTEXTS} contexts`,
        ms: median(registering),
        ratio: median(registering) / median(parsing),
        of: 'that parse',
        limit: '<= 2',
      },
      { what: `memory of each of ${clusters} clusters`, note: `${kilobytes.toFixed(1)} KB`, limit: '<= 20 KB' },
      { what: `timers of ${clusters} clusters that hold the process open`, note: String(ticking), limit: '0' },
    ];
  } finally {
    sandbox.close();
  }
}

/** A kubeconfig like that of `aws eks update-kubeconfig`, with certificates of the usual size. */
function kubeconfigOf(offset) {
  const names = Array.from(
    { length: CONTEXTS },
    (_, index) => `arn:aws:eks:us-east-1:123456789012:cluster/c${offset + index}`,
  );
  const authority = 'LS0t'.repeat(375);
  const list = (entryOf) => names.map(entryOf).join('');
  return `apiVersion: v1
clusters:
${list((name) => `- cluster:\n    certificate-authority-data: ${authority}\n    server: https://${name.slice(-8).replace(/\W/g, '')}.gr7.us-east-1.eks.amazonaws.com\n  name: ${name}\n`)}contexts:
${list((name) => `- context:\n    cluster: ${name}\n    user: ${name}\n  name: ${name}\n`)}current-context: ${names[0]}
kind: Config
preferences: {}
users:
${list((name) => `- name: ${name}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - --region\n      - us-east-1\n      - eks\n      - get-token\n      - --cluster-name\n      - ${name.split('/')[1]}\n      - --output\n      - json\n      command: aws\n`)}`;
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function garbageCollector() {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

function heapAfter(collect) {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function timers() {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
