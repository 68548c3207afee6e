// @ts-check
// node on-local-eks.mjs PROGRAM [ARGUMENT...]: runs a program with three local clusters in its KUBECONFIG and keys for
// them in its HOME. Your own files are not read or written.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startLocalEKS } from 'ekspress/testing';

const home = await mkdtemp(join(tmpdir(), 'ekspress-example-'));
await mkdir(join(home, '.kube'));
const clusters = await Promise.all(['dev', 'staging', 'prod'].map((clusterName) => startLocalEKS({ clusterName })));
const files = await Promise.all(
  clusters.map(async (eks) => {
    const file = join(home, '.kube', eks.clusterName);
    await writeFile(file, eks.kubeconfig());
    return file;
  }),
);
await clusters[0]?.writeAWSFiles(home);

const env = { ...process.env, HOME: home, KUBECONFIG: files.join(delimiter) };
const child = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit', env });
// The terminal sends Ctrl-C to both processes, so it is not forwarded.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));

await Promise.all(clusters.map((eks) => eks.close()));
await rm(home, { recursive: true, force: true });
