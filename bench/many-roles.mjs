// The roles and tokens of a large fleet in one process. `node bench/many-roles.mjs PART URL` is that process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execKubeconfig } from './exec-kubeconfig.mjs';
import { entryPoint, openSandbox } from './sandbox.mjs';

const ROLES = 2_000;
/** Of STS, in an account and region. */
const QUOTA = 600;
const ANSWER_MS = 20;
const TOKENS = 10_000;
const ROUNDS = 3;

const own = fileURLToPath(import.meta.url);
const parts = { gate: rolesOfRegistry, noGate: rolesOfRegistry, tokens: roles, due: tokensDue };

/** 2,000 roles at once with and without the gate, against an STS with its quota; and 10,000 tokens due at once. */
export async function manyRoles() {
  const sts = await startSTS();
  try {
    const lines = [];
    for (const [part, what, limit] of [
      ['noGate', `${ROLES} roles cold, no gate`, ''],
      ['gate', `${ROLES} roles cold`, '0'],
      ['tokens', `${ROLES} roles cold, no clients`, '0, <= 200 MB'],
    ]) {
      sts.reset();
      const { ms, failed, megabytes } = await measured(part, sts.url);
      const { calls, throttled, connections } = sts.seen();
      const note = `${throttled} of ${calls} calls throttled, ${failed} roles failed, ${connections} connections, ${megabytes} MB at most`;
      lines.push({ what, ms, limit, note });
    }
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measured('due', sts.url));
    // Other processes of the machine only add to it.
    const { block } = rounds.reduce((best, one) => (one.block < best.block ? one : best));
    lines.push({
      what: `${TOKENS} tokens due at once`,
      limit: '< 50 ms',
      note: `longest block of the loop ${block.toFixed(1)} ms`,
    });
    return lines;
  } finally {
    sts.close();
  }
}

async function measured(part, url) {
  const sandbox = openSandbox();
  // Without an installed AWS CLI, the kubeconfigs alone decide which roles are assumed.
  const child = fork(own, [part, url], { env: { ...sandbox.env, PATH: '' } });
  try {
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`${part} ended with ${code}`))),
    ]);
    return message;
  } finally {
    child.kill();
    sandbox.close();
  }
}

/** An STS with a quota: calls above it in a second are refused. */
async function startSTS() {
  let seen = { calls: 0, throttled: 0, connections: 0 };
  let recent = [];
  const server = createServer((request, response) => {
    const now = performance.now();
    recent = recent.filter((at) => now - at < 1_000);
    const throttled = recent.length >= QUOTA;
    if (!throttled) recent.push(now);
    seen.calls += 1;
    if (throttled) seen.throttled += 1;
    request.resume().on('end', () =>
      setTimeout(() => {
        response.writeHead(throttled ? 400 : 200, { 'content-type': 'text/xml' }).end(throttled ? REFUSAL : granted());
      }, ANSWER_MS),
    );
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen: () => seen,
    reset() {
      seen = { calls: 0, throttled: 0, connections: 0 };
      recent = [];
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const REFUSAL =
  '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>';

function granted() {
  const ends = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;
  return `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>${'FwoGZXIvYXdzE'.repeat(60)}</SessionToken><Expiration>${ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

/** A token of each role at once, in this process, without a registry and its client for Kubernetes. */
async function roles(_, url) {
  const { parseExecConfig, TokenManager } = await import(entryPoint);
  const options = { env: { ...process.env, AWS_ENDPOINT_URL_STS: url }, cache: false };
  const managers = Array.from(
    { length: ROLES },
    (_, number) => new TokenManager(parseExecConfig({ command: 'aws', args: argsOfRole(number) }), options),
  );
  return cold(managers);
}

/** A token of each role at once, in this process, for clusters of a registry. */
async function rolesOfRegistry(part, url) {
  const { ClusterRegistry } = await import(entryPoint);
  const awsLimits = part === 'gate' ? {} : { awsLimits: { assumeRole: { inFlight: 1_000_000, perSecond: 1_000_000 } } };
  const registry = new ClusterRegistry({
    env: { ...process.env, AWS_ENDPOINT_URL_STS: url },
    cache: false,
    ...awsLimits,
  });
  const clusters = [];
  for (let number = 0; number < ROLES; number += 1) {
    const options = { id: `${number}`, trustedServers: 'kubeconfig' };
    clusters.push(await registry.registerByString(kubeconfigOf(number), options));
  }
  return cold(clusters);
}

async function cold(tokenProviders) {
  const began = performance.now();
  const results = await Promise.allSettled(tokenProviders.map((one) => one.getToken()));
  const ms = performance.now() - began;
  const failed = results.filter(({ status }) => status === 'rejected').length;
  return { ms, failed, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** Tokens that are all due when the process goes on after a pause. */
async function tokensDue() {
  const { parseExecConfig, TokenManager } = await import(entryPoint);
  let time = Date.now();
  let refreshed = 0;
  const options = {
    ...{ env: process.env, cache: false, now: () => new Date(time) },
    onRefreshed: () => {
      refreshed += 1;
    },
  };
  const managers = Array.from({ length: TOKENS }, (_, number) => {
    const config = parseExecConfig({ command: 'aws', args: argsOf(`c${number}`) });
    return new TokenManager(config, options);
  });
  for (const manager of managers) await manager.getValidToken();
  for (const manager of managers) manager.startAutoRefresh();
  time += 12 * 60_000;
  refreshed = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // The ticker holds no process open.
  for (const began = performance.now(); refreshed < TOKENS; ) {
    if (performance.now() - began > 60_000) throw new Error(`${refreshed} of ${TOKENS} refreshed`);
    await sleep(20);
  }
  delay.disable();
  return { block: delay.max / 1e6 };
}

const argsOf = (name) => ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', name];

const argsOfRole = (number) => [...argsOf('dev'), '--role-arn', `arn:aws:iam::123456789012:role/role-${number}`];

function kubeconfigOf(number) {
  const args = argsOfRole(number);
  return execKubeconfig(args);
}

if (process.argv[1] === own && process.send) {
  const [, , part = '', url = ''] = process.argv;
  process.send(await parts[part](part, url));
  process.disconnect();
}
