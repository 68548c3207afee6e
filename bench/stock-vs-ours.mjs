import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entryPoint, openSandbox } from './sandbox.mjs';

const COLD_CALLS = 10;
const CALLS_AFTER_REVOCATION = 3;
const LISTS = 100;
const MANY_LISTS = 1_000;
const AT_ONCE = 10;
/** The wait for connections that are closing. */
const SETTLING_MS = 500;
const SHORT_LIFE_MS = 5_000;
const EXPIRIES = 100;
const KEYS = { accessKeyId: 'AKIAROTATEDROTATED00', secretAccessKey: 'rotated/secret/rotated/secret/rotated0' };

/** A service on stock client-node and the same service on ekspress, each against a local cluster. */
export async function stockVsOurs() {
  const lines = [];
  const results = {};
  for (const kind of ['stock', 'ours']) results[kind] = await measure(kind);
  const { stock, ours } = results;
  for (const [what, name] of [
    [`programs started by ${COLD_CALLS} cold calls`, 'spawns'],
    [`of ${CALLS_AFTER_REVOCATION} calls after a revoked token, failed`, 'failed'],
    [`TLS handshakes of ${LISTS} lists`, 'handshakes'],
    ['sockets open afterwards', 'sockets'],
    ['process, credentials gone under an informer', 'informer'],
    [`objects over ${EXPIRIES} token expiries`, 'expiries'],
  ]) {
    lines.push({ what, note: `stock: ${stock[name]}, ours: ${ours[name]}` });
  }
  lines.push({ what: 'one list, stock', ms: stock.list });
  lines.push({ what: 'one list, ours', ms: ours.list, ratio: ours.list / stock.list, of: 'stock' });
  lines.push({ what: `${MANY_LISTS} lists, stock`, perSecond: stock.throughput });
  const ratio = ours.throughput / stock.throughput;
  lines.push({ what: `${MANY_LISTS} lists, ours`, perSecond: ours.throughput, ratio, of: 'stock', limit: '>= 2' });
  return lines;
}

