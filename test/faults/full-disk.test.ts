import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MAIN } from '../support/cli-home.ts';
import { FakeHome } from '../support/fake-aws-home.ts';
import { noteSkipped, optionalProgram } from '../support/optional-programs.ts';

const CHILD = fileURLToPath(new URL('../support/one-token-program.mjs', import.meta.url));
const PROCESSES = 8;

const unshare = optionalProgram('unshare') ?? '';
const mount = optionalProgram('mount') ?? '';
const mounts = unshare !== '' && spawnSync(unshare, ['-m', mount, '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const strace = optionalProgram('strace') ?? '';
if (!mounts) noteSkipped('no small file system can be mounted');

interface Answer {
  readonly token: string;
  readonly source: string;
}

function answersIn(text: string): Answer[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

function newHome(): FakeHome {
  const home = new FakeHome().withStaticKeys();
  mkdirSync(home.cacheDirectory, { recursive: true, mode: 0o700 });
  return home;
}

const ARGS = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'c'];

/** What hurts whoever comes later. */
const LEFTOVER = /\.(lock|json|error|tmp|busy)/;

describe('a full disk', () => {
  it.skipIf(!mounts).each([
    ['of bytes', 'size=256k', 'dd if=/dev/zero of="$CACHE/filling" bs=1k 2>/dev/null'],
    [
      'of files',
      'size=1m,nr_inodes=8',
      'mkdir "$CACHE/filling"; i=0; while true >"$CACHE/filling/$i"; do i=$((i+1)); done 2>/dev/null',
    ],
  ])(
    'fails no call and leaves no file behind, and the cache works again when there is room: %s',
    (_title, options, fill) => {
      const home = newHome();
      const script = `
      ${mount} -t tmpfs -o ${options} tmpfs "$CACHE" && chmod 700 "$CACHE" || exit 99
      ${fill}
      pids=
      for i in $(seq ${PROCESSES}); do "$NODE" "$CHILD" dev us-east-1 default >"$HOME/answer$i" & pids="$pids $!"; done
      for pid in $pids; do wait $pid || exit 98; done
      for i in $(seq ${PROCESSES}); do cat "$HOME/answer$i"; echo; done
      echo "left: $(ls -A "$CACHE" | tr '\\n' ' ')"
      rm -r "$CACHE/filling"
      "$NODE" "$CHILD" dev us-east-1 default; echo
      "$NODE" "$CHILD" dev us-east-1 default; echo
      echo "then: $(ls -A "$CACHE" | tr '\\n' ' ')"`;
      const env = { ...home.env, CACHE: home.cacheDirectory, NODE: process.execPath, CHILD };
      const { status, stdout, stderr } = spawnSync(unshare, ['-m', 'sh', '-c', script], { env, encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      const answers = answersIn(stdout);
      expect(answers.map(({ source }) => source)).toEqual([...Array(PROCESSES).fill('mint'), 'mint', 'cache']);
      for (const { token } of answers) expect(token).toMatch(/^k8s-aws-v1\./);
      const [, left = ''] = /^left: (.*)$/m.exec(stdout) ?? [];
      expect(left.split(' ').filter((name) => LEFTOVER.test(name))).toEqual([]);
      const [, then = ''] = /^then: (.*)$/m.exec(stdout) ?? [];
      expect(then.split(' ').filter((name) => LEFTOVER.test(name))).toEqual(['dev_us-east-1_default.json']);
    },
  );

  it.skipIf(!strace)('cuts no file off, whichever write it stops, and every call gets its token', () => {
    for (const call of ['write', 'link', 'mkdir', 'rename', 'fchmod', 'utimensat']) {
      const home = newHome();
      // Of the first file on: of the lock, the stamps, the entry. Files beside the cache are not on that disk.
      const failing = [`--inject=${call}:error=ENOSPC:when=1+`, `--trace=${call}`, '-f', '-qq', '-o', '/dev/null'];
      const only = call === 'write' ? ['-P', join(home.cacheDirectory, 'dev_us-east-1_default.json.lock')] : [];
      const words = [...failing, ...only, process.execPath, CHILD, 'dev', 'us-east-1', 'default'];
      const { status, stdout, stderr } = spawnSync(strace, words, { env: home.env, encoding: 'utf8' });
      expect([call, status, stderr]).toEqual([call, 0, '']);
      expect(
        answersIn(stdout).map(({ source }) => source),
        call,
      ).toEqual(['mint']);
      const left = readdirSync(home.cacheDirectory).filter((name) => /\.(error|tmp)/.test(name));
      expect(left, call).toEqual([]);
      const again = spawnSync(process.execPath, [CHILD, 'dev', 'us-east-1', 'default'], { env: home.env });
      expect(again.status).toBe(0);
    }
  });

  it.skipIf(!mounts).each(['600', '660'])(
    'leaves a kubeconfig of mode %s as it was, where apply has no room',
    (mode) => {
      const home = newHome();
      const clusters = Array.from({ length: 20 }, (_, index) => `c${index}`);
      const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws' };
      const args = (name: string) => ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', name];
      const kubeconfig = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: clusters.map((name) => ({ name, cluster: { server: `https://${name}.example` } })),
        contexts: clusters.map((name) => ({ name, context: { cluster: name, user: name } })),
        users: clusters.map((name) => ({ name, user: { exec: { ...exec, args: args(name) } } })),
      };
      const before = join(home.directory, 'before');
      writeFileSync(before, JSON.stringify(kubeconfig, undefined, 2));
      const script = `
      mkdir "$HOME/small" && ${mount} -t tmpfs -o size=64k tmpfs "$HOME/small" || exit 99
      cat "$HOME/before" >"$HOME/small/config" && chmod ${mode} "$HOME/small/config"
      dd if=/dev/zero of="$HOME/small/filling" bs=1k 2>/dev/null
      "$NODE" "$MAIN" apply --all --yes --no-compare 2>&1
      [ "$(cat "$HOME/before")" = "$(cat "$HOME/small/config")" ] && ls "$HOME/.kube/ekspress" && ls "$HOME/.kube/ekspress/backups"`;
      const env = { ...home.env, KUBECONFIG: `${home.directory}/small/config`, NODE: process.execPath, MAIN };
      const { status, stdout } = spawnSync(unshare, ['-m', 'sh', '-c', script], { env, encoding: 'utf8' });
      expect(stdout).toContain('cannot be replaced: the disk is full. Nothing was changed.');
      expect(stdout).not.toMatch(/unfinished|-config-/);
      expect(status).toBe(0);
    },
  );
});

describe('a home on a read-only file system', () => {
  it.skipIf(!mounts)('is what apply names, and not a folder that is absent', () => {
    const home = newHome();
    const kube = join(home.directory, '.kube');
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws', args: ARGS } };
    const kubeconfig = {
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
      clusters: [{ name: 'c', cluster: { server: 'https://c.example' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
      users: [{ name: 'c', user }],
    };
    writeFileSync(join(kube, 'config'), JSON.stringify(kubeconfig));
    const script = `
    ${mount} --bind "$HOME/.kube" "$HOME/.kube" && ${mount} -o remount,ro,bind "$HOME/.kube" || exit 99
    "$NODE" "$MAIN" apply --all --yes --no-compare 2>&1`;
    const env = { ...home.env, NODE: process.execPath, MAIN };
    const { stdout } = spawnSync(unshare, ['-m', 'sh', '-c', script], { env, encoding: 'utf8' });
    expect(stdout).toContain(`${kube}/ekspress cannot be written (the file system is read-only). Nothing was changed.`);
    expect(stdout).toContain(`Mount the file system of ${kube}/ekspress`);
  });
});
