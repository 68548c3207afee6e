import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatProcessID, thisProcess } from '../../src/system/process-id.ts';
import { MAIN, type ManagerHome, makeHome, manyUsers } from '../support/cli-home.ts';
import { read } from '../support/kubeconfig-judge.ts';
import { realKubectls } from '../support/kubectl.ts';
import { optionalProgram } from '../support/optional-programs.ts';

const kubectl = realKubectls().at(-1);

const strace = optionalProgram('strace') ?? '';

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const left = () =>
  readdirSync(join(home.path, '.kube')).filter((name) => name.includes('.lock') || name.endsWith('.tmp'));

describe('several writers of one kubeconfig', () => {
  it('two applies at once change what each was asked for', async () => {
    home.write(manyUsers(40));
    const lines = Array.from({ length: 4 }, (_, part) =>
      Array.from({ length: 10 }, (_, index) => `dev-${part * 10 + index}`),
    );
    const ran = await Promise.all(lines.map((names) => home.run('apply', ...names)));
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const commands = read(home.read()).users.map(({ user }) => user.exec.command);
    expect(new Set(commands)).toEqual(new Set([home.script]));
    expect(left()).toEqual([]);
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(manyUsers(40));
  });

  it.skipIf(!kubectl)(
    'kubectl config writes while apply and revert run: the file stays whole, kubectl loses nothing',
    async () => {
      home.write(manyUsers(60));
      let [done, written] = [false, 0];
      const write = async (count: number): Promise<void> => {
        const args = ['config', 'set-context', `dev-${count % 60}`, `--namespace=n${count}`];
        // While we hold the lock kubectl gives up at once: that is its own way.
        await promisify(execFile)(kubectl ?? '', args, { env: home.env }).then(
          () => {
            written = count + 1;
          },
          () => undefined,
        );
      };
      const writing = (async () => {
        while (!done) await write(written);
      })();
      try {
        for (let round = 0; round < 2; round += 1) {
          for (const command of ['apply', 'revert']) {
            const { code, stderr } = await home.run(command, '--all', '--yes');
            // kubectl reads before it locks. What it then writes may hold users as they were before `apply`, so `revert`
            // finds nothing to revert there, and says so.
            const lost = stderr.replaceAll(
              /^left as it is: User "dev-\d+" in .*: there is nothing to revert\.\n.*\n/gm,
              '',
            );
            expect(code === 0 || (command === 'revert' && lost === ''), stderr).toBe(true);
          }
        }
      } finally {
        done = true;
        await writing;
      }
      expect(written).toBeGreaterThan(2);
      const { contexts } = read(home.read()) as unknown as {
        contexts: { name: string; context: { namespace?: string } }[];
      };
      const last = contexts.find(({ name }) => name === `dev-${(written - 1) % 60}`);
      expect(last?.context.namespace).toBe(`n${written - 1}`);
      expect(left()).toEqual([]);
    },
  );

  it('SIGKILL at any moment leaves one of the two files, and the next apply needs no help', async () => {
    const before = manyUsers(20);
    home.write(before);
    await home.run('apply', '--all', '--yes');
    const after = home.read();
    for (let round = 0; round < 8; round += 1) {
      home.write(before);
      const child = home.start('apply', '--all', '--yes');
      const exited = once(child, 'exit');
      await sleep(100 + round * 60);
      child.kill('SIGKILL');
      await exited;
      expect([before, after]).toContain(home.read());
    }
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect(code, stderr).toBe(0);
    expect(home.read()).toBe(after);
    expect(left().filter((name) => name.includes('.lock'))).toEqual([]);
  });

  const moments = [
    'symlink:1',
    'fsync:1',
    'fsync:2',
    'rename:1',
    'rename:2',
    'rename:3',
    'rename:4',
    'unlink:1',
    'fchmod:1',
    'fchmod:2',
  ];
  it.skipIf(!strace)(
    'SIGKILL at each step of the writing leaves one of the two files, and the next apply needs no help',
    async () => {
      const before = manyUsers(3);
      home.write(before);
      await home.run('apply', '--all', '--yes');
      const after = home.read();
      const killed: string[] = [];
      for (const moment of moments) {
        rmSync(join(home.path, '.kube', 'ekspress'), { recursive: true });
        home.write(before);
        const [call, when] = moment.split(':');
        const inject = [
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          `trace=${call}`,
          '-e',
          `inject=${call}:signal=KILL:when=${when}`,
        ];
        const { signal } = spawnSync(strace, [...inject, process.execPath, MAIN, 'apply', '--all', '--yes'], {
          env: home.env,
        });
        if (signal === 'SIGKILL') killed.push(moment);
        const text = home.read();
        expect([before, after], moment).toContain(text);
        expect((await home.run('apply', '--all', '--yes')).code, moment).toBe(0);
        expect(home.read(), moment).toBe(after);
        expect(left().filter((name) => name.includes('.lock'))).toEqual([]);
      }
      expect(killed.length).toBeGreaterThan(3);
    },
  );

  it('the next manager takes over the lock of a manager that was killed', async () => {
    home.write(manyUsers(1));
    const dead = formatProcessID({ ...thisProcess(), pid: 999_999_999 });
    writeFileSync(`${home.kubeconfig}.lock`, `ekspress ${dead} 0123456789abcdef\n`);
    expect((await home.run('apply', '--all', '--yes')).code).toBe(0);
    expect(left()).toEqual([]);
  });
});
