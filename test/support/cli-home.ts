import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expectOwnWords, expectOwnWordsOf, isDebugged } from './own-words.ts';
import { PATH } from './paths.ts';

/** The manager as it is installed. */
export const MAIN: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a run of the manager has left. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A person's home directory in which the real manager runs. */
export interface ManagerHome {
  readonly path: string;
  /** `~/.kube/config` */
  readonly kubeconfig: string;
  readonly script: string;
  readonly env: Record<string, string>;
  write(text: string, name?: string): string;
  read(name?: string): string;
  run(...args: string[]): Promise<Ran>;
  /** Puts a program (sh) before all others. @returns the PATH that finds it */
  pathWith(name: string, body: string): string;
  runWith(env: Record<string, string>, ...args: string[]): Promise<Ran>;
  /** Runs a line of sh in which `ekspress` is the manager. */
  runInShell(line: string): Promise<Ran>;
  start(...args: string[]): ChildProcessByStdio<null, Readable, Readable>;
  remove(): void;
}

export function makeHome(more: Record<string, string> = {}): ManagerHome {
  const path = mkdtempSync(join(tmpdir(), 'ekspress-manager-'));
  const kube = join(path, '.kube');
  mkdirSync(kube);
  const env = { HOME: path, PATH, ...more };
  const runWith = (own: Record<string, string>, ...args: string[]): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = execFile(
        process.execPath,
        [MAIN, ...args],
        { env: { ...env, ...own }, encoding: 'utf8', timeout: 50_000, maxBuffer: 64 * 1024 * 1024 },
        (_error, stdout, stderr) => {
          try {
            expectOwnWords(stderr, isDebugged({ ...env, ...own }, args));
            resolve({ code: child.exitCode ?? -1, stdout, stderr });
          } catch (foreign) {
            reject(foreign);
          }
        },
      );
      child.stdin?.end();
    });
  return {
    path,
    kubeconfig: join(kube, 'config'),
    script: join(kube, 'ekspress', 'ekspress-exec'),
    env,
    write(text, name = 'config') {
      writeFileSync(join(kube, name), text, { mode: 0o600 });
      return join(kube, name);
    },
    read: (name = 'config') => readFileSync(join(kube, name), 'utf8'),
    pathWith(name, body) {
      const bin = join(path, 'tools');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      return `${bin}:${env.PATH}`;
    },
    run: (...args) => runWith({}, ...args),
    runInShell: (line) =>
      new Promise((resolve) => {
        const ekspress = `ekspress() { '${process.execPath}' '${MAIN}' "$@"; }`;
        const child = execFile(
          'sh',
          ['-c', `${ekspress}\n${line}`],
          { env, timeout: 50_000 },
          (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
        );
      }),
    runWith,
    start: (...args) => {
      const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      return expectOwnWordsOf(child, isDebugged(env, args));
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A kubeconfig with as many EKS users as asked for, each with its context. */
export function manyUsers(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `dev-${index}`);
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    ...names.map((name) => `- {name: ${name}, cluster: {server: "https://${name}.example"}}`),
    'contexts:',
    ...names.map((name) => `- {name: ${name}, context: {cluster: ${name}, user: ${name}}} # ${name}`),
    'current-context: dev-0',
    'users:',
    ...names.flatMap((name) => [
      `- name: ${name}`,
      '  user:',
      '    exec:',
      '      apiVersion: client.authentication.k8s.io/v1beta1',
      '      command: aws # the CLI',
      `      args: [--region, us-east-1, eks, get-token, --cluster-name, ${name}]`,
    ]),
    '',
  ].join('\n');
}
