import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newestKubectl } from './newest-kubectl.mjs';
import { median } from './processes.mjs';
import { plugin, root } from './sandbox.mjs';

const PAIRS = 40;
/** `aws` is so much slower that fewer runs are enough. */
const AWS_EVERY = 4;

/** `kubectl get ns` on a real API server: with a static token and with a plugin hit in pairs, and with `aws`. */
export async function pluginKubectl() {
  const parts = process.env.EKSPRESS_ENVTEST ?? join(root, '../shared/envtest');
  const kubectl = newestKubectl();
  if (!existsSync(join(parts, 'up')) || !kubectl) {
    return [
      { what: 'kubectl get ns', note: 'not measured: needs kubectl, and EKSPRESS_ENVTEST (see CONTRIBUTING.md)' },
    ];
  }
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-bench-server-'));
  try {
    const env = { ...process.env, PORT_BASE: String(await freePorts(4)) };
    execFileSync(join(parts, 'up'), [folder, 'dev'], { env, stdio: 'ignore' });
    return measure(kubectl, folder);
  } finally {
    spawnSync(join(parts, 'down'), [folder], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(kubectl, folder) {
  const applied = join(folder, 'kc', 'hit.yaml');
  const stanza = readFileSync(join(folder, 'kc', 'aws.yaml'), 'utf8');
  writeFileSync(applied, stanza.replace('command: aws', `command: ${plugin}`).replace('args: [', 'args: [aws, '), {
    mode: 0o600,
  });
  const once = (config) => {
    const env = { HOME: folder, PATH: process.env.PATH, KUBECONFIG: join(folder, 'kc', config) };
    const began = process.hrtime.bigint();
    const { status, stderr } = spawnSync(kubectl, ['get', 'ns'], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`kubectl with ${config}: ${stderr}`);
    return Number(process.hrtime.bigint() - began) / 1e6;
  };
  const hasAws = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0;
  // Fills kubectl's discovery cache and the token cache.
  for (const config of ['static.yaml', 'hit.yaml', ...(hasAws ? ['aws.yaml'] : [])]) once(config);
  const [fixed, hit, aws] = [[], [], []];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // The first run of a pair has colder caches, so the order alternates.
    const turns = [() => fixed.push(once('static.yaml')), () => hit.push(once('hit.yaml'))];
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) turn();
    if (hasAws && pair % AWS_EVERY === 0) aws.push(once('aws.yaml'));
  }
  const over = median(hit.map((ms, pair) => ms - fixed[pair]));
  const note = `paired median: ${over.toFixed(1)} ms over a static token, limit 5 ms`;
  return [
    { id: 'kubectl-static', what: 'kubectl get ns, static', ms: median(fixed), note: `${PAIRS} pairs` },
    {
      id: 'kubectl-hit',
      what: 'kubectl get ns, hit',
      ms: median(hit),
      over,
      ratio: median(hit) / median(fixed),
      of: 'static token',
      note,
    },
    ...(hasAws
      ? [
          {
            id: 'kubectl-aws',
            what: 'kubectl get ns, aws',
            ms: median(aws),
            ratio: median(aws) / median(fixed),
            of: 'static token',
          },
        ]
      : []),
  ];
}

/** The first of `count` consecutive free ports on loopback. */
async function freePorts(count) {
  const isFree = (port) =>
    new Promise((resolve) => {
      const probe = createServer().once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
  for (;;) {
    const first = 21_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}
