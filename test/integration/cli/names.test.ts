import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../../src/testing/index.ts';
import { MAIN, type ManagerHome, makeHome } from '../../support/cli-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { run } from '../../support/plugin-home.ts';

let eks: LocalEKS;
let home: ManagerHome;

beforeAll(async () => {
  eks = await startLocalEKS();
  home = makeHome();
  await eks.writeAWSFiles(home.path, { region: eks.region });
  home.write(eks.kubeconfig());
});
afterAll(async () => {
  home.remove();
  await eks.close();
});

describe('the name of a cluster', () => {
  it.each(['status', 'warm', 'doctor', 'token', 'apply'])(
    'names the one context of that cluster for %s, whose own name is an ARN',
    async (command) => {
      const { code, stderr } = await home.run(command, ...(command === 'apply' ? ['--dry-run'] : []), 'dev');
      expect(stderr).toBe('');
      if (command !== 'doctor') expect(code).toBe(0);
    },
  );

  it('stands in a prompt in place of an ARN, unless another context has that cluster', async () => {
    expect((await home.run('status', '--short')).stdout).toMatch(/^dev /);
    const two = home.write(eks.kubeconfig().replaceAll(`name: ${eks.clusterArn}`, 'name: dev'), 'second');
    const { stdout } = await home.runWith({ KUBECONFIG: `${home.kubeconfig}:${two}` }, 'status', '--short');
    expect(stdout).toMatch(/^arn:aws:eks:/);
  });

  it('names no context where several are for that cluster; the message lists them', async () => {
    const reader = eks.kubeconfig({ profile: 'reader' }).replaceAll(`name: ${eks.clusterArn}`, 'name: as-reader');
    const two = home.write(
      reader
        .replaceAll(`user: ${eks.clusterArn}`, 'user: as-reader')
        .replaceAll(/cluster: arn.*/g, 'cluster: as-reader'),
      'two',
    );
    const { code, stderr } = await home.runWith({ KUBECONFIG: `${home.kubeconfig}:${two}` }, 'status', 'dev');
    expect(code).toBe(1);
    expect(stderr).toContain(`2 contexts are for the cluster "dev": "${eks.clusterArn}", "as-reader".`);
  });
});

