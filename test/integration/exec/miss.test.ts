import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NODE_VARIABLES } from '../../../src/cache/rules.ts';
import { NOWHERE, PATH } from '../../support/paths.ts';
import {
  executable,
  type Installation,
  install,
  NODE_ANSWER,
  run,
  SCRIPT,
  shells,
} from '../../support/script-shells.ts';

const WORDS = ['aws', 'eks', 'get-token', '--cluster-name', 'dev'];

interface World extends Installation {
  readonly root: string;
  /** PATH with an `aws` in it. */
  readonly path: string;
}

/** A script with stand-ins for Node and for the original command, both of them sh. */
function world(node?: string, original = "echo 'ORIGINAL ANSWERED'"): World {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ekspress-miss-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'bin'));
  executable(join(root, 'bin/aws'), `#!/bin/sh\n${original}\n`);
  return { ...install(root, node), root, path: `${join(root, 'bin')}:${PATH}` };
}

describe.each(shells)('a miss under $name', ({ name: shell, command }) => {
  const call = ({ script, path, root }: World, env = {}, words = WORDS) =>
    run([...command, script, ...words], { PATH: path, HOME: root, LC_ALL: 'C.UTF-8', ...env });

  it('asks Node, and prints what it says', async () => {
    expect(await call(world())).toEqual({ status: 0, stdout: `${NODE_ANSWER}\n`, stderr: '' });
  });

  it('hands every word on unchanged', async () => {
    const odd = ['aws', 'a b', '', '*', "'", '"', '\\n', '$HOME', '`id`', 'two\nlines', '-x', '--cluster-name', 'ü'];
    const here = world('printf "%s\\0" "$@" >"$HOME/words"; echo ok');
    await call(here, {}, odd);
    const words = readFileSync(join(here.root, 'words'), 'utf8').split('\0').slice(0, -1);
    expect(words).toEqual([join(here.package, 'dist/exec/hit.cjs'), ...odd]);
  });

  it('keeps the backslashes of an answer', async () => {
    const answer = String.raw`{"key":"-----BEGIN-----\nabc\\t$HOME"}`;
    const here = world('cat "$HOME/answer"');
    writeFileSync(join(here.root, 'answer'), `${answer}\n`);
    expect(await call(here)).toEqual({ status: 0, stdout: `${answer}\n`, stderr: '' });
  });

  it('prints an answer itself, as it may hold a key: no other program gets it, and no file', async () => {
    const answer = String.raw`{"key":"-----BEGIN-----\nabc"}`;
    const here = world('/bin/cat "$HOME/answer"');
    writeFileSync(join(here.root, 'answer'), `${answer}\n`);
    for (const name of ['cat', 'printf']) executable(join(here.root, 'bin', name), '#!/bin/sh\necho SEEN\n');
    // ksh93 keeps the output of every command that it reads in a file.
    const line = shell === 'ksh93' ? 'exec "$@"' : 'ulimit -f 0; exec "$@"';
    const words = ['/bin/sh', '-c', line, 'sh', ...command, here.script, ...WORDS];
    const env = { PATH: here.path, HOME: here.root, LC_ALL: 'C.UTF-8', TMPDIR: NOWHERE };
    expect((await run(words, env)).stdout).toBe(`${answer}\n`);
  });

  it('ends with 1 and without an answer where Node has explained a failure', async () => {
    const here = world("echo half; echo 'session expired' >&2; exit 77");
    expect(await call(here)).toEqual({ status: 1, stdout: '', stderr: 'session expired\n' });
  });

  it.each([
    ['cannot decide', 'echo half; exit 70'],
    ['cannot load its modules', 'echo half; exit 1'],
    ['says nothing', 'exit 0'],
    ['is killed', 'echo half; kill -9 $$'],
    ['crashes', 'echo half; kill -ABRT $$'],
  ])('runs the original command where Node %s', async (_, node) => {
    const { status, stdout } = await call(world(node));
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ORIGINAL ANSWERED\n' });
  });

  it('asks no other program after Node was interrupted', async () => {
    expect(await call(world('exit 130'))).toEqual({ status: 130, stdout: '', stderr: '' });
  });

  it('runs the original command where the package is gone', async () => {
    const here = world();
    rmSync(here.package, { recursive: true });
    expect(await call(here)).toEqual({ status: 0, stdout: 'ORIGINAL ANSWERED\n', stderr: '' });
  });

  it('runs the original command where there is no Node', async () => {
    const here = world();
    rmSync(here.node);
    // Nothing but the original in PATH: no node, no readlink, no cat.
    const { status, stdout } = await call({ ...here, path: join(here.root, 'bin') });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ORIGINAL ANSWERED\n' });
  });

  it('takes the Node in PATH where the recorded one is gone', async () => {
    const here = world();
    rmSync(here.node);
    executable(join(here.root, 'bin/node'), "#!/bin/sh\necho 'ANOTHER NODE'\n");
    expect(await call(here)).toEqual({ status: 0, stdout: 'ANOTHER NODE\n', stderr: '' });
  });

  it('finds the package around itself, behind links, where nothing is recorded', async () => {
    const here = world();
    mkdirSync(join(here.package, 'bin'));
    executable(join(here.package, 'bin/ekspress-exec'), readFileSync(SCRIPT, 'utf8'));
    symlinkSync('package/bin/ekspress-exec', join(here.root, 'relative'));
    symlinkSync(join(here.root, 'relative'), join(here.root, 'bin/absolute'));
    executable(join(here.root, 'bin/node'), '#!/bin/sh\necho "$1"\n');
    const script = join(here.root, 'bin/absolute');
    expect(await call({ ...here, script })).toMatchObject({
      stdout: `${join(here.package, 'bin')}/../dist/exec/hit.cjs\n`,
    });
  });

  it('does not wait where a note of an earlier call cannot be removed', async () => {
    const here = world();
    const cache = join(here.root, '.kube/cache/eks-tokens');
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'dev_default.json.busy'), '999999999\n');
    executable(join(here.root, 'bin/rm'), '#!/bin/sh\necho "rm: not allowed" | tee -a "$HOME/tried" >&2\nexit 1\n');
    expect(await call(here)).toEqual({ status: 0, stdout: `${NODE_ANSWER}\n`, stderr: '' });
    expect(readFileSync(join(here.root, 'tried'), 'utf8')).toBe('rm: not allowed\n');
  });

  it('hands the status of the original command on', async () => {
    expect(await call(world('exit 70', 'exit 253'))).toMatchObject({ status: 253, stdout: '' });
  });

  it('becomes the original command: terminal, signals and process id are its own', async () => {
    const here = world('echo "$PPID" >"$HOME/script"; exit 70', 'echo $$ >"$HOME/original"');
    await call(here);
    const read = (name: string): string => readFileSync(join(here.root, name), 'utf8');
    expect(read('original')).toBe(read('script'));
  });

  it('leaves the environment of the original command alone', async () => {
    const here = world('exit 70', 'env >"$HOME/environment"');
    const env = { NODE_OPTIONS: '--inspect', region: 'mine', LC_ALL: 'C.UTF-8', ODD: 'a  b\\n' };
    await call(here, env);
    const seen = readFileSync(join(here.root, 'environment'), 'utf8').trimEnd().split('\n');
    // What shells set of their own accord.
    const own = /^(_|PWD|OLDPWD|SHLVL|LOGNAME|A__z)=/;
    expect(seen.filter((line) => !own.test(line)).sort()).toEqual(
      Object.entries({ ...env, PATH: here.path, HOME: here.root, EKSPRESS_DEPTH: '1' })
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
  });

  it('starts Node without NODE_OPTIONS, which it hands on', async () => {
    const here = world('echo "${NODE_OPTIONS-unset} ${EKSPRESS_NODE_OPTIONS-unset}"');
    expect(await call(here, { NODE_OPTIONS: '--bad' })).toMatchObject({ stdout: 'unset --bad\n' });
    expect(await call(here, { EKSPRESS_NODE_OPTIONS: '--stale' })).toMatchObject({ stdout: 'unset unset\n' });
  });

  it('starts Node without what is meant for other programs of its kind', async () => {
    const theirs = Object.fromEntries(NODE_VARIABLES.map((variable) => [variable, `of ${variable}`]));
    const here = world('env >"$HOME/seen"; exit 70', 'env >"$HOME/handed-on"');
    await call(here, theirs);
    const read = (name: string) => readFileSync(join(here.root, name), 'utf8').split('\n');
    const lines = Object.entries(theirs).map(([variable, value]) => `${variable}=${value}`);
    expect(read('seen').filter((line) => line.startsWith('NODE_'))).toEqual([]);
    expect(read('seen')).toEqual(expect.arrayContaining(lines.map((line) => `EKSPRESS_${line}`)));
    expect(read('handed-on')).toEqual(expect.arrayContaining(lines));
  });

  it('finds the original command where it was found when the script was installed, PATH first', async () => {
    const here = world('exit 70');
    const text = readFileSync(here.script, 'utf8').replace("ekspress_path=''", `ekspress_path='${here.root}/bin'`);
    executable(here.script, text);
    expect(await call({ ...here, path: NOWHERE })).toMatchObject({ status: 0, stdout: 'ORIGINAL ANSWERED\n' });
    mkdirSync(join(here.root, 'first'));
    executable(join(here.root, 'first/aws'), "#!/bin/sh\necho 'FIRST ANSWERED'\n");
    const path = `${join(here.root, 'first')}:${PATH}`;
    expect(await call({ ...here, path })).toMatchObject({ status: 0, stdout: 'FIRST ANSWERED\n' });
  });

  it('tells Node alone where the installed copy lies', async () => {
    const node = world('echo "${EKSPRESS_SCRIPT-unset}"');
    expect(await call(node)).toMatchObject({ stdout: `${node.script}\n` });
    const original = world('exit 70', 'echo "${EKSPRESS_SCRIPT-unset}"');
    expect(await call(original)).toMatchObject({ stdout: 'unset\n' });
  });

  it('ends where the original command leads back here', async () => {
    const here = world('echo x >>"$HOME/asked"; exit 70', 'exec "$SELF" aws "$@"');
    chmodSync(here.script, 0o755);
    const { status, stdout, stderr } = await call(here, { SELF: here.script });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain("the command 'aws' leads back to ekspress-exec");
    expect(readFileSync(join(here.root, 'asked'), 'utf8')).toBe('x\n');
  });

  it('says why at EKS_TOKEN_DEBUG=1, and prints nothing otherwise', async () => {
    expect(await call(world('exit 70'), { EKS_TOKEN_DEBUG: '1' })).toMatchObject({
      stderr: '[DEBUG] miss: no entry\n[DEBUG] Node ended with status 70: running the original command\n',
    });
    expect(await call(world('exit 70'))).toMatchObject({ stderr: '' });
  });

  it('shows its usage where there are no words', async () => {
    const { status, stderr } = await call(world(), {}, []);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^usage: ekspress-exec aws eks /) });
  });

  it('shows its usage for --help, on stdout and as a success', async () => {
    for (const word of ['--help', '-h']) {
      const { status, stdout, stderr } = await call(world(), {}, [word]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^usage: ekspress-exec aws eks /);
    }
  });

  it('says why at EKSPRESS_DEBUG=1 too', async () => {
    expect((await call(world('exit 70'), { EKSPRESS_DEBUG: '1' })).stderr).toContain('[DEBUG] miss: no entry');
  });
});
