import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { realKubectls } from '../support/kubectl.ts';
import { realAWS } from '../support/real-aws.ts';
import { decisionsOf, nextSecond } from '../support/server-decisions.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const server = inject('apiServer');
const kubectl = realKubectls().at(-1) ?? '';
if (kubectl === '') console.log('skipped: no kubectl');
const found = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
const [aws, moto] = [realAWS(), found('moto_server')];
if (!aws || !moto)
  console.log('skipped: no aws v1 or no moto_server; the kubeconfig is written as they would write it');
const run = promisify(execFile);

describe.skipIf(!server || !kubectl)('the manager on a real API server', () => {
  const folder = server?.folder ?? '';
  let home: string;
  let env: Record<string, string>;
  let control: ReturnType<typeof spawn> | undefined;
  let endpoint: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'ekspress-journey-'));
    mkdirSync(join(home, '.kube'));
    env = {
      HOME: home,
      PATH: [dirname(process.execPath), ...(aws ? [dirname(aws)] : []), '/usr/bin', '/bin'].join(':'),
    };
    if (!aws || !moto) return;
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    control = spawn(moto, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    const role = 'arn:aws:iam::123456789012:role/eks';
    for (let attempt = 0; attempt < 60 && !(await answers(endpoint)); attempt += 1) await sleep(250);
    await run(
      aws,
      [...'eks create-cluster --resources-vpc-config {} --name'.split(' '), server?.cluster ?? '', '--role-arn', role],
      awsOptions(),
    );
  });
  afterAll(() => {
    control?.kill();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  const kubeconfig = () => join(home, '.kube', 'config');
  const keys = () => identityOf(join(folder, 'kc', 'aws.yaml'));
  const awsOptions = () => ({
    env: { ...process.env, ...env, ...keys(), AWS_ENDPOINT_URL_EKS: endpoint, AWS_DEFAULT_REGION: 'us-east-1' },
  });

  /** `aws eks update-kubeconfig`, then the address of the server that is really there. */
  async function updateKubeconfig(): Promise<void> {
    if (aws && moto) {
      await run(
        aws,
        ['eks', 'update-kubeconfig', '--name', server?.cluster ?? '', '--region', 'us-east-1'],
        awsOptions(),
      );
    } else if (!existsSync(kubeconfig())) {
      writeFileSync(kubeconfig(), readFileSync(join(folder, 'kc', 'aws.yaml')), { mode: 0o600 });
    } else {
      writeFileSync(kubeconfig(), original);
    }
  }
  let original = '';

  /** moto's certificate is no certificate, its server's address leads nowhere. */
  async function pointToServer(): Promise<void> {
    if (!aws || !moto) return;
    const text = readFileSync(join(folder, 'kc', 'aws.yaml'), 'utf8');
    const address = /server: "?(https:[^"\s,}]+)/.exec(text)?.[1] ?? '';
    const ca = join(folder, 'pki', 'ca.crt');
    const cluster = /name: "?(arn:[^"\s]+)/.exec(readFileSync(kubeconfig(), 'utf8'))?.[1] ?? '';
    await run(
      kubectl,
      ['config', 'set-cluster', cluster, '--server', address, '--certificate-authority', ca, '--embed-certs'],
      { env },
    );
  }

  const manager = (...args: string[]) => run(process.execPath, [MAIN, ...args], { env: { ...env, ...keys() } });
  const get = () =>
    run(kubectl, ['get', 'namespaces', '-o', 'name'], { env: { ...env, ...keys(), EKS_TOKEN_DEBUG: '1' } });
  const state = async () => JSON.parse((await manager('status', '-o', 'json')).stdout).contexts[0].state;

  it('survives update-kubeconfig, apply-all, kubectl twice, update-kubeconfig again, apply, revert', async () => {
    await updateKubeconfig();
    await pointToServer();
    original = readFileSync(kubeconfig(), 'utf8');
    expect(await state()).toBe('not-applied');
    await manager('apply-all', '--yes');
    expect(await state()).toBe('applied');

    await nextSecond();
    const before = server ? decisionsOf(server).length : 0;
    expect((await get()).stdout).toContain('namespace/kube-system');
    const second = await get();
    expect(second.stdout).toContain('namespace/kube-system');
    expect(second.stderr).toContain('[DEBUG] hit:');
    // One token, which the server's authenticator is asked about once.
    expect(server ? decisionsOf(server).slice(before) : []).toHaveLength(1);

    await updateKubeconfig();
    await pointToServer();
    expect(await state()).toBe('drifted');
    const rewritten = readFileSync(kubeconfig(), 'utf8');
    await manager('apply', '--all', '--yes');
    expect(await state()).toBe('applied');
    expect((await get()).stderr).toContain('[DEBUG] hit:');
    await manager('revert', '--all', '--yes');
    expect(readFileSync(kubeconfig(), 'utf8')).toBe(rewritten);
  });

  it('finds by its doctor which user the server sees, also on a server that cannot say it', async () => {
    const ran = await manager('doctor', '-o', 'json').catch((error: { stdout: string }) => error);
    const findings: { check: string; result: string; message: string }[] = JSON.parse(ran.stdout).findings;
    expect(findings.find(({ check }) => check === 'access')).toMatchObject({ result: 'ok' });
    expect(findings.find(({ check }) => check === 'server')).toMatchObject({ result: 'ok' });
  });
});

/** The keys that a kubeconfig of the API server carries in its env. */
function identityOf(path: string): Record<string, string> {
  const text = readFileSync(path, 'utf8');
  const pairs = [...text.matchAll(/name: "?(AWS_[A-Z_]+)"?,?\s*value: "?([^"\s}]+)/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name ?? '', value ?? '']));
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
