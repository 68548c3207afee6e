import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { expectHealed, FaultWorld, isRight, owner } from '../support/plugin-calls.ts';
import { somebody } from '../support/plugin-home.ts';
import { signToken } from '../support/sign-token.ts';

// What may befall a machine: each time whoever asks gets the right token, and nothing of it is left when it is over.

const ok = (...[program = '', ...args]: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const isRoot = process.geteuid?.() === 0 && ok('unshare', '-m', 'true');
if (!isRoot) console.log('skipped: mounts and other users need root');
const faketime = ok('faketime', '-f', '+1m', 'true');
if (!faketime) console.log('skipped: no faketime');

const worlds: FaultWorld[] = [];
afterAll(() => {
  for (const world of worlds.splice(0)) world.remove();
});

/** A home, with a token in its cache already or not. */
async function open({ warm = false } = {}): Promise<FaultWorld> {
  const world = new FaultWorld();
  worlds.push(world);
  if (warm) expect(isRight(await world.call())).toBe(true);
  return world;
}

/** Runs words in a mount namespace of their own, after these commands. */
const mounted = (commands: string, words: readonly string[]) => [
  'unshare',
  '-m',
  'sh',
  '-ec',
  `${commands}; exec "$@"`,
  'sh',
  ...words,
];

/** The original command, where Node cannot even start: it prints a right token. */
function withOriginal(world: FaultWorld): void {
  const expirationTimestamp = `${new Date(Date.now() + 14 * 60_000).toISOString().slice(0, 19)}Z`;
  const status = { expirationTimestamp, token: signToken(owner) };
  const credential = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', spec: {}, status };
  world.executable('aws', `cat <<'END'\n${JSON.stringify(credential)}\nEND`);
}

async function expectRight(
  world: FaultWorld,
  words = world.plugin,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await world.call(words, env);
  expect({ ...answer, right: isRight(answer) }).toMatchObject({ status: 0, right: true });
  return answer.stderr;
}

describe.concurrent('the plugin', () => {
  describe.skipIf(!isRoot)('without a place to write', () => {
    for (const [what, folder] of [
      ['the cache', '.kube'],
      ['the home', '.'],
    ] as const) {
      it(`mints each time if ${what} is read-only, and takes what is there`, async () => {
        const cold = await open();
        const readOnly = (world: FaultWorld) => {
          const path = join(world.home, folder);
          return mounted(`mount --bind '${path}' '${path}'; mount -o remount,bind,ro '${path}'`, world.plugin);
        };
        await expectRight(cold, readOnly(cold));
        await expectHealed(cold, `${what} was read-only`);
        const warm = await open({ warm: true });
        expect(await expectRight(warm, readOnly(warm))).toContain('[DEBUG] hit');
        await expectHealed(warm, `${what} was read-only`);
      });
    }

    it('mints each time on a full disk, and no call waits when there is room again', async () => {
      const world = await open();
      mkdirSync(world.cache, { recursive: true, mode: 0o700 });
      const calls = `for turn in 1 2; do "$@" >>"$HOME/answers" || exit; done
        rm -f '${world.cache}/fill'; rm -f '${world.naps}'
        for turn in 1 2 3; do sh -c '"$@"; exit' sh "$@" >>"$HOME/answers" || exit; done`;
      const full = `mount -t tmpfs -o size=16k,mode=700 none '${world.cache}'
        dd if=/dev/zero of='${world.cache}/fill' bs=4k 2>/dev/null || :`;
      const { status, stderr } = await world.call(mounted(full, ['sh', '-c', calls, 'sh', ...world.plugin]));
      expect(status).toBe(0);
      const answers = readFileSync(join(world.home, 'answers'), 'utf8').trimEnd().split('\n');
      expect(answers.map((stdout) => isRight({ status: 0, stdout, stderr: '' }))).toEqual(Array(5).fill(true));
      expect(stderr.match(/\[DEBUG\] hit/g)).toHaveLength(2);
      expect(world.takeNaps()).toBe(0);
    });
  });

  it('hits with few descriptors, or runs the original command where Node cannot start', async () => {
    const cold = await open();
    const warm = await open({ warm: true });
    for (const world of [cold, warm]) withOriginal(world);
    // Another `aws` on PATH is another source.
    await expectRight(warm, warm.plugin);
    for (const descriptors of [14, 16, 20, 24, 30, 40]) {
      const limited = (world: FaultWorld) => ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', ...world.plugin];
      cold.emptyCache();
      await expectRight(cold, limited(cold));
      expect(await expectRight(warm, limited(warm))).toContain('[DEBUG] hit');
    }
    cold.emptyCache();
    await expectHealed(cold, 'few descriptors');
  });

  it.skipIf(!faketime)('mints again when its clock jumps: a token signed at another time is not a hit', async () => {
    for (const jump of ['+20m', '+2h', '-20m', '-2h']) {
      const world = await open();
      // Right by the clock that it has.
      const wrong = await world.call(['faketime', '-f', jump, ...world.plugin]);
      expect({ jump, status: wrong.status }).toEqual({ jump, status: 0 });
      await expectHealed(world, `a clock ${jump}`);
    }
  });

  it('mints, stores or hits while its cache is deleted all the time, and never fails', async () => {
    const world = await open();
    let [going, deleted] = [true, 0];
    const deleting = (async () => {
      while (going) {
        try {
          rmSync(world.cache, { recursive: true, force: true, maxRetries: 3 });
          deleted += 1;
        } catch {
          // Somebody has just put something in again.
        }
        await sleep(7);
      }
    })();
    for (let turn = 0; turn < 6; turn += 1) await expectRight(world);
    for (let turn = 0; turn < 2; turn += 1) await expectRight(world, world.library);
    going = false;
    await deleting;
    expect(deleted).toBeGreaterThan(10);
    await expectHealed(world, 'a cache that was deleted all the time');
  });

  it('waits a bounded time for a mint that was stopped half-way, and later not at all', async () => {
    const world = await open();
    world.write('.aws/credentials', '');
    const keys = { Version: 1, AccessKeyId: owner.accessKeyId, SecretAccessKey: owner.secretAccessKey };
    const program = world.executable(
      'keys',
      `if mkdir "$HOME/first" 2>/dev/null; then : >"$HOME/begun"; while [ ! -e "$HOME/go" ]; do /bin/sleep 0.05; done; fi
echo '${JSON.stringify(keys)}'`,
    );
    world.write('.aws/config', `[default]\ncredential_process = ${program}\n`);
    const first = spawn(world.plugin[0] ?? '', world.plugin.slice(1), {
      env: world.env,
      detached: true,
      stdio: 'ignore',
    });
    await expect.poll(() => existsSync(join(world.home, 'begun')), { timeout: 60_000 }).toBe(true);
    signalGroup(first, 'SIGSTOP');
    try {
      // Nobody but the second one can have made this.
      await expectRight(world);
    } finally {
      writeFileSync(join(world.home, 'go'), '');
      signalGroup(first, 'SIGCONT');
    }
    await new Promise((ended) => (first.exitCode === null ? first.once('exit', ended) : ended(0)));
    await expectHealed(world, 'a mint that was stopped');
  }, 180_000);

  it('waits once at most for a process that has only the number of the one that was killed', async () => {
    const world = await open({ warm: true });
    const [entry = ''] = world.files().filter((name) => name.endsWith('.json'));
    // A number that lives: ours.
    writeFileSync(join(world.cache, `${entry}.busy`), `${process.pid}\n`);
    rmSync(join(world.cache, entry));
    await expectRight(world);
    rmSync(join(world.cache, entry));
    await expectHealed(world, 'a number that lives');
  });

  it.skipIf(!isRoot)('neither reads nor writes where another user owns the cache', async () => {
    const world = await open({ warm: true });
    const before = world.files();
    chownSync(world.cache, 65_534, 65_534);
    expect(await expectRight(world)).toContain('miss: the cache directory belongs to another user');
    await expectRight(world, world.library);
    expect(world.files()).toEqual(before);
    chownSync(world.cache, 0, 0);
    await expectHealed(world, "another user's cache");
  });

  it.skipIf(!isRoot)("takes no other user's entry, stamps or notes", async () => {
    const world = await open({ warm: true });
    for (const name of world.files()) {
      chownSync(join(world.cache, name), 65_534, 65_534);
      await expectRight(world, ['sh', '-c', '"$@"; exit', 'sh', ...world.plugin]);
    }
    // To the script another user's stamps mean nothing, so Node answers until the next token is made.
    for (const name of world.files().filter((one) => one.endsWith('.json'))) rmSync(join(world.cache, name));
    await expectHealed(world, "another user's files");
  });

  it('writes through no planted link, and reads none', async () => {
    const world = await open({ warm: true });
    const entry = world.files().find((name) => name.endsWith('.json')) ?? '';
    const victims = join(world.home, 'victims');
    mkdirSync(victims);
    const endings = ['', '.busy', '.lock', '.error', '.meta', ...Array.from({ length: 8 }, (_, n) => `.asked${n}`)];
    const names = [...endings.map((ending) => `${entry}${ending}`), '.collected', 'CACHEDIR.TAG'];
    const plant = () => {
      for (const name of names) {
        rmSync(join(world.cache, name), { force: true });
        writeFileSync(join(victims, name), 'mine');
        symlinkSync(join(victims, name), join(world.cache, name));
      }
    };
    plant();
    await expectRight(world);
    await expectRight(world);
    await expectRight(world, world.library);
    expect(readdirSync(victims).map((name) => readFileSync(join(victims, name), 'utf8'))).toEqual(
      names.map(() => 'mine'),
    );
    rmSync(join(world.cache, 'stamps'), { recursive: true });
    symlinkSync(victims, join(world.cache, 'stamps'));
    await expectRight(world);
    world.emptyCache();
    await expectHealed(world, 'planted links');
  });

  it.skipIf(!isRoot)('keeps two homes apart that share a cache, each in a world of its own numbers', async () => {
    const [one, other] = [await open(), await open()];
    const second = { name: 'second', ...somebody('second') };
    other.writeCredentials({ default: second });
    const shared = join(one.home, 'shared');
    mkdirSync(shared, { mode: 0o700 });
    const calls = async (world: FaultWorld) => {
      const loop = 'n=0; while [ $n -lt 6 ]; do sh -c \'"$@"; exit\' sh "$@" || exit; n=$((n+1)); done';
      const words = ['unshare', '-mpf', '--mount-proc', 'sh', '-c', loop, 'sh', ...world.plugin];
      const { status, stdout, stderr } = await world.call(words, { EKS_TOKEN_CACHE_DIR: shared });
      expect({ status, hit: stderr.includes('[DEBUG] hit') }).toEqual({ status: 0, hit: true });
      return stdout.trimEnd().split('\n');
    };
    const [ones, others] = await Promise.all([calls(one), calls(other)]);
    const whose = (lines: readonly string[], person: typeof owner) =>
      lines.map((stdout) => isRight({ status: 0, stdout, stderr: '' }, person));
    expect(whose(ones, owner)).toEqual(Array(6).fill(true));
    expect(whose(others, second)).toEqual(Array(6).fill(true));
    expect(whose(others, owner)).toEqual(Array(6).fill(false));
  });
});

/** To a process that was started as a group of its own, and to all that it started. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || pid <= 1) throw new Error('it was not started');
  process.kill(-pid, signal);
}
