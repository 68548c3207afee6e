import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execOf } from '../support/kubeconfig-judge.ts';
import { Machine, MINIMAL, ORIGINAL, one } from '../support/windows-machine.ts';
import { onWindows, type WindowsOutcome, windowsPath } from '../support/wine.ts';

/** Whose key signed the token of an answer, and the token. */
function answered({ stdout, stderr, status }: WindowsOutcome): { signer: string; token: string } {
  if (status !== 0 || !stdout.startsWith('{')) throw new Error(`${status}: ${stderr || stdout}`);
  const { token }: { token: string } = JSON.parse(stdout).status;
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString();
  return { signer: /X-Amz-Credential=([^%]+)/.exec(url)?.[1] ?? '', token };
}

const signerOf = (outcome: WindowsOutcome): string => answered(outcome).signer;

describe('ekspress apply on Windows', () => {
  let machine: Machine;
  beforeAll(() => {
    machine = new Machine();
  });

  it('refuses without --preview, and says so', async () => {
    const { status, stderr } = await one(machine.ekspress('apply', '--all', '--yes'));
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('`ekspress apply --preview`') });
    expect(readFileSync(machine.kubeconfig, 'utf8')).toBe(ORIGINAL);
  });

  it('puts a copy of Node with one file before the original command, and empties NODE_OPTIONS for it', async () => {
    const outcome = await one(machine.ekspress('apply', '--all', '--yes', '--preview'));
    expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
    const { command, args, env } = execOf(readFileSync(machine.kubeconfig, 'utf8'), 'dev');
    expect(command).toBe(windowsPath(machine.file('ekspress-exec.exe')));
    expect(args?.slice(0, 2)).toEqual([windowsPath(machine.file('ekspress-exec.cjs')), 'aws']);
    expect(env).toEqual([
      { name: 'AWS_PROFILE', value: 'reader' },
      { name: 'NODE_OPTIONS', value: '' },
    ]);
    expect(JSON.parse(readFileSync(machine.file('ekspress-exec.json'), 'utf8')).programs).toEqual([
      windowsPath(join(machine.bin, 'aws.exe')),
    ]);
  });

  it('lets the stanza get the token of its own profile, and the same token from the cache afterwards', async () => {
    const [first, second] = (await onWindows([machine.stanza(), machine.stanza()])).map(answered);
    expect(first?.signer).toBe('AKIAREADER');
    expect(second).toEqual(first);
  });

  it('makes another token where the same process asks again for one: the server has refused it', async () => {
    machine.forget();
    // A younger token is the answer to a refusal.
    const asked = await onWindows([machine.stanza(), machine.stanza(13_000), machine.stanza(200), machine.stanza(200)]);
    const [first, later, again, young] = asked.map((outcome) => answered(outcome).token);
    expect(later).toBe(first);
    expect(again).not.toBe(later);
    expect(young).toBe(again);
  });

  it('is applied in the words of status and doctor, and names a copy of another Node, which warm renews', async () => {
    const settings = machine.file('ekspress-exec.json');
    const { node, ...rest } = JSON.parse(readFileSync(settings, 'utf8'));
    writeFileSync(settings, JSON.stringify({ ...rest, node: 'v18.0.0 x64' }));
    const [status, doctor] = await onWindows([
      machine.ekspress('status', '-o', 'json'),
      machine.ekspress('doctor', '--timeout', '20'),
      machine.ekspress('warm'),
    ]);
    expect(JSON.parse(status?.stdout ?? '').contexts[0]).toMatchObject({
      state: 'applied',
      reason: 'the plugin is outdated: `ekspress warm` renews it',
      cluster: 'dev',
      profile: 'reader',
    });
    expect(doctor?.stdout).toMatch(/outdated: it is Node v18\.0\.0 x64, and this is v/);
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ ...rest, node });
    expect(signerOf(await one(machine.stanza()))).toBe('AKIAREADER');
  });

  it('renews a copy that is running', async () => {
    const settings = machine.file('ekspress-exec.json');
    const known = JSON.parse(readFileSync(settings, 'utf8'));
    writeFileSync(settings, JSON.stringify({ ...known, node: 'v18.0.0 x64' }));
    const waiting =
      "require('node:child_process').spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' })";
    const main = windowsPath(join(machine.package, 'dist', 'cli', 'main.js'));
    const program = windowsPath(machine.file('ekspress-exec.exe'));
    await one({ program, args: ['-e', waiting, main, 'warm'], env: machine.env });
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual(known);
    expect(signerOf(await one(machine.stanza()))).toBe('AKIAREADER');
  });

  it('writes no batch file and no script into the kubeconfig or beside it', () => {
    const names = readdirSync(machine.file('.')).filter((name) => !/^\.ekspress-.*\.tmp\.exe$/.test(name));
    expect(names.sort()).toEqual([
      'applied',
      'backups',
      'ekspress-exec.cjs',
      'ekspress-exec.exe',
      'ekspress-exec.json',
    ]);
    expect(statSync(machine.file('ekspress-exec.exe')).size).toBeGreaterThan(50_000_000);
  });

  it('leaves kubectl the original command where the package and Node are gone', async () => {
    rmSync(join(machine.root, 'npm'), { recursive: true });
    expect(signerOf(await one(machine.stanza())), 'the token that is there').toBe('AKIAREADER');
    machine.forget();
    const { stderr } = await one(machine.stanza());
    expect(stderr, 'the program called aws.exe, which is another Node').toMatch(/aws\.exe: bad option: --region/);
    machine.useBatchFile();
    expect(signerOf(await one(machine.stanza()))).toBe('BATCHFILE');
    const { env, ...call } = machine.stanza();
    const desktop = { ...env, Path: MINIMAL };
    expect(signerOf(await one({ ...call, env: desktop })), 'with the short PATH of a desktop').toBe('BATCHFILE');
  });

  it('runs no program of the current folder or of a relative one in its place', async () => {
    const { env, ...call } = machine.stanza();
    rmSync(join(machine.bin, 'aws.cmd'));
    const { status, stderr } = await one({ ...call, env: { ...env, Path: `.;bin;${MINIMAL}` } });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/aws .*not found/) });
  });
});

