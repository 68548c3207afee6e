import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EKSAuthError, type EKSAuthErrorCode } from '../../../src/errors.ts';
import type { HitMint } from '../../hit-cases/hit-case.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { NOWHERE, PATH } from '../../support/paths.ts';
import { type Prepared, prepare, TOKEN } from '../../support/prepare-hit-case.ts';
import { executable, install, NODE_ANSWER, run, shells } from '../../support/script-shells.ts';
import { withValues } from '../../support/sh.ts';

// What the script remembers between one call and the next: who asked, what is under way, what failed.

const KUBECTL =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}}\n';
const HIT = 'hit';
const NODE = 'node';

const terminal = optionalProgram('script');

const opened: Prepared[] = [];
afterEach(() => {
  for (const { remove } of opened.splice(0)) remove();
});

async function world(stored: HitMint, node?: string) {
  const prepared = await prepare({ title: '', verdict: 'hit', stored });
  opened.push(prepared);
  return { ...prepared, ...install(prepared.world.root, node) };
}
type World = Awaited<ReturnType<typeof world>>;

const beside = ({ world: { directory } }: World): string[] =>
  readdirSync(directory)
    .filter((name) => /\.json\./.test(name))
    .sort();

describe.each(shells)('the script under $name', ({ command }) => {
  const environment = (here: World) => ({
    PATH,
    LC_ALL: 'C.UTF-8',
    KUBERNETES_EXEC_INFO: KUBECTL,
    ROOT: here.world.root,
    ...here.env,
  });
  const words = (here: World): string[] => [...command, here.script, ...here.words];
  const callAs = (here: World, env: Record<string, string>) => run(words(here), { ...environment(here), ...env });

  const call = (here: World, env = {}) => callAs(here, env);

  describe('with a token that a server has refused', () => {
    /** A client that asks at these moments, in milliseconds from the start. Renames itself where a word stands. */
    const client = async (here: World, moments: readonly number[], env = {}): Promise<string[]> => {
      const program = `
        const { spawnSync } = require('node:child_process');
        const [moments, words] = JSON.parse(process.argv[1]);
        const began = Date.now();
        const answers = moments.map((moment) => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, moment - (Date.now() - began)));
          return spawnSync(words[0], words.slice(1), { encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] }).stdout;
        });
        process.stdout.write(JSON.stringify(answers));`;
      const { stdout } = await run([process.execPath, '-e', program, JSON.stringify([moments, words(here)])], {
        ...environment(here),
        ...env,
      });
      return (JSON.parse(stdout) as string[]).map((answer) => (answer.includes(TOKEN) ? HIT : NODE));
    };

    it('prints it once more where no other can be made for now, and not a third time', async () => {
      const here = await world({ secondsAgo: 30 }, 'echo "$EKSPRESS_GUESS" >>"$ROOT/guesses"; exit 76');
      expect(await client(here, [0, 200, 400])).toEqual([HIT, HIT, NODE]);
      expect(readFileSync(join(here.world.root, 'guesses'), 'utf8')).toBe('1\n\n');
    });

    it('prints it once more where a failure of the network is remembered', async () => {
      const here = await world({ secondsAgo: 30 });
      const error = new EKSAuthError('NETWORK', 'No.', { remedy: 'Look at the network.' });
      await here.cache.storeFailure(here.key, { error, seconds: 30 }, await here.record());
      expect(await client(here, [0, 200, 400])).toEqual([HIT, HIT, NODE]);
    });

    it('does not print it again where its identity is refused', async () => {
      const here = await world({ secondsAgo: 30 }, 'exit 77');
      expect(await client(here, [0, 200])).toEqual([HIT, NODE]);
    });

    it('serves it once to the process that got it: the second question is for Node', async () => {
      const here = await world({ secondsAgo: 30 }, 'echo "$EKSPRESS_NEWER_THAN" >"$ROOT/newer"; echo ok');
      expect(await client(here, [0, 200])).toEqual([HIT, NODE]);
      const minted = readFileSync(here.world.entry, 'latin1').split(';')[8];
      expect(readFileSync(join(here.world.root, 'newer'), 'utf8')).toBe(`${minted}\n`);
    });

    it('serves it to every other process', async () => {
      const here = await world({ secondsAgo: 30 });
      expect(await client(here, [0])).toEqual([HIT]);
      expect(await client(here, [0])).toEqual([HIT]);
    });

    it('takes a question after the answer for a refusal: plugins side by side are no refusal', async () => {
      const here = await world({ secondsAgo: 30 });
      // The first one's answer is held up by a pipe that is full, until the second one from the same parent has its own.
      const sideBySide = `
        [ "$0" != sh ] || { ln -sf /bin/sh "$ROOT/client"; exec "$ROOT/client" -c "$LINE" client "$@"; }
        mkfifo "$ROOT/pipe"; exec 3<>"$ROOT/pipe"; head -c 65536 /dev/zero >&3
        "$@" >&3 & "$@"; sleep 0.2; "$@"
        dd bs=65536 count=1 iflag=fullblock <&3 >/dev/null 2>&1; wait`;
      const env = { ...environment(here), LINE: sideBySide };
      const { stdout } = await run(['/bin/sh', '-c', sideBySide, 'sh', ...words(here)], env);
      // The second one got its answer; the third, of the same parent, asked after that.
      expect(stdout.split('\n').map((line) => (line.includes(TOKEN) ? HIT : line))).toEqual([HIT, NODE_ANSWER, '']);
    });

    it('replaces it once in ten seconds: a token younger than that is the answer', async () => {
      const here = await world({ secondsAgo: 3 });
      expect(await client(here, [0, 200, 400])).toEqual([HIT, HIT, HIT]);
    });

    it('sees no refusal in a client that does not speak as kubectl does', async () => {
      const here = await world({ secondsAgo: 30 });
      expect(await client(here, [0, 200], { KUBERNETES_EXEC_INFO: '' })).toEqual([HIT, HIT]);
    });

    it('sees no refusal in a program that becomes another one under the same number', async () => {
      const here = await world({ secondsAgo: 30 });
      const [one, other] = ['one', 'another'].map((name) => join(here.world.root, name));
      for (const name of [one, other]) symlinkSync('/bin/sh', name ?? '');
      const line = (then: string) => `"$@"; sleep 0.2; exec '${then}' -c '"$@"; :' sh "$@"`;
      const ask = (then = '') => run([one ?? '', '-c', line(then), 'sh', ...words(here)], environment(here));
      expect((await ask(other)).stdout).not.toContain(NODE_ANSWER);
      expect((await ask(one)).stdout).toContain(NODE_ANSWER);
    });

    it('sees no refusal in a shell or an interpreter: its program asks whenever it is its turn', async () => {
      const here = await world({ secondsAgo: 30 });
      const { stdout } = await run(
        ['/bin/sh', '-c', '"$@"; sleep 0.2; "$@"; :', 'sh', ...words(here)],
        environment(here),
      );
      expect(stdout).not.toContain(NODE_ANSWER);
    });

    it('sees no refusal in another process that has got the same number since', async () => {
      const here = await world({ secondsAgo: 30 });
      const program = `
        const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
        const { spawnSync } = require('node:child_process');
        const [directory, words] = JSON.parse(process.argv[1]);
        const ask = () => spawnSync(words[0], words.slice(1), { encoding: 'utf8' }).stdout;
        ask();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
        const note = directory + '/' + readdirSync(directory).find((name) => name.includes('.asked'));
        const [when, again, number, start, ...name] = readFileSync(note, 'utf8').split(' ');
        writeFileSync(note, [when, again, number, Number(start) - 1, ...name].join(' '));
        process.stdout.write(ask());`;
      const args = JSON.stringify([here.world.directory, words(here)]);
      const { stdout } = await run([process.execPath, '-e', program, args], environment(here));
      expect(stdout).toContain(TOKEN);
    });

    it('notes it in its own files only, and leaves other files in their place alone', async () => {
      const here = await world({ secondsAgo: 30 });
      const victim = join(here.world.root, 'victim');
      writeFileSync(victim, 'mine');
      const notes = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => `${here.world.entry}.asked${number}`);
      for (const note of notes) symlinkSync(victim, note);
      expect((await call(here)).stdout).toContain(TOKEN);
      for (const note of notes) rmSync(note);
      for (const note of notes) symlinkSync(join(here.world.root, 'absent'), note);
      expect((await call(here)).stdout).toContain(TOKEN);
      for (const note of notes) rmSync(note);
      for (const note of notes) execFileSync('mkfifo', [note]);
      expect((await call(here)).stdout).toContain(TOKEN);
      expect(readFileSync(victim, 'utf8')).toBe('mine');
      expect(existsSync(join(here.world.root, 'absent'))).toBe(false);
    });
  });

  describe('with a token in the last third of its life', () => {
    // Who asks again and again from one process would otherwise mean that the token was refused.
    const call = (here: World) => callAs(here, { KUBERNETES_EXEC_INFO: '' });
    const RENEW = 'echo "$EKSPRESS_BACKGROUND $EKSPRESS_NEWER_THAN $*" >>"$ROOT/renewed"; echo ok';

    const renewals = async (here: World): Promise<string[]> => {
      const path = join(here.world.root, 'renewed');
      const written = () => (existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : '');
      for (let turn = 0; turn < 100 && written() === ''; turn += 1) await new Promise((done) => setTimeout(done, 20));
      return written() === '' ? [] : written().split('\n');
    };

    it('serves it, and one process renews it that no call waits for', async () => {
      const here = await world({ secondsAgo: 600 }, RENEW);
      for (let turn = 0; turn < 3; turn += 1) expect((await call(here)).stdout).toContain(TOKEN);
      const minted = readFileSync(here.world.entry, 'latin1').split(';')[8];
      const main = join(here.package, 'dist/exec/hit.cjs');
      expect(await renewals(here)).toEqual([`1 ${minted} ${[main, ...here.words].join(' ')}`]);
    });

    it('gives kubectl its answer before that process ends', async () => {
      const here = await world({ secondsAgo: 600 }, 'echo $$ >"$ROOT/renewed"; exec sleep 30');
      // The pipe that kubectl reads closes at once, though the process goes on.
      expect((await call(here)).stdout).toContain(TOKEN);
      const pid = Number(await renewals(here));
      // Nothing written would be 0, which is everybody.
      expect(pid).toBeGreaterThan(1);
      process.kill(pid);
    });

    it.each<[string, HitMint]>([
      ['that is young', { secondsAgo: 300 }],
      ['that needs a person or a foreign program', { secondsAgo: 600, unattended: false }],
    ])('does not renew a token %s', async (_, stored) => {
      const here = await world(stored, RENEW);
      expect((await call(here)).stdout).toContain(TOKEN);
      expect(beside(here).filter((entry) => entry.includes('.renew'))).toEqual([]);
    });

    it('serves a token where nothing could renew it', async () => {
      const here = await world({ secondsAgo: 600 });
      writeFileSync(here.script, withValues(readFileSync(here.script, 'utf8'), { ekspress_package: NOWHERE }));
      const { status, stdout, stderr } = await call(here);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain(TOKEN);
    });
  });

  describe('while another process asks Node', () => {
    /** The stand-in for Node counts its starts, takes its time, and puts the entry back that was taken away. */
    const SLOW = 'echo x >>"$ROOT/started"; sleep 0.5; cp -p "$ROOT/entry" "$ENTRY"; echo made';

    const cold = async (node = SLOW) => {
      const here = await world({}, node);
      execFileSync('mv', [here.world.entry, join(here.world.root, 'entry')]);
      return here;
    };

    it('waits, and takes what that process has stored', async () => {
      const here = await cold();
      const all = await Promise.all(Array.from({ length: 6 }, () => call(here, { ENTRY: here.world.entry })));
      expect(all.map(({ status }) => status)).toEqual(Array(6).fill(0));
      const made = all.filter(({ stdout }) => stdout === 'made\n').length;
      expect(made).toBe(readFileSync(join(here.world.root, 'started'), 'utf8').length / 2);
      expect(made).toBe(1);
      expect(all.filter(({ stdout }) => stdout.includes(TOKEN))).toHaveLength(6 - made);
      expect(beside(here).filter((entry) => entry.endsWith('.busy'))).toEqual([]);
    });

    it('does not wait for a process that was killed', async () => {
      const here = await cold();
      const dead = spawn('/bin/true').pid;
      await new Promise((done) => setTimeout(done, 100));
      writeFileSync(`${here.world.entry}.busy`, `${dead}\n`);
      expect((await call(here, { ENTRY: here.world.entry })).stdout).toBe('made\n');
    });

    it('does not wait for a process that could not write its number: the disk was full', async () => {
      const here = await cold();
      writeFileSync(`${here.world.entry}.busy`, '');
      expect((await call(here, { ENTRY: here.world.entry })).stdout).toBe('made\n');
      expect(beside(here).filter((entry) => entry.endsWith('.busy'))).toEqual([]);
    });

    it.skipIf(process.geteuid?.() !== 0)('does not wait for a process of another user', async () => {
      const here = await cold();
      const busy = `${here.world.entry}.busy`;
      writeFileSync(busy, `${process.pid}\n`);
      chownSync(busy, 65_534, 65_534);
      expect((await call(here, { ENTRY: here.world.entry })).stdout).toBe('made\n');
      expect(readFileSync(busy, 'utf8')).toBe(`${process.pid}\n`);
    });

    it('goes on where that process had no success', async () => {
      const here = await cold('echo x >>"$ROOT/started"; sleep 0.2; exit 70');
      executable(join(here.world.root, 'aws'), '#!/bin/sh\necho original\n');
      const path = `${here.world.root}:${PATH}`;
      const all = await Promise.all(Array.from({ length: 3 }, () => call(here, { PATH: path })));
      expect(all.map(({ stdout }) => stdout)).toEqual(Array(3).fill('original\n'));
    });
  });

  describe('with a failure that is remembered', () => {
    const remember = async (here: World, code: EKSAuthErrorCode = 'SESSION_EXPIRED', asker?: string): Promise<void> => {
      const remedy = "Log in \"again\":\n`aws sso login --profile 'a'\\''b'`.";
      const error = new EKSAuthError(code, 'The session is over.', { remedy });
      await here.cache.storeFailure(here.key, { error, seconds: 30, asker }, await here.record());
      rmSync(here.world.entry, { force: true });
    };

    it('prints it in one line, and starts nothing', async () => {
      const here = await world({});
      await remember(here);
      expect(await call(here)).toEqual({
        status: 1,
        stdout: '',
        stderr: `ekspress: SESSION_EXPIRED: The session is over. Next: Log in 'again': \`aws sso login --profile 'a'\\''b'\`.\n`,
      });
    });

    it.each<[string, (here: World) => void]>([
      ['a source has changed', ({ world: { config } }) => writeFileSync(config, '')],
      ['it belongs to another identity', (here) => Object.assign(here.env, { AWS_SESSION_TOKEN: 'x' })],
      ['it has worn off', ({ world: { entry } }) => utimesSync(`${entry}.error`, 1, 1)],
      ['it is damaged', ({ world: { entry } }) => writeFileSync(`${entry}.error`, '{"error":"session_expired"')],
    ])('forgets it as soon as %s', async (_, change) => {
      const here = await world({});
      await remember(here);
      change(here);
      expect(await call(here)).toMatchObject({ status: 0, stdout: `${NODE_ANSWER}\n` });
    });

    it('serves a token all the same', async () => {
      const here = await world({});
      execFileSync('cp', ['-p', here.world.entry, join(here.world.root, 'entry')]);
      await remember(here);
      execFileSync('cp', ['-p', join(here.world.root, 'entry'), here.world.entry]);
      expect((await call(here)).stdout).toContain(TOKEN);
    });

    describe.skipIf(!terminal)('at a terminal', () => {
      /** A client asks so often, the first time at once, then when the file `go` is there. */
      const typed = (here: World, times: number) => {
        const { root } = here.world;
        if (!existsSync(join(root, 'client'))) symlinkSync('/bin/sh', join(root, 'client'));
        const again = `; while [ ! -e '${root}/go' ]; do sleep 0.05; done; "$@"`;
        writeFileSync(join(root, 'line'), `: >'${root}/began'; "$@"${again.repeat(times - 1)}; :\n`);
        const line = [join(root, 'client'), join(root, 'line'), ...words(here)].map((word) => `'${word}'`).join(' ');
        return run([terminal ?? '', '-qec', line, '/dev/null'], { ...environment(here), SHELL: '/bin/sh' });
      };
      const asker = async (here: World): Promise<string> => {
        const path = join(here.world.root, 'parent');
        await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toMatch(/\n$/), { timeout: 30_000, interval: 20 });
        return readFileSync(path, 'utf8').trim().replace(/^\d+ /, '');
      };
      const FAILS = 'echo x >>"$ROOT/attempts"; echo "$EKSPRESS_PARENT" >"$ROOT/parent"; exit 77';
      const attempts = (here: World) => readFileSync(join(here.world.root, 'attempts'), 'utf8').length / 2;

      it.each<EKSAuthErrorCode>(['SESSION_EXPIRED', 'NETWORK', 'ACCESS_DENIED', 'NO_CREDENTIALS', 'CLUSTER_NOT_FOUND'])(
        'makes an attempt of its own for each command of a person, which may be a retry: %s',
        async (code) => {
          const here = await world({}, FAILS);
          await remember(here, code);
          expect(await call(here)).toMatchObject({ stderr: expect.stringContaining('Next: Log in') });
          for (const times of [1, 2]) {
            expect((await typed(here, 1)).stdout).not.toContain('Next:');
            expect(attempts(here)).toBe(times);
          }
        },
      );

      it('prints it to the process that has made the attempt, and asks again for the next one', async () => {
        const here = await world({}, FAILS);
        await remember(here);
        const command = typed(here, 2);
        const name = await asker(here);
        expect(name).toMatch(/^\d+ \d+ client$/);
        await remember(here, 'SESSION_EXPIRED', name);
        await remember(here, 'SESSION_EXPIRED', '1 2 another');
        writeFileSync(join(here.world.root, 'go'), '');
        expect((await command).stdout).toContain('ekspress: SESSION_EXPIRED: The session is over. Next: Log in');
        expect(attempts(here)).toBe(1);
        expect((await typed(here, 1)).stdout).not.toContain('Next:');
        expect(attempts(here)).toBe(2);
      });

      it('prints one that is made while it waits for the attempt of another process', async () => {
        const here = await world({}, FAILS);
        await remember(here);
        writeFileSync(`${here.world.entry}.busy`, `${process.pid}\n`);
        const command = typed(here, 1);
        await vi.waitFor(() => expect(existsSync(join(here.world.root, 'began'))).toBe(true), { timeout: 30_000 });
        // Longer than a second: a file of the script in /proc is older than the failure by then.
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await remember(here, 'ACCESS_DENIED', '1 2 another');
        expect((await command).stdout).toContain('ekspress: ACCESS_DENIED: The session is over. Next: Log in');
        expect(existsSync(join(here.world.root, 'attempts'))).toBe(false);
      });
    });
  });

  describe('with a policy for plugins in kuberc', () => {
    const POLICY =
      'kind: Preference\ncredentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: ekspress-exec\n';
    const REFUSED = {
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ekspress-exec: kuberc has a policy for credential plugins/m),
    };
    /** Calls a program that is not recorded. */
    const stranger = async (here: World, kuberc: string, env = {}, tool = 'stranger') => {
      const { root } = here.world;
      writeFileSync(join(root, 'kuberc'), kuberc);
      const program = executable(join(root, tool), '#!/bin/sh\necho stranger\n');
      const line = [...command, here.script, program, 'eks', 'get-token'];
      return run(line, { ...environment(here), KUBERC: join(root, 'kuberc'), ...env });
    };
    const record = (here: World, setting: string, value: string): void => {
      const text = readFileSync(here.script, 'utf8');
      expect(text).toContain(`\n${setting}=''\n`);
      executable(
        here.script,
        text.replace(`\n${setting}=''\n`, () => `\n${setting}='${value}'\n`),
      );
    };

    it('runs no program for others', async () => {
      const here = await world({}, 'exit 71');
      expect(await stranger(here, POLICY)).toEqual(REFUSED);
      writeFileSync(join(here.world.home, '.kube/kuberc'), POLICY);
      expect(await stranger(here, '', { KUBERC: '' })).toEqual(REFUSED);
    });

    it('runs no program for others because of its name, or of what Node says', async () => {
      expect(await stranger(await world({}, 'echo asked'), POLICY, {}, 'aws')).toEqual(REFUSED);
      expect(await stranger(await world({}, 'exit 70'), POLICY)).toEqual(REFUSED);
    });

    it.each([
      ['a depth that the kubeconfig sets', { EKSPRESS_DEPTH: '1' }],
      ['a kuberc that the kubeconfig switches off', { KUBERC: 'off', KUBECTL_KUBERC: 'false' }],
      ['another HOME', { KUBERC: '', HOME: '/nonexistent' }],
    ])('is not misled by %s', async (_, env) => {
      const here = await world({}, 'exit 71');
      const folder = join(here.world.home, '.kube/ekspress');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(here.world.home, '.kube/kuberc'), POLICY);
      execFileSync('cp', ['-p', here.script, folder]);
      expect(await stranger({ ...here, script: join(folder, 'ekspress-exec') }, '', env)).toEqual(REFUSED);
    });

    it.each([
      ['in JSON beside other words', '{"credentialPluginPolicy":"Allowlist","aliases":[{"name":"AllowAll"}]}'],
      ['with an escaped key', '"credential\\x50luginPolicy": Allowlist\n'],
      ['with a tagged key', '!!binary Y3JlZGVudGlhbFBsdWdpblBvbGljeQ==: Allowlist\n'],
      ['behind a line break that is none to a shell', '# a\rcredentialPluginPolicy: Allowlist\n'],
      ['behind a line break of Unicode', '# a\u0085credentialPluginPolicy: Allowlist\n'],
      ['with a comment', 'credentialPluginPolicy: Allowlist # not AllowAll\n'],
      ['after one that allows all', 'credentialPluginPolicy: AllowAll\n---\ncredentialPluginPolicy: DenyAll\n'],
      ['in UTF-16', Buffer.from('\ufeffcredentialPluginPolicy: Allowlist\n', 'utf16le')],
      ['without a line end', 'credentialPluginPolicy: Allowlist'],
    ])('finds a policy %s', async (_, kuberc) => {
      expect(await stranger(await world({}, 'exit 71'), kuberc as string)).toEqual(REFUSED);
    });

    it.each([
      ['no policy', 'kind: Preference\n'],
      ['a policy that allows all', 'credentialPluginPolicy: AllowAll\n'],
      ['a policy that allows all, written on Windows', 'kind: Preference\r\ncredentialPluginPolicy: AllowAll\r\n'],
      ['a policy in a comment', '# credentialPluginPolicy: DenyAll\n'],
      ['a comment in another language', '# \u00fcber\nkind: Preference\n'],
    ])('runs what the kubeconfig says with %s', async (_, kuberc) => {
      expect(await stranger(await world({}, 'exit 71'), kuberc)).toMatchObject({ status: 0, stdout: 'stranger\n' });
    });

    it('runs the recorded program, and an aws in a recorded folder', async () => {
      const here = await world({}, 'exit 71');
      const { root } = here.world;
      record(here, 'ekspress_programs', `/x:${join(root, 'stranger')}`);
      expect(await stranger(here, POLICY)).toMatchObject({ status: 0, stdout: 'stranger\n' });
      expect(await stranger(here, POLICY, {}, 'aws')).toEqual(REFUSED);
      record(here, 'ekspress_path', root);
      expect(await stranger(here, POLICY, {}, 'aws')).toMatchObject({ status: 0, stdout: 'stranger\n' });
      rmSync(here.world.entry);
      expect(await call(here, { KUBERC: join(root, 'kuberc') })).toMatchObject({ status: 0, stdout: 'stranger\n' });
    });

    it('runs the one that is first on PATH only if that one is recorded', async () => {
      const here = await world({}, 'exit 71');
      const { root } = here.world;
      record(here, 'ekspress_path', root);
      executable(join(root, 'aws'), '#!/bin/sh\necho recorded\n');
      mkdirSync(join(root, 'other'));
      executable(join(root, 'other/aws'), '#!/bin/sh\necho other\n');
      rmSync(here.world.entry);
      writeFileSync(join(root, 'kuberc'), POLICY);
      const at = (path: string) => call(here, { PATH: `${path}:${PATH}`, KUBERC: join(root, 'kuberc') });
      expect(await at(root)).toMatchObject({ stdout: 'recorded\n' });
      expect(await at(`${root}/:${root}/other`)).toMatchObject({ stdout: 'recorded\n' });
      expect(await at(`${root}/other:${root}`)).toEqual(REFUSED);
    });

    it('runs no launcher, and aws-vault for a recorded program only', async () => {
      const here = await world({}, 'exit 71');
      const { root } = here.world;
      const vault = executable(join(root, 'aws-vault'), '#!/bin/sh\necho vault\n');
      const aws = executable(join(root, 'aws'), '#!/bin/sh\n');
      const other = executable(join(root, 'other'), '#!/bin/sh\n');
      executable(join(root, 'env'), '#!/bin/sh\necho env\n');
      record(here, 'ekspress_programs', [vault, aws, join(root, 'env')].join(':'));
      writeFileSync(join(root, 'kuberc'), POLICY);
      const ask = (...words: string[]) =>
        run([...command, here.script, ...words], { ...environment(here), KUBERC: join(root, 'kuberc') });
      expect(await ask(join(root, 'env'), 'X=y', aws)).toEqual(REFUSED);
      expect(await ask(vault, 'exec', 'p', '--', aws, 'eks')).toMatchObject({ stdout: 'vault\n' });
      expect(await ask(vault, 'exec', 'p', '--', other, 'eks')).toEqual(REFUSED);
      expect(await ask(vault, 'exec', 'p')).toEqual(REFUSED);
    });

    it('asks Node where the program is not there: nothing could run', async () => {
      const here = await world({});
      writeFileSync(join(here.world.root, 'kuberc'), POLICY);
      rmSync(here.world.entry);
      const env = { KUBERC: join(here.world.root, 'kuberc') };
      const words = [...command, here.script, '/nonexistent/aws', ...here.words.slice(1)];
      expect((await run(words, { ...environment(here), ...env })).stdout).toBe(`${NODE_ANSWER}\n`);
    });

    it('shows no escape sequences of the kubeconfig', async () => {
      const here = await world({}, 'exit 71');
      const evil = executable(join(here.world.root, 'e\u001b[31mvil'), '#!/bin/sh\n');
      const plain = executable(join(here.world.root, 'e\\033[31mvil'), '#!/bin/sh\n');
      writeFileSync(join(here.world.root, 'kuberc'), POLICY);
      for (const program of [evil, plain]) {
        for (const env of [{ KUBERC: join(here.world.root, 'kuberc') }, { EKSPRESS_DEPTH: '2' }]) {
          const { status, stderr } = await run([...command, here.script, program], { ...environment(here), ...env });
          expect([status, stderr.includes('\u001b')]).toEqual([1, false]);
        }
      }
    });
  });

  it('serves a command typed by hand: cluster, region, profile', async () => {
    const here = await world({}, 'shift; echo "$*"');
    const byHand = (...args: string[]) => run([...command, here.script, ...args], environment(here));
    expect((await byHand('dev', 'us-east-1')).stdout).toContain(TOKEN);
    expect((await byHand('prod', 'eu-west-1')).stdout).toBe(
      'aws --region eu-west-1 eks get-token --cluster-name prod\n',
    );
    expect((await byHand('dev', 'us-east-1', 'acme')).stdout).toBe(
      'aws --region us-east-1 eks get-token --cluster-name dev --profile acme\n',
    );
    expect((await byHand('kubelogin', 'get-token')).stdout).toBe('kubelogin get-token\n');
  });
});

it('The script goes on alone after ten seconds of waiting in vain, and Node does not wait again', async () => {
  const here = await world({}, 'echo "waited: $EKSPRESS_WAITED"');
  rmSync(here.world.entry);
  writeFileSync(`${here.world.entry}.busy`, `${process.pid}\n`);
  // Time passes quickly here.
  executable(join(here.world.root, 'sleep'), '#!/bin/sh\n');
  const env = { PATH: `${here.world.root}:${PATH}`, ROOT: here.world.root, ...here.env };
  const { stdout } = await run([...(shells[0]?.command ?? []), here.script, ...here.words], env);
  expect(stdout).toBe('waited: 1\n');
});
