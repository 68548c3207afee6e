// Machines that share tokens through a real Redis: who calls AWS how often, with and without the store.
// A process of `fork` is one machine.
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entryPoint, openSandbox, root } from './sandbox.mjs';

/** `EKSPRESS_FLEET=20,1000,200 npm run bench -- fleet-store`: machines, clusters and roles. */
const [MACHINES = 5, CLUSTERS = 100, ROLES = 20] = (process.env.EKSPRESS_FLEET ?? '')
  .split(',')
  .filter(Boolean)
  .map(Number);
/** How many processes the machines are spread over: each loads the client for Kubernetes. */
const PROCESSES = Number(process.env.EKSPRESS_FLEET_PROCESSES ?? MACHINES);
/** Tokens that each machine needs in a second. */
const PER_SECOND = 10;
/** Of STS. */
const ANSWER_MS = 150;
const ROLLING_MS = 3_000;
const SECRET = 'a secret of at least thirty-two bytes';

const own = fileURLToPath(import.meta.url);

const RUNS = [
  { what: 'at once, no store', store: false },
  { what: 'at once', store: true, limit: '<= 1.05, AWS <= 1/5' },
  { what: 'rolling, no store', store: false, rolling: true },
  { what: 'rolling', store: true, rolling: true, limit: '<= 1.05, AWS <= 1/5' },
  { what: 'server killed half way', store: true, signal: 'SIGKILL', limit: '0 failed' },
  { what: 'server hangs half way', store: true, signal: 'SIGSTOP', limit: '0 failed' },
];

/** The mints and calls of AssumeRole of a fleet. `EKSPRESS_FLEET_RUNS=rolling` chooses runs. */
export async function fleetStore() {
  const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (program === undefined) throw new Error('redis-server and valkey-server are not installed');
  const chosen = RUNS.filter(({ what }) => what.includes(process.env.EKSPRESS_FLEET_RUNS ?? ''));
  const lines = [];
  for (const run of chosen) lines.push(await measured(program, run));
  return lines;
}

async function measured(program, { what, store, rolling = false, signal, limit }) {
  const [sts, redis] = [await startSTS(), await startRedis(program)];
  const sandboxes = [];
  try {
    const processes = Array.from({ length: PROCESSES }, (_, first) => {
      const sandbox = openSandbox();
      sandboxes.push(sandbox);
      const numbers = Array.from({ length: MACHINES }, (_, number) => number).filter(
        (one) => one % PROCESSES === first,
      );
      return startMachines(sandbox, { numbers, rolling, sts: sts.url, ...(store && { redis: redis.port }) });
    });
    if (signal) {
      let asked = 0;
      const half = (MACHINES * CLUSTERS) / 2;
      await new Promise((resolve) => {
        const count = (more) => {
          asked += more;
          if (asked >= half) resolve();
        };
        for (const one of processes) one.on('asked', count);
      });
      redis.process.kill(signal);
    }
    const results = (await Promise.all(processes.map((one) => one.result))).flat();
    const sum = (name) => results.reduce((total, one) => total + one[name], 0);
    const times = results.flatMap((one) => one.times).sort((one, other) => one - other);
    const at = (share) => Math.round(times[Math.floor(share * (times.length - 1))] ?? 0);
    const counts = `${sum('mint')} mints, ${sts.calls()} AssumeRole, ${sum('failed')} of ${times.length} failed`;
    const note = `${counts}; a token took ${at(0.5)} ms, p95 ${at(0.95)}, p99 ${at(0.99)}, at most ${at(1)}`;
    return { what: `${MACHINES} x ${CLUSTERS} x ${ROLES} ${what}`, limit, note };
  } finally {
    sts.close();
    redis.process.kill('SIGKILL');
    for (const sandbox of sandboxes) sandbox.close();
  }
}

