import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { noteSkipped, optionalProgram } from './optional-programs.ts';

const unshare = optionalProgram('unshare') ?? '';
const mount = optionalProgram('mount') ?? '';
const program = fileURLToPath(new URL('./pod-program.mjs', import.meta.url));

/** A user of the image without an entry in /etc/passwd. */
const AS_USER = [unshare, '-U', '--map-user=12345', '--map-group=12345'];

/** $1 is the folder of the service account, then follows the program. */
const ENTER = [
  `${mount} -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount`,
  `${mount} --bind "$1" /run/secrets/kubernetes.io/serviceaccount`,
  `${mount} -o remount,bind,ro /run/secrets/kubernetes.io/serviceaccount && ${mount} -o remount,bind,ro /`,
  'shift && exec "$@"',
].join(' && ');

/** Whether the system can show a process a root as a pod has it. */
export function canMakePods(folder: string): boolean {
  const can = spawnSync(unshare, podWords(folder, ['test', '-d', '/var/run/secrets/kubernetes.io/serviceaccount']));
  if (can.status !== 0) noteSkipped('no user and mount namespaces');
  return can.status === 0;
}

function podWords(account: string, words: readonly string[]): string[] {
  return ['-rm', '/bin/sh', '-c', ENTER, 'sh', account, ...AS_USER, ...words];
}

/** Writes the files of a service account as the kubelet does: all of them change at once, with one symlink. */
export function mountServiceAccount(folder: string, files: Readonly<Record<string, string>>): void {
  const version = `..${Date.now()}.${Math.random()}`;
  mkdirSync(join(folder, version), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, version, name), text);
    rmSync(join(folder, name), { force: true });
    symlinkSync(join('..data', name), join(folder, name));
  }
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

/** An answer of the program in the pod. */
export interface PodAnswer {
  readonly names?: readonly string[];
  readonly failure?: string;
  /** How many tokens of an EKS cluster were made. */
  readonly mints?: number;
  /** What the program has logged so far, above `debug`. */
  readonly logged: readonly string[];
  readonly uid: number;
}

/** A service in a pod. */
export interface PodService extends Disposable {
  /** Lets it list namespaces. */
  list(): Promise<PodAnswer>;
}

/**
 * Starts a service on a read-only root, without HOME, as a user without a passwd entry.
 * @param door the method of the registry with which it registers its cluster, and the arguments
 */
export function startInPod(account: string, env: NodeJS.ProcessEnv, door: readonly string[]): PodService {
  const words = podWords(account, [process.execPath, program, ...door]);
  const child = spawn(unshare, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async list() {
      child.stdin.write('list\n');
      const { value, done } = await lines.next();
      if (done) throw new Error('The service has ended.');
      return JSON.parse(value);
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
