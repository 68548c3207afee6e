import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAIN, type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';

const script = process.platform === 'linux' ? optionalProgram('script') : undefined;

const NO_EKS = `apiVersion: v1
kind: Config
clusters: [{name: kind, cluster: {server: "https://kind.example"}}]
contexts: [{name: kind, context: {cluster: kind, user: kind}}]
users: [{name: kind, user: {token: EXAMPLEKEY}}]
current-context: kind
`;

let home: ManagerHome;
let team: string;
beforeEach(() => {
  home = makeHome();
  team = home.write(manyUsers(2), 'team');
});
afterEach(() => home.remove());

/** What a person sees who types this line at a terminal. */
async function atTerminal(...words: string[]): Promise<{ code: number; shown: string }> {
  const command = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ');
  const env = { ...home.env, TERM: 'xterm', SHELL: '/bin/sh', NO_COLOR: '1' };
  const ran = promisify(execFile)(script ?? '', ['-qec', `stty columns 100; ${command}`, '/dev/null'], { env });
  return ran.then(
    ({ stdout }) => ({ code: 0, shown: stdout }),
    ({ code, stdout }) => ({ code, shown: stdout }),
  );
}

describe.skipIf(script === undefined)('a line without a command', () => {
  it.each([[[]], [['--debug']]])('shows where the user stands: %j', async (words) => {
    home.write(manyUsers(1));
    const { code, shown } = await atTerminal(...words);
    expect([code, shown]).toEqual([0, expect.stringContaining('Current context: dev-0 (not applied)')]);
    expect(shown).toContain('Next: `ekspress apply`');
  });

  it('shows that for another kubeconfig, and its commands name that file', async () => {
    const { code, shown } = await atTerminal('--kubeconfig', team);
    expect([code, shown]).toEqual([0, expect.stringContaining('Current context: dev-0 (not applied)')]);
    expect(shown).toContain(`\`ekspress apply --kubeconfig ${team}\``);
  });

  it('shows that for the contexts that it names', async () => {
    const { code, shown } = await atTerminal(`--kubeconfig=${team}`, '--context', 'dev-1');
    expect([code, shown]).toEqual([0, expect.stringContaining('Context: dev-1 (not applied)')]);
    expect(shown).toContain(`\`ekspress apply dev-1 --kubeconfig ${team}\``);
    expect(shown).not.toContain('dev-0');
  });

  it.each([
    [['--context', 'dev-9'], 1, 'There is no context "dev-9"'],
    [['--kubeconfig', 'nowhere'], 1, 'There is no kubeconfig at nowhere'],
    [['--kubeconfig'], 2, '--kubeconfig needs a value.'],
    [['-o', 'json'], 2, '`ekspress status -o json`'],
    [['--', 'status'], 2, 'Name a command before --.'],
  ])('refuses what it cannot use: %j', async (words, status, message) => {
    home.write(manyUsers(1));
    const { code, shown } = await atTerminal(...words);
    expect([code, shown]).toEqual([status, expect.stringContaining(message)]);
  });

  it('leads to contexts where none gets EKS tokens', async () => {
    home.write(NO_EKS);
    expect((await atTerminal()).shown).toContain('Next: `ekspress kubeconfig` writes contexts');
  });
});

describe('a message about the contexts of a file that --kubeconfig names', () => {
  it.each([
    ['whoami', 'kind'],
    ['token', 'kind'],
    ['warm', 'kind'],
    ['apply', 'kind'],
    ['status', 'dev-0'],
    ['status'],
    ['doctor', 'kind'],
  ])('has commands that name that file: %s', async (...words) => {
    const other = home.write(NO_EKS, 'other');
    const { stdout, stderr } = await home.run(...words, '--kubeconfig', other);
    const commands = `${stdout}${stderr}`.match(/`ekspress (?:status|apply|kubeconfig|warm|doctor)\b[^`]*`/g) ?? [];
    expect(commands).not.toEqual([]);
    for (const command of commands.filter((one) => !one.includes('--help'))) {
      expect(command).toContain(` --kubeconfig ${other}\``);
    }
  });

  it('keeps the file in commands that have it already', async () => {
    const { stdout } = await home.run('apply', '--all', '--yes', '--no-compare', '--kubeconfig', team);
    expect(stdout.match(/--kubeconfig/g)).toHaveLength(1);
  });

  it('names no file where the line names none', async () => {
    home.write(NO_EKS);
    expect((await home.run('token')).stderr).toContain('`ekspress status` lists them');
  });
});

describe('the status of a kubeconfig without EKS contexts', () => {
  it('says how to get some', async () => {
    home.write(NO_EKS);
    const { code, stdout } = await home.run('status');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('there is no EKS context in this list. `ekspress kubeconfig` writes'),
    ]);
    const empty = home.write('apiVersion: v1\nkind: Config\n', 'empty');
    const { stdout: none } = await home.runWith({ KUBECONFIG: `${empty}:${empty}-too` }, 'status');
    expect(none).toContain('There are no contexts. `ekspress kubeconfig` writes');
  });

  it('says nothing of the kind where another context is one', async () => {
    home.write(manyUsers(1));
    expect((await home.run('status')).stdout).not.toContain('ekspress kubeconfig');
  });
});
