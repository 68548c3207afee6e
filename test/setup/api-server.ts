import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** A real etcd and kube-apiserver whose authenticator judges tokens as EKS does. */
export interface ApiServer {
  /** Its kubeconfigs lie in `kc/`, what its authenticator decided in `decisions.log`. */
  readonly folder: string;
  readonly cluster: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    apiServer: ApiServer | null;
  }
}

const CLUSTER = 'dev';

/** Starts the API server once for the whole suite, from the folder that EKSPRESS_ENVTEST names. */
export async function setup(project: TestProject): Promise<(() => void) | undefined> {
  const parts = process.env.EKSPRESS_ENVTEST;
  if (!parts) {
    console.log('skipped: no API server, EKSPRESS_ENVTEST does not name a folder with its `up` and `down`');
    project.provide('apiServer', null);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-t-api-'));
  const stop = () => {
    spawnSync(join(parts, 'down'), [folder], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const PORT_BASE = String(await freePorts(4));
    execFileSync(join(parts, 'up'), [folder, CLUSTER], {
      env: { ...process.env, PORT_BASE },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (error) {
    stop();
    throw error;
  }
  project.provide('apiServer', { folder, cluster: CLUSTER });
  return stop;
}

/** The first of `count` neighbouring ports on loopback that nobody listens on. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 21_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`found no ${count} free neighbouring ports between 21000 and 31000`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
