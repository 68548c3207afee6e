// How often a client asks a server that ends each of its watches, counted in a minute. Each client is a process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newestKubectl } from './newest-kubectl.mjs';
import { entryPoint, openSandbox, root } from './sandbox.mjs';

/** `EKSPRESS_WATCH_SECONDS=20 npm run bench -- watch-endings` for a shorter look. */
const SECONDS = Number(process.env.EKSPRESS_WATCH_SECONDS ?? 60);
/** A client that has asked this often is in a loop, and is stopped. Its rate is that of the time until then. */
const ENOUGH = 5_000;
const AT_ONCE = 8;
const STARTING_MS = 60_000;

const informer = fileURLToPath(new URL('watch-informer.mjs', import.meta.url));
/** Where `node test/compat/run.mjs --install-only` puts client-node 2.x and a Node that it runs on. */
const compat = join(root, 'node_modules', '.cache', 'compat', 'node_modules');

const GONE = '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old"}';
const metadata = (version) => `"metadata":{"name":"a","namespace":"default","resourceVersion":"${version}"}`;
const pod = (type, version) =>
  `{"type":"${type}","object":{"kind":"Pod","apiVersion":"v1",${metadata(version)},"spec":{"containers":[]}}}`;
const status = (code, headers) => (response) =>
  response
    .writeHead(code, { 'Content-Type': 'application/json', ...headers })
    .end(`{"kind":"Status","apiVersion":"v1","status":"Failure","code":${code},"message":"no"}`);
const begun = (response, then) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
  response.write('', () => setImmediate(then));
};

/** What the server does with a watch. `count` is the number of watches so far. */
const ENDINGS = {
  'ends at once': (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(),
  'ERROR event 410': (response) => response.end(`{"type":"ERROR","object":${GONE}}\n`),
  'status 410': (response) => response.writeHead(410, { 'Content-Type': 'application/json' }).end(GONE),
  'after one event': (response, count) => response.end(`${pod('MODIFIED', 100 + count)}\n`),
  'after one bookmark': (response, count) => response.end(`${pod('BOOKMARK', 100 + count)}\n`),
  'FIN after the head': (response) => begun(response, () => response.socket?.end()),
  'RST after the head': (response) => begun(response, () => response.socket?.resetAndDestroy()),
  'status 429, Retry-After 5': status(429, { 'Retry-After': '5' }),
  'status 503': status(503),
  'status 500': status(500),
  'cut in a line': (response, count) => {
    response.write(pod('MODIFIED', 100 + count).slice(0, 60), () => setImmediate(() => response.socket?.destroy()));
  },
  '200 with HTML': (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in</html>\n'),
};

/** The requests in a minute of our clients, of stock client-node and of kubectl, for twelve ways in which a watch ends. */
export async function watchEndings() {
  const sandbox = openSandbox();
  try {
    const clients = clientsHere(sandbox);
    const names = Object.keys(ENDINGS);
    const jobs = names.flatMap((ending) => clients.map((client) => ({ ending, client })));
    const rates = Object.fromEntries(names.map((ending) => [ending, {}]));
    const worker = async () => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        rates[job.ending][job.client.name] = await measure(job.ending, job.client, sandbox);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return names.map((ending) => ({
      what: ending,
      requestsPerMinute: rates[ending],
      note: clients.map(({ name }) => `${name} ${rates[ending][name]}`).join(' · '),
    }));
  } finally {
    sandbox.close();
  }
}

/** The clients that this machine has, each with the way to start it with a kubeconfig. */
function clientsHere({ home }) {
  const env = { HOME: home, PATH: process.env.PATH };
  const node24 = join(compat, 'node-24', 'bin', 'node');
  const client2 = existsSync(node24) ? join(compat, '@kubernetes', 'client-node', 'dist', 'index.js') : undefined;
  const kubectl = newestKubectl();
  const start = (program, args) => spawn(program, args, { env, stdio: 'ignore' });
  const informers = (name, program, clientNode) => [
    { name: `ours${name}`, start: (file) => start(program, [informer, 'ours', file, entryPoint, clientNode]) },
    { name: `stock${name}`, start: (file) => start(program, [informer, 'stock', file, entryPoint, clientNode]) },
  ];
  return [
    ...informers(' 1.4', process.execPath, ''),
    ...(client2 ? informers(' 2.x', node24, client2) : []),
    ...(kubectl
      ? [{ name: 'kubectl', start: (file) => start(kubectl, ['--kubeconfig', file, 'get', 'pods', '-w']) }]
      : []),
  ];
}

/** @returns the requests in a minute, with a word where the client has ended */
async function measure(ending, client, { home }) {
  let asked = 0;
  let watches = 0;
  let began;
  const server = createServer((request, response) => {
    request.resume();
    const { url = '' } = request;
    if (!url.includes('/pods')) return discover(url, response);
    began ??= performance.now();
    asked += 1;
    if (/[?&]watch=(true|1)/.test(url)) {
      watches += 1;
      ENDINGS[ending](response, watches);
    } else {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[]}');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const file = join(home, `config-${server.address().port}`);
  writeFileSync(file, kubeconfigOf(server.address().port), { mode: 0o600 });
  const child = client.start(file);
  const over = once(child, 'exit');
  const startedAt = performance.now();
  const isOver = () => {
    if (child.exitCode !== null || child.signalCode !== null || asked >= ENOUGH) return true;
    const now = performance.now();
    return began === undefined ? now - startedAt > STARTING_MS : now - began > SECONDS * 1000;
  };
  try {
    while (!isOver()) await sleep(20);
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (began === undefined) return 'nothing';
    const seconds = ended ? SECONDS : (performance.now() - began) / 1000;
    const perMinute = Math.round((asked / seconds) * 60).toLocaleString('en-US');
    return ended ? `${asked}, then exit ${child.exitCode}` : perMinute;
  } finally {
    child.kill('SIGKILL');
    await over;
    server.close();
    server.closeAllConnections();
  }
}

/** As much of the Kubernetes API as kubectl asks for before it lists pods. */
function discover(url, response) {
  const answers = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/api/v1': {
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: [
        { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list', 'watch'] },
      ],
    },
  };
  const answer = answers[url.split('?')[0]];
  response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
}

function kubeconfigOf(port) {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'dev',
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
    clusters: [{ name: 'dev', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'dev', user: { token: 'none' } }],
  });
}