describe('ekspress revert on Windows', () => {
  it('gives the kubeconfig its bytes back, and removes the copy of Node', async () => {
    const machine = new Machine();
    await onWindows([machine.ekspress('apply', '--all', '--yes', '--preview')]);
    expect(existsSync(machine.file('ekspress-exec.exe'))).toBe(true);
    const { status, stderr } = await one(machine.ekspress('revert', '--all', '--yes'));
    expect(status).toBe(0);
    // Windows does not remove another name of the Node that runs the command.
    expect(stderr.replace(/^note: .*\.tmp\.exe is the Node that runs now: remove it later\.\r?\n/, '')).toBe('');
    expect(readFileSync(machine.kubeconfig, 'utf8')).toBe(ORIGINAL);
    expect(readdirSync(machine.file('.')).filter((name) => name.startsWith('ekspress-exec'))).toEqual([]);
  });
});

describe('a machine on which the plugin would not be safe', () => {
  it('is refused, and nothing is changed: a policy of kuberc, a home on another machine, words that a batch file could misread', async () => {
    const [policy, network, words, unclear] = [new Machine(), new Machine(), new Machine(), new Machine()];
    words.useBatchFile();
    writeFileSync(join(policy.home, '.kube', 'kuberc'), 'credentialPluginPolicy: Allowlist\n');
    writeFileSync(join(unclear.home, '.kube', 'kuberc'), 'credentialPluginPolicy: DenyAll\n---\nkind: Preference\n');
    const far = { USERPROFILE: '\\\\server\\kim', KUBECONFIG: windowsPath(network.kubeconfig) };
    const misread = ORIGINAL.replace('--cluster-name, dev', '--cluster-name, "dev&calc"');
    writeFileSync(words.kubeconfig, misread);
    const call = (machine: Machine, more = {}) => {
      const { env, ...rest } = machine.ekspress('apply', '--all', '--yes', '--preview');
      return { ...rest, env: { ...env, ...more } };
    };
    const outcomes = await onWindows([call(policy), call(network, far), call(words), call(unclear)]);
    expect(outcomes.map(({ status }) => status)).toEqual([1, 1, 1, 1]);
    expect(outcomes[0]?.stderr).toContain('has a policy for credential plugins');
    expect(outcomes[1]?.stderr).toContain('lies on another machine');
    expect(outcomes[2]?.stderr).toContain('cmd.exe could misread the word');
    expect(outcomes[3]?.stderr).toContain('may have a policy');
    expect(readFileSync(policy.kubeconfig, 'utf8')).toBe(ORIGINAL);
    expect(readFileSync(unclear.kubeconfig, 'utf8')).toBe(ORIGINAL);
    expect(readFileSync(network.kubeconfig, 'utf8')).toBe(ORIGINAL);
    expect(readFileSync(words.kubeconfig, 'utf8')).toBe(misread);
    expect(existsSync(policy.file('.'))).toBe(false);
  });
});
