import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAWSProgram } from '../../support/aws-program.ts';
import { type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

describe('a kubeconfig', () => {
  it('has one lock, behind a folder that is a link and by a relative path', async () => {
    const text = manyUsers(1);
    const real = join(home.path, 'dotfiles');
    mkdirSync(real);
    writeFileSync(join(real, 'kc'), text, { mode: 0o600 });
    symlinkSync(real, join(home.path, 'linked'));
    const relative = join(home.path, 'linked', '..', 'linked', 'kc');
    const env = { PATH: home.pathWith('true', 'exit 0') };
    writeAWSProgram(join(home.path, 'tools', 'aws'), 'exit 1');
    for (const path of [join(home.path, 'linked', 'kc'), `${home.path}/./linked/kc`, relative]) {
      expect(await home.runWith(env, 'apply', '--all', '--yes', '--kubeconfig', path)).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(readFileSync(join(real, 'kc'), 'utf8')).toContain(home.script);
      expect(await home.run('revert', '--all', '--yes', '--kubeconfig', path)).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(join(real, 'kc'), 'utf8')).toBe(text);
    }
    expect(readdirSync(real)).toEqual(['kc']);
  });

  it('has its own way back in another place: the command that is printed names that file', async () => {
    const path = home.write(manyUsers(1), "team's config");
    const { stdout } = await home.run('apply', '--all', '--yes', '--kubeconfig', path);
    const back = /^Undo: ekspress (.*)$/m.exec(stdout)?.[1] ?? '';
    expect(back).toBe(`revert --all --kubeconfig '${path.replace("'", "'\\''")}'`);
  });

  it('may be several files, some of them empty or without contexts of their own, as kubectl takes them', async () => {
    const [contexts = '', users = ''] = manyUsers(2).split(/(?=^users:)/m);
    const files = [home.write('', 'empty'), home.write(contexts, 'contexts')];
    files.push(home.write(`apiVersion: v1\nkind: Config\n${users}`, 'users'), home.write('{}\n', 'nothing'));
    const env = { KUBECONFIG: files.join(':') };
    expect((await home.runWith(env, 'apply-all', '--yes')).code).toBe(0);
    expect(home.read('contexts')).toBe(contexts);
    expect(home.read('users').split(home.script)).toHaveLength(3);
    const status = JSON.parse((await home.runWith(env, 'status', '-o', 'json')).stdout);
    expect(status.contexts.map((one: { state: string }) => one.state)).toEqual(['applied', 'applied']);
  });

  it.skipIf(process.geteuid?.() !== 0)(
    'is not written by root in the home of another user, where that would break kubectl',
    async () => {
      const text = manyUsers(1);
      home.write(text);
      chownSync(home.path, 65_534, 65_534);
      for (const command of ['apply', 'revert']) {
        if (command === 'revert') home.write(text.replace('command: aws', `command: ${home.script}`));
        const { code, stderr } = await home.run(command, 'dev-0');
        expect([code, stderr]).toEqual([1, expect.stringContaining('Run it without sudo')]);
      }
      expect(readdirSync(join(home.path, '.kube'))).toEqual(['config']);
    },
  );

  it('stays as it was where there is no place for the script, and can be reverted without that place', async () => {
    const text = manyUsers(1);
    home.write(text);
    const folder = join(home.path, '.kube', 'ekspress');
    writeFileSync(folder, 'in the way');
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /cannot be written \(a part of the path is not a folder\)\. Nothing was changed\.\n {2}Move away what is in the place/,
      ),
    ]);
    expect(home.read()).toBe(text);
    rmSync(folder);
    await home.run('apply', '--all', '--yes');
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way again');
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(home.read()).toBe(text);
  });
});

describe('the doctor', () => {
  it('waits no longer than its limit, and leaves no program behind', async () => {
    const sockets = new Set<Socket>();
    const silent: Server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as { port: number };
      home.write(manyUsers(1).replace('https://dev-0.example', `https://127.0.0.1:${port}`));
      mkdirSync(join(home.path, '.aws'));
      const alive = join(home.path, 'alive');
      writeFileSync(
        join(home.path, '.aws', 'config'),
        `[default]\ncredential_process = sh -c "echo $$ > ${alive}; exec sleep 300"\n`,
      );
      const { code, stdout } = await home.run('doctor', '--timeout', '1');
      expect([code, stdout]).toEqual([1, expect.stringMatching(/cannot be reached: it took too long/)]);
      expect(stdout).toContain('there are no credentials yet: it took too long');
      expect(stdout).toContain('there is no token');
      const pid = Number(readFileSync(alive, 'utf8'));
      await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