async function measure(kind) {
  const sandbox = openSandbox();
  const { home } = sandbox;
  const env = { HOME: home, PATH: process.env.PATH };
  const cluster = await startCluster(home);
  try {
    const kubeconfig = join(home, 'config');
    writeFileSync(kubeconfig, await cluster.ask('kubeconfig', { command: writeCommand(home), env: { HOME: home } }));
    const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
    const { ClusterRegistry } = await import(entryPoint);
    const registry = new ClusterRegistry({ env });
    let client = new KubeConfig();
    if (kind === 'stock') client.loadFromFile(kubeconfig);
    else client = await registry.registerByPath(kubeconfig);
    const api = client.makeApiClient(CoreV1Api);
    const list = () => api.listNamespace();

    await Promise.all(Array.from({ length: COLD_CALLS }, list));
    const spawns = lines(join(home, 'spawned'));

    const before = await cluster.ask('count');
    const began = performance.now();
    for (let index = 0; index < LISTS; index += 1) await list();
    const perList = (performance.now() - began) / LISTS;
    await sleep(SETTLING_MS);
    const after = await cluster.ask('count');

    const start = performance.now();
    let left = MANY_LISTS;
    const worker = async () => {
      while (left-- > 0) await list();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const throughput = MANY_LISTS / ((performance.now() - start) / 1000);

    await cluster.ask('revoke');
    await cluster.ask('addAdmin', KEYS);
    writeKeys(home, KEYS);
    let failed = 0;
    for (let index = 0; index < CALLS_AFTER_REVOCATION; index += 1) await list().catch(() => (failed += 1));
    await registry.close();
    return {
      spawns,
      failed,
      handshakes: after.opened - before.opened,
      sockets: after.open,
      list: perList,
      throughput,
      expiries: await expiries(kind, { home, env, kubeconfig, cluster }),
      informer: await informer(kind, { home, env, kubeconfig, cluster }),
    };
  } finally {
    cluster.close();
    sandbox.close();
  }
}

/** Starts a process with an informer that writes its events into a file. */
async function startInformer(kind, { env, kubeconfig }, file) {
  const script = fileURLToPath(new URL('informer.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, kind, kubeconfig, entryPoint, file], { env, stdio: 'ignore' });
  const ended = once(child, 'exit').then(([code]) => code);
  const states = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const until = async (word, seconds) => {
    const end = Date.now() + seconds * 1000;
    while (!states().includes(word) && child.exitCode === null && Date.now() < end) await sleep(20);
    return states().includes(word);
  };
  if (await until('connected', 20)) return { child, ended, states, until };
  child.kill('SIGKILL');
  throw new Error('the informer has not connected');
}

/**
 * Lets a token expire a hundred times. Each time the server refuses the previous token, ends the watch and gets a new
 * object. The command of stock client-node runs each time, because its tokens expire at once.
 */
async function expiries(kind, world) {
  const { home, cluster } = world;
  rmSync(join(home, '.kube'), { recursive: true, force: true });
  writeFileSync(join(home, 'short'), '100');
  const informer = await startInformer(kind, world, join(home, `expiries-${kind}`));
  try {
    let { accessKeyId } = KEYS;
    for (let index = 0; index < EXPIRIES && informer.child.exitCode === null; index += 1) {
      const next = { ...KEYS, accessKeyId: `AKIANUMBER${String(index).padStart(10, '0')}` };
      await cluster.ask('addAdmin', next);
      writeKeys(home, next);
      await cluster.ask('revoke', accessKeyId);
      accessKeyId = next.accessKeyId;
      await cluster.ask('closeWatches');
      await cluster.ask('create', `object-${index}`);
      await informer.until(`+object-${index}\n`, 2);
    }
    await informer.until(`+object-${EXPIRIES - 1}\n`, 20);
    const times = new Map();
    for (const line of informer.states().split('\n')) times.set(line, (times.get(line) ?? 0) + 1);
    const counts = Array.from({ length: EXPIRIES }, (_, index) => times.get(`+object-${index}`) ?? 0);
    return `${counts.filter((count) => count === 0).length} lost, ${counts.filter((count) => count > 1).length} doubled`;
  } finally {
    informer.child.kill('SIGKILL');
    await cluster.ask('restore', KEYS.accessKeyId);
    writeKeys(home, KEYS);
  }
}

/** A process with an informer. Its credentials are removed while the server ends its watch, and restored later. */
async function informer(kind, world) {
  const { home, cluster } = world;
  // Only stock client-node runs this command. Its token expires while the informer watches.
  writeFileSync(join(home, 'short'), String(SHORT_LIFE_MS));
  rmSync(join(home, '.kube'), { recursive: true, force: true });
  const { child, ended, until } = await startInformer(kind, world, join(home, `informer-${kind}`));
  try {
    await sleep(SHORT_LIFE_MS);
    rmSync(join(home, '.aws', 'credentials'));
    // Earlier tokens are refused too, because the session has ended.
    await cluster.ask('revoke', KEYS.accessKeyId);
    rmSync(join(home, '.kube'), { recursive: true, force: true });
    await cluster.ask('closeWatches');
    await Promise.race([ended, until('error', 10)]);
    const next = { ...KEYS, accessKeyId: 'AKIARENEWEDRENEWED00' };
    await cluster.ask('addAdmin', next);
    writeKeys(home, next);
    const began = Date.now();
    while (child.exitCode === null && Date.now() - began < 15_000) {
      if ((await cluster.ask('closeWatches')) > 0) return 'keeps running and watches again';
      await sleep(100);
    }
    return child.exitCode === null ? 'keeps running but no longer watches' : `ended with status ${await ended}`;
  } finally {
    child.kill('SIGKILL');
  }
}

async function startCluster(home) {
  const child = fork(fileURLToPath(new URL('local-cluster.mjs', import.meta.url)), [home]);
  await once(child, 'message');
  let last = 0;
  return {
    ask: (command, argument) =>
      new Promise((resolve) => {
        const id = ++last;
        const listener = (message) => {
          if (message.id !== id) return;
          child.off('message', listener);
          resolve(message.answer);
        };
        child.on('message', listener);
        child.send({ id, command, argument });
      }),
    close: () => child.kill('SIGKILL'),
  };
}

/** Writes a stand-in for the AWS CLI that records each start and prints the token that the AWS CLI would print. */
function writeCommand(home) {
  const program = join(home, 'get-token.mjs');
  writeFileSync(
    program,
    `import { existsSync, readFileSync } from 'node:fs';
import { parseExecConfig, TokenManager } from ${JSON.stringify(entryPoint)};
const manager = new TokenManager(parseExecConfig({ command: 'aws', args: process.argv.slice(2) }), { cache: false });
const { token, expiresAt } = await manager.getValidToken();
const apiVersion = 'client.authentication.k8s.io/v1beta1';
const short = ${JSON.stringify(join(home, 'short'))};
const end = existsSync(short) ? new Date(Date.now() + Number(readFileSync(short))) : expiresAt;
const status = { token, expirationTimestamp: end.toISOString() };
console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status }));
`,
  );
  const command = join(home, 'aws');
  const start = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"`;
  // In the form of a version manager's shim, since other scripts are not recognised as the AWS CLI.
  const asdf = join(home, 'asdf');
  const spawned = JSON.stringify(join(home, 'spawned'));
  writeFileSync(asdf, `#!/bin/sh\nshift 2\necho >> ${spawned}\n${start}\n`, { mode: 0o755 });
  writeFileSync(command, `#!/bin/sh\nexec "${asdf}" exec "aws" "$@"\n`, { mode: 0o755 });
  return command;
}

function writeKeys(home, { accessKeyId, secretAccessKey }) {
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  writeFileSync(join(home, '.aws', 'credentials'), `[admin]\n${keys}`);
}

function lines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}