describe('the command token', () => {
  const tokenOf = async (...words: string[]) => (await home.run('token', '--raw', ...words)).stdout;

  it('takes a context, the current one without a name, and the options that name them', async () => {
    const token = await tokenOf();
    expect(token).toMatch(/^k8s-aws-v1\./);
    const others = [
      await tokenOf(eks.clusterArn),
      await tokenOf('--context', 'dev'),
      await tokenOf('--kubeconfig', home.kubeconfig),
      await tokenOf(eks.clusterName, eks.region),
    ];
    expect(others).toEqual([token, token, token, token]);
  });

  it('takes a context whose user runs a plugin that is not for EKS', async () => {
    const credential =
      '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-$X"}}';
    const other = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'other',
      clusters: [{ name: 'c', cluster: { server: eks.server } }],
      contexts: [{ name: 'other', context: { cluster: 'c', user: 'other' } }],
      users: [
        {
          name: 'other',
          user: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: 'sh',
              args: ['-c', `echo "${credential.replaceAll('"', '\\"')}"`],
              env: [{ name: 'X', value: 'the-stanza' }],
            },
          },
        },
      ],
    };
    const file = home.write(JSON.stringify(other), 'other');
    const { stdout } = await home.run('token', '--raw', '--kubeconfig', file);
    expect(stdout).toBe('from-the-stanza\n');
  });

  it('refuses a context beside a command, and a user without a command', async () => {
    expect(await home.run('token', 'dev', '--', 'aws', 'eks', 'get-token')).toMatchObject({ code: 2 });
    const fixed = home.write(eks.kubeconfig().replace(/exec:[\s\S]*/, 'token: x\n'), 'fixed');
    expect(await home.run('token', '--kubeconfig', fixed)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Context "${eks.clusterArn}" has no exec command.`),
    });
  });
});

describe('the version', () => {
  it('is shown by a command and by both options', async () => {
    const shown = await Promise.all([['version'], ['--version'], ['-V']].map((words) => home.run(...words)));
    expect(new Set(shown.map(({ stdout }) => stdout)).size).toBe(1);
    expect(shown[0]?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a mistake on the command line', () => {
  it.each([
    ['-v', `Unknown option '-v'. Did you mean "-V"?`],
    ['--hepl', `Unknown option '--hepl'. Did you mean "--help"?`],
    ['aply', `There is no command 'aply'. Did you mean "apply"?`],
    ['kube', `There is no command 'kube'. Did you mean "kubeconfig"?`],
    ['foo', `There is no command 'foo'.`],
    ['--kubeconfg FILE status', `Unknown option '--kubeconfg'. Did you mean "--kubeconfig"?`],
    ['hok', `There is no command 'hok'.`],
    ['hook bas', `hook fish, not 'bas'. Did you mean "bash"?`],
    ['hook', 'Expected hook bash, hook zsh or hook fish.'],
    ['hook bash zsh', "Unexpected argument 'zsh': give one shell."],
    ['completion tcsh', "completion fish, not 'tcsh'."],
    ['version 2', "Unexpected argument '2'"],
  ])('is answered with the nearest right word: ekspress %s', async (line, message) => {
    const { code, stderr } = await home.run(...line.split(' '));
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('the command doctor without a kubeconfig', () => {
  it('says so and checks this machine all the same', async () => {
    const { code, stdout } = await home.runWith({ KUBECONFIG: `${home.path}/none` }, 'doctor');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ context {5}\S/);
    expect(stdout).toMatch(/^. cache /m);
  });
});

describe('the completion of words', () => {
  /** A PATH with the programs that the package installs. */
  const pathWithPrograms = () => {
    const tools = join(home.path, 'tools');
    mkdirSync(tools, { recursive: true });
    const manager = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
    for (const name of ['ekspress', 'kubectl-ekspress']) writeFileSync(join(tools, name), manager, { mode: 0o755 });
    copyFileSync('bin/kubectl_complete-ekspress', join(tools, 'kubectl_complete-ekspress'));
    return `${tools}:${home.env.PATH}`;
  };
  const fish = optionalProgram('fish');
  const zsh = optionalProgram('zsh');
  const kubectl = optionalProgram('kubectl');

  it.skipIf(!fish)('shows in fish what each command means', async () => {
    const line = `ekspress completion fish | source; complete -C 'ekspress who'`;
    const { stdout } = await run([fish ?? '', '-c', line], { ...home.env, PATH: pathWithPrograms() });
    expect(stdout).toBe('whoami\tyour AWS identity, and what the cluster makes of it\n');
  });

  it.skipIf(!zsh)('gives zsh names with colons and what they mean', async () => {
    const line = [
      'compdef() { :; }',
      '_describe() { print -rl -- "${(@P)2}"; }',
      'eval "$(ekspress completion zsh)"',
      'words=(ekspress --context arn:aws:eks:us) CURRENT=3 && _ekspress',
      'words=(ekspress status --ch) CURRENT=3 && _ekspress',
    ].join('\n');
    const { stdout } = await run([zsh ?? '', '-fc', line], { ...home.env, PATH: pathWithPrograms() });
    expect(stdout).toBe(
      `${eks.clusterArn.replaceAll(':', '\\:')}\n--check:exit with 1 if a context has drifted or an applied one has lost its script (for CI)\n`,
    );
  });

  it.skipIf(!kubectl)('answers kubectl for `kubectl ekspress`', async () => {
    const { stdout } = await run([kubectl ?? '', '__complete', 'ekspress', 'apply', '--dr'], {
      ...home.env,
      PATH: pathWithPrograms(),
    });
    expect(stdout).toMatch(/^--dry-run\tshow what would change, as a diff; write nothing\n[\s\S]*:4\n$/);
  });
});

describe('a message about a command after --', () => {
  const ROLE = [
    '--',
    'aws',
    'eks',
    'get-token',
    '--cluster-name',
    'dev',
    '--role-arn',
    'arn:aws:iam::123456789012:role/a',
  ];
  it.each([
    [['--duration-seconds', '5', ...ROLE], 'Pass 900 to 43200 as --duration-seconds.'],
    [['--duration-seconds', 'an-hour', ...ROLE], '--duration-seconds takes a number, not "an-hour".'],
    [['--external-id', 'x', ...ROLE], 'The --external-id "x" is not one that STS takes.'],
    [['--session-name', '!', ...ROLE], 'The --session-name "!" is not one that STS takes.'],
    [['--external-id', 'xyz', ...ROLE.slice(0, 6)], 'Give the command a --role-arn.'],
    [['--in-process', '--', 'aws-vault', 'exec', 'work', ...ROLE.slice(0, 6)], 'Leave out --in-process.'],
    [['--', 'aws', 'eks', 'get-token', '--no-such-option'], 'Correct the command after --.'],
  ])('has the words of the command line: %j', async (words, message) => {
    const { code, stderr } = await home.run('token', ...words);
    expect([code > 0, stderr]).toEqual([true, expect.stringContaining(message)]);
    expect(stderr).not.toMatch(/externalId|sessionName|durationSeconds|roleArn|execPolicy|kubeconfig|\{/);
  });
});