/** A process with its own HOME. Its machines share nothing but the process. */
function startMachines(sandbox, facts) {
  const env = {
    ...sandbox.env,
    PATH: '',
    EKSPRESS_FLEET: `${MACHINES},${CLUSTERS},${ROLES}`,
    EKSPRESS_MACHINES: JSON.stringify(facts),
  };
  const child = fork(own, [], { env });
  child.on('message', ({ kind, value }) => child.emit(kind, value));
  const result = new Promise((resolve, reject) => {
    child.on('result', resolve);
    child.on('exit', (code) => reject(new Error(`a machine ended with ${code}`)));
  });
  return Object.assign(child, { result });
}

async function startSTS() {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume().on('end', () => setTimeout(() => response.end(granted(calls)), ANSWER_MS));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, calls: () => calls, close };
}

function granted(number) {
  const ends = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;
  return `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA${`${number}`.padStart(16, '0')}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>${'FwoGZXIvYXdzE'.repeat(60)}</SessionToken><Expiration>${ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

async function startRedis(program) {
  const probe = createProbe().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => /Ready to accept connections/.test(`${text}`) && resolve());
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return { port, process: child };
}

/** One machine: a token of each cluster in an order of its own, so many in a second. */
async function machine(number, { rolling, sts, redis }) {
  const { ClusterRegistry } = await import(entryPoint);
  const fleet = redis === undefined ? undefined : await fleetOver(redis);
  const env = { ...process.env, AWS_ENDPOINT_URL_STS: sts };
  // With limits of its own a registry shares no quota with the others of its process.
  const awsLimits = { assumeRole: { inFlight: 32 } };
  const registry = new ClusterRegistry({ env, cache: false, awsLimits, ...(fleet && { fleet: fleet.options }) });
  await registry.registerAllByString(kubeconfig(), { trustedServers: 'kubeconfig' });
  const clusters = registry.list();
  if (rolling) await sleep(number * ROLLING_MS);
  const [times, waits, counts] = [[], [], { mint: 0, failed: 0 }];
  for (const [index, cluster] of shuffled(clusters, number + 1).entries()) {
    const due = performance.now() + 1_000 / PER_SECOND;
    waits.push(tokenOf(cluster, times, counts));
    if (index % 10 === 9) process.send({ kind: 'asked', value: 10 });
    await sleep(Math.max(0, due - performance.now()));
  }
  await Promise.all(waits);
  counts.mint += registry.activity().fleet?.claims.ahead ?? 0;
  return { ...counts, times };
}

async function tokenOf(cluster, times, counts) {
  const began = performance.now();
  await cluster.getToken().catch(() => {
    counts.failed += 1;
  });
  times.push(performance.now() - began);
  if (cluster.tokenManager.status().source === 'mint') counts.mint += 1;
}

async function fleetOver(port) {
  const { Redis } = await import('ioredis');
  const { valkeyStore } = await import(join(root, 'dist', 'valkey', 'index.js'));
  const client = new Redis({ port, host: '127.0.0.1', enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  client.on('error', () => undefined);
  await once(client, 'ready');
  return { options: { name: 'bench', store: valkeyStore(client), secret: SECRET } };
}

/** The same order for the same seed. */
function shuffled(items, seed) {
  const order = [...items];
  for (let last = order.length - 1, state = seed; last > 0; last -= 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const at = Math.floor((state / 2 ** 32) * (last + 1));
    [order[last], order[at]] = [order[at], order[last]];
  }
  return order;
}

/** A kubeconfig with all clusters. Each has its own user, and shares a role with others. */
function kubeconfig() {
  const names = Array.from({ length: CLUSTERS }, (_, index) => `c${index}`);
  const exec = (name, index) => {
    const role = `arn:aws:iam::123456789012:role/role-${index % ROLES}`;
    const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', name, '--role-arn', role];
    return { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args };
  };
  return JSON.stringify({
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: names.map((name) => ({ name, cluster: { server: 'https://127.0.0.1:1' } })),
    users: names.map((name, index) => ({ name, user: { exec: exec(name, index) } })),
  });
}

if (process.argv[1] === own && process.send) {
  const { numbers, ...facts } = JSON.parse(process.env.EKSPRESS_MACHINES ?? '{}');
  const value = await Promise.all(numbers.map((number) => machine(number, facts)));
  await new Promise((resolve) => process.send({ kind: 'result', value }, resolve));
  process.exit();
}
