import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from '../../../src/testing/index.ts';
import { MAIN, type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { expectOwnWords } from '../../support/own-words.ts';
import { NOWHERE } from '../../support/paths.ts';

const ROLE = 'arn:aws:iam::123456789012:role/eks-admin';

let aws: LocalAWS;
let eks: LocalEKS;
let home: ManagerHome;

beforeEach(async () => {
  aws = await startLocalAWS({ roles: { [ROLE]: { groups: ['system:masters'] } } });
  eks = await startLocalEKS({ aws });
  const proxy = await aws.startProxy();
  home = makeHome({ HTTPS_PROXY: proxy.url });
  home.env.AWS_CA_BUNDLE = join(home.path, 'ca.pem');
  writeFileSync(home.env.AWS_CA_BUNDLE, aws.certificateAuthority);
  await eks.writeAWSFiles(home.path, { region: eks.region });
});
afterEach(async () => {
  home.remove();
  await eks.close();
  await aws.close();
});

const parsed = async (...args: string[]) => {
  const { stdout } = await home.run(...args, '-o', 'json');
  return JSON.parse(stdout);
};

describe('the command status', () => {
  it('never mints and sends nothing', async () => {
    home.write(eks.kubeconfig({ roleArn: ROLE }));
    expect(await parsed('status')).toMatchObject({
      schema: 'ekspress.status/1',
      kubeconfig: [home.kubeconfig],
      contexts: [
        { name: eks.clusterArn, current: true, account: '123456789012', roleArn: ROLE, token: { state: 'none' } },
      ],
    });
    expect([aws.calls, eks.requests]).toEqual([[], []]);
    expect(existsSync(join(home.path, '.kube', 'cache'))).toBe(false);
  });

  it('names the profile that a token would be made with', async () => {
    home.write(eks.kubeconfig());
    const profileWith = async (env: Record<string, string>) => {
      const { stdout } = await home.runWith(env, 'status', '-o', 'json');
      return JSON.parse(stdout).contexts[0].profile;
    };
    expect(await profileWith({})).toBeNull();
    expect(await profileWith({ AWS_PROFILE: 'admin' })).toBe('admin');
    expect(await profileWith({ AWS_PROFILE: 'admin', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' })).toBeNull();
  });

  it('prints what docs/status-schema.md says, no field more or less', async () => {
    home.write(eks.kubeconfig({ profile: 'admin' }));
    await home.run('warm');
    const value = await parsed('status');
    const page = readFileSync('docs/status-schema.md', 'utf8');
    const documented = [...page.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    const [context] = value.contexts;
    const printed = [
      ...Object.keys(value).filter((key) => key !== 'contexts' && key !== 'script'),
      ...Object.keys(value.script).map((key) => `script.${key}`),
      ...Object.keys(context)
        .filter((key) => key !== 'token')
        .map((key) => `contexts[].${key}`),
      'contexts[].token',
      ...[...Object.keys(context.token), 'reason'].map((key) => `contexts[].token.${key}`),
    ];
    const full = documented.map((name, index) =>
      name.startsWith('.') ? `${prefixOf(documented, index)}${name}` : name,
    );
    expect(new Set(full)).toEqual(new Set(printed));
  });

  it('says the same as YAML', async () => {
    home.write(eks.kubeconfig());
    const { stdout } = await home.run('-o', 'yaml', 'status');
    expect(stdout).toContain('schema: ekspress.status/1\n');
    expect(stdout).toContain(`  - name: ${eks.clusterArn}\n`);
  });

  it('names the context that points to a missing cluster or user, and continues', async () => {
    home.write(manyUsers(2).replace('cluster: dev-1, user', 'cluster: gone, user'));
    const { stdout, code } = await home.run('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/dev-1 +invalid/);
    expect(stdout).toContain('There is no cluster "gone"');
  });

  it('continues with --watch until Ctrl-C, one JSON object on each line', async () => {
    home.write(eks.kubeconfig());
    const child = home.start('status', '--watch', '-o', 'json');
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line)).contexts).toHaveLength(1);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});

describe('the command warm', () => {
  it('makes a token for each cluster with one call for the identity behind them; kubectl and status find them', async () => {
    const stanza = (name: string) => eks.kubeconfig({ roleArn: ROLE }).replace(/^ {6}- dev$/m, `      - ${name}`);
    const files = ['dev', 'two', 'three'].map((name) =>
      home.write(stanza(name).replaceAll(eks.clusterArn, name), name),
    );
    const env = { KUBECONFIG: files.join(':') };
    const { code, stdout, stderr } = await home.runWith(env, 'warm');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/✓/g)).toHaveLength(3);
    expect(aws.count('AssumeRole')).toBe(1);
    const again = await home.runWith(env, 'warm', 'two');
    expect(again.stdout).toContain('was there');
    const status = JSON.parse((await home.runWith(env, 'status', '-o', 'json')).stdout);
    expect(status.contexts.map((one: { token: { state: string } }) => one.token.state)).toEqual([
      'valid',
      'valid',
      'valid',
    ]);
  });

  it('reports what fails and why, and mints the others', async () => {
    home.write(
      manyUsers(3).replace(
        /get-token, --cluster-name, (dev-[12])/g,
        'get-token, --profile, nobody, --cluster-name, $1',
      ),
    );
    const { code, stdout } = await home.run('warm');
    expect(code).toBe(1);
    expect(stdout).toContain('✓ dev-0');
    expect(stdout).toContain('✗ dev-1, dev-2: The AWS profile "nobody" is in none of the AWS files: ');
    expect(await parsed('warm')).toMatchObject([
      { context: 'dev-0', source: 'cache' },
      { context: 'dev-1', error: { code: expect.any(String), remedy: expect.any(String) } },
      { context: 'dev-2' },
    ]);
    const { stdout: status } = await home.run('status');
    expect(status).toMatch(/dev-2 +not applied +none +broken/);
    expect(status).toContain('! dev-1, dev-2: The AWS profile "nobody" is in none of the AWS files: ');
    const { stdout: checked } = await home.run('doctor', 'dev-1');
    expect(checked.match(/"nobody" is in none of the AWS files/g)).toHaveLength(1);
    expect(checked).toContain('✗ credentials there are none: see sign-in\n');
  });

  it('keeps the process with --watch until Ctrl-C', async () => {
    home.write(manyUsers(1));
    const child = home.start('warm', '--watch');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});

describe('the command doctor', () => {
  const find = (findings: { check: string; result: string; message: string; remedy?: string }[], check: string) =>
    findings.filter((finding) => finding.check === check);

  it('reports no trouble where there is none', async () => {
    home.write(eks.kubeconfig());
    await home.runWith({ PATH: home.pathWith('aws', 'exit 1') }, 'apply', '--all', '--yes');
    const { code, stdout } = await home.run('doctor');
    expect([code, stdout]).toEqual([0, expect.not.stringMatching(/[✗!]/)]);
    const { findings } = await parsed('doctor');
    expect(find(findings, 'credentials')[0]).toMatchObject({
      result: 'ok',
      message: expect.stringContaining(`AWS knows you as ${eks.identities.admin.arn}`),
    });
    expect(find(findings, 'access')[0]?.message).toContain(`the API server knows you as ${eks.identities.admin.arn}`);
    expect(find(findings, 'credentials')[1]?.message).toMatch(
      /^the clock of this machine is \d+s (ahead of|behind) AWS$/,
    );
    expect(existsSync(join(home.path, '.kube', 'cache', 'eks-tokens'))).toBe(false);
  });

  it('tells a cluster that does not know the identity from credentials that AWS refuses', async () => {
    home.write(eks.kubeconfig());
    aws.revoke(eks.identities.admin.accessKeyId);
    const { findings } = await parsed('doctor');
    expect(find(findings, 'credentials')[0]).toMatchObject({
      result: 'failure',
      message: expect.stringContaining('refuses the credentials'),
    });
    expect(find(findings, 'access')[0]).toMatchObject({
      result: 'failure',
      remedy: expect.stringContaining('create-access-entry'),
    });
    expect(find(findings, 'server')[0]?.result).toBe('ok');
  });

  it('works offline with what this machine can tell', async () => {
    home.write(eks.kubeconfig({ server: 'https://127.0.0.1:1' }));
    home.env.HTTPS_PROXY = 'http://127.0.0.1:1';
    const cache = join(home.path, '.kube', 'cache', 'eks-tokens');
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    writeFileSync(join(cache, 'x.json.lock'), '');
    utimesSync(join(cache, 'x.json.lock'), 1_700_000_000, 1_700_000_000);
    const { code, stdout } = await home.run('doctor');
    expect(code).toBe(1);
    const { findings } = await parsed('doctor');
    expect(find(findings, 'credentials')[0]).toMatchObject({
      result: 'failure',
      remedy: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(find(findings, 'server')[0]?.message).toContain('ECONNREFUSED');
    expect(find(findings, 'cache')[0]).toMatchObject({
      result: 'warning',
      remedy: expect.stringContaining('chmod 700'),
    });
    expect(find(findings, 'locks')[0]?.message).toContain('is left over, since 2023-11-14T22:13');
    expect(stdout).not.toMatch(/k8s-aws-v1|aws_secret/);
  });

  it('says that keys in the environment take precedence over the profile of the kubeconfig, and so does status', async () => {
    home.write(eks.kubeconfig({ profile: 'reader' }));
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY' };
    const word = 'AWS_ACCESS_KEY_ID takes precedence over the profile reader';
    const { findings } = JSON.parse((await home.runWith(keys, 'doctor', '-o', 'json')).stdout);
    expect(find(findings, 'sign-in')[0]).toMatchObject({
      result: 'warning',
      message: 'credentials come from the AWS_… variables of the environment, not from the profile reader',
    });
    expect((await home.runWith(keys, 'status')).stdout).toContain(word);
    expect((await home.run('status')).stdout).not.toContain(word);
  });

  it('misses a program that an applied context runs, also where it is not the AWS CLI', async () => {
    const wrapper = join(home.path, 'my-wrapper');
    writeFileSync(wrapper, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    home.write(eks.kubeconfig().replace(/command: .*/, `command: ${wrapper}`));
    expect(JSON.stringify((await parsed('doctor')).findings)).not.toContain('get no new tokens');
    expect((await home.run('apply', 'dev', '--no-compare')).code).toBe(0);
    rmSync(wrapper);
    expect(find((await parsed('doctor')).findings, 'path')).toMatchObject([
      { result: 'warning', message: `${wrapper} does not exist: its contexts get no new tokens` },
    ]);
  });

  it('knows when an SSO login ended, and the command that renews it', async () => {
    const start = 'sso_start_url = https://local.awsapps.com/start\nsso_region = us-east-1';
    appendFileSync(
      join(home.path, '.aws', 'config'),
      `[profile acme]\n${start}\nsso_account_id = 123456789012\nsso_role_name = x\nregion = us-east-1\n`,
    );
    await aws.ssoLogin(home.path, { expiresInSeconds: -60 });
    home.write(eks.kubeconfig({ profile: 'acme' }));
    const { findings } = await parsed('doctor');
    expect(find(findings, 'sign-in')[0]).toMatchObject({
      result: 'failure',
      message: expect.stringMatching(/SSO login of acme ended/),
      remedy: 'Run `aws sso login --profile acme`.',
    });
    await aws.ssoLogin(home.path, { expiresInSeconds: 7200 });
    expect(find((await parsed('doctor')).findings, 'sign-in')[0]?.message).toMatch(/ends in 1h 59m|ends in 2h 00m/);
  });
});

describe('the command cache', () => {
  it('lists without tokens, clears by context, by profile and all, and says where it is', async () => {
    const directory = join(home.path, '.kube', 'cache', 'eks-tokens');
    expect((await home.run('cache', 'path')).stdout).toBe(`${directory}\n`);
    expect((await home.run('cache', 'list')).stdout).toContain('No tokens');
    home.write(manyUsers(3).replace('--cluster-name, dev-2', '--profile, reader, --cluster-name, dev-2'));
    await home.run('warm');
    const { stdout } = await home.run('cache', 'list');
    expect(stdout).toMatch(/dev-2 +us-east-1 +reader +valid/);
    expect(stdout).not.toContain('k8s-aws-v1');
    const files = () => readdirSync(directory).filter((name) => name.endsWith('.json'));
    expect((await home.run('cache', 'clear', 'dev-0')).stdout).toContain('1 token forgotten');
    expect(files()).toHaveLength(2);
    await home.run('cache', 'clear', '--profile', 'reader');
    expect(files()).toEqual([expect.stringContaining('dev-1')]);
    await home.run('cache', 'clear');
    expect(files()).toEqual([]);
    expect((await home.run('cache', 'gc')).code).toBe(0);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('removes with clear what lies beside an entry, nothing of other entries, and failures that lie alone', async () => {
    const directory = join(home.path, '.kube', 'cache', 'eks-tokens');
    home.write(manyUsers(2));
    await home.run('warm');
    const notes = ['busy', 'renew1795314495', 'asked0', 'asked7', 'error'];
    const text = (note: string) =>
      ({ b: '1\n', r: '1\n', a: '1 2 3 kubectl\n', e: '{"error":"x","until":"' })[note[0] ?? ''] ?? '';
    const besides = ['dev-0_us-east-1.json', 'dev-1_us-east-1.json', 'gone_us-east-1.json', 'package.json'];
    for (const note of notes) {
      for (const entry of besides) {
        writeFileSync(join(directory, `${entry}.${note}`), entry === 'package.json' ? 'mine' : text(note));
      }
    }
    await home.run('cache', 'clear', 'dev-0');
    const left = readdirSync(directory).filter((name) => name.includes('.json'));
    const kept = (entry: string) => notes.map((note) => `${entry}.${note}`);
    expect(left.sort()).toEqual(
      ['dev-1_us-east-1.json', ...kept('dev-1_us-east-1.json'), ...kept('package.json')].sort(),
    );
  });

  it('leaves foreign files alone with clear', async () => {
    const directory = join(home.path, 'mine');
    mkdirSync(directory);
    writeFileSync(join(directory, 'package.json'), '{}');
    await home.runWith({ EKS_TOKEN_CACHE_DIR: directory }, 'cache', 'clear');
    expect(readdirSync(directory)).toEqual(['package.json']);
  });
});

describe('the command token', () => {
  it('says once why there is no token; the log is for --debug', async () => {
    const env = {
      AWS_SHARED_CREDENTIALS_FILE: NOWHERE,
      AWS_CONFIG_FILE: NOWHERE,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const { code, stdout, stderr } = await home.runWith(env, 'token', 'dev', 'us-east-1');
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^ekspress: NO_CREDENTIALS: There are no AWS credentials.*\n {2}\S.*\n$/),
    ]);
    const debugged = await home.runWith(env, 'token', 'dev', 'us-east-1', '--debug');
    expect(debugged.stderr).toContain(
      '[WARN] no new token {"cluster":"cluster dev in us-east-1","code":"NO_CREDENTIALS"',
    );
  });

  it('says what a cluster will object to', async () => {
    const { code, stderr } = await home.runWith(
      { AWS_ENDPOINT_URL_STS: 'http://sts.example' },
      'token',
      'dev',
      'us-east-1',
    );
    expect([code, stderr]).toEqual([
      0,
      'ekspress: an EKS cluster will refuse this token: EKS takes only https addresses of STS\n',
    ]);
  });

  it('prints the ExecCredential, or with --raw the token alone, for the words of an `aws` command and for a wrapped one', async () => {
    const credential = JSON.parse((await home.run('token', eks.clusterName, eks.region)).stdout);
    expect(credential).toMatchObject({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1' });
    const raw = await home.run(
      'token',
      '--raw',
      '--',
      'aws',
      'eks',
      'get-token',
      '--cluster-name',
      eks.clusterName,
      '--region',
      eks.region,
    );
    expect(raw.stdout.trim()).toBe(credential.status.token);
  });
});

describe.each(['bash', 'zsh', 'fish'].map((shell) => ({ shell, program: optionalProgram(shell) })))(
  'the shell integration in $shell',
  ({ shell, program = '' }) => {
    beforeEach((test) => test.skip(program === '', `no ${shell}`));

    /** A shell with `ekspress` and a stand-in for `aws` on its PATH. */
    const inShell = (script: string) => {
      const tools = join(home.path, 'tools');
      mkdirSync(tools, { recursive: true });
      writeFileSync(join(tools, 'ekspress'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o755 });
      writeFileSync(join(tools, 'aws'), '#!/bin/sh\necho "aws $*"\ncase $* in *fail*) exit 7 ;; esac\n', {
        mode: 0o755,
      });
      const load = shell === 'fish' ? 'ekspress hook fish | source' : `eval "$(ekspress hook ${shell})"`;
      const { status, stdout, stderr } = spawnSync(program, ['-c', `${load}\n${script}`], {
        env: { ...home.env, PATH: `${tools}:${home.env.PATH}` },
        encoding: 'utf8',
      });
      expectOwnWords(stderr);
      return { status, stdout, stderr };
    };
    const files = () =>
      readdirSync(join(home.path, '.kube', 'cache', 'eks-tokens')).filter((name) => name.endsWith('.json'));

    it('drops the tokens of a profile at its login and no others; everything else of aws is as before', async () => {
      home.write(manyUsers(2).replace('--cluster-name, dev-1', '--profile, reader, --cluster-name, dev-1'));
      await home.run('warm');
      expect(inShell('aws s3 ls --profile reader')).toEqual({
        status: 0,
        stdout: 'aws s3 ls --profile reader\n',
        stderr: '',
      });
      expect(inShell('aws sso login --profile reader fail').status).toBe(7);
      expect(files()).toHaveLength(2);
      expect(inShell('aws sso login --profile reader')).toEqual({
        status: 0,
        stdout: 'aws sso login --profile reader\n',
        stderr: '',
      });
      expect(files()).toEqual([expect.stringContaining('dev-0')]);
      expect(inShell('aws --region us-east-1 configure set region x').status).toBe(0);
      expect(files()).toEqual([]);
    });

    it('completes commands, options and context names, ARNs too', async () => {
      home.write(eks.kubeconfig());
      if (shell !== 'bash') {
        expect(inShell(`ekspress completion ${shell} | '${program}' -n`).status).toBe(0);
        return;
      }
      const complete = (line: string) =>
        inShell(
          `eval "$(ekspress completion bash)"; COMP_LINE='${line}' COMP_POINT=${line.length}; _ekspress; printf '%s\\n' "\${COMPREPLY[@]}"`,
        )
          .stdout.trim()
          .split('\n');
      expect(complete('ekspress app')).toEqual(['apply']);
      expect(complete('ekspress apply --dr')).toEqual(['--dry-run']);
      expect(complete('ekspress status -o ')).toEqual(['table', 'json', 'yaml']);
      expect(complete('ekspress mcp --no')).toEqual(['--no-describe-cluster']);
      expect(complete('ekspress mcp --kube')).toEqual(['']);
      expect(complete('ekspress cache ')).toEqual(['list', 'clear', 'gc', 'path']);
      expect(complete(`ekspress warm --kubeconfig ${home.path}/none arn`)).toEqual(['']);
      expect(complete('ekspress --context arn:aws:eks:us')).toEqual([eks.clusterArn.slice('arn:aws:eks:'.length)]);
      expect(complete('ekspress apply arn:aws:eks:us')).toEqual([eks.clusterArn.slice('arn:aws:eks:'.length)]);
      expect(complete('ekspress revert arn:aws:eks:us')).toEqual(['']);
      expect(complete('ekspress revert --context arn:aws:eks:us')).toEqual(['']);
      expect(complete(`ekspress apply ${eks.clusterArn} arn:`)).toEqual(['']);
    });
  },
);

describe('the help of ekspress', () => {
  it('lists every command, and each explains itself by the options that a shell offers for it', async () => {
    const { stdout } = await home.run('--help');
    const commands =
      stdout
        .split('Global options')[0]
        ?.match(/^ {2}[a-z-]+/gm)
        ?.map((name) => name.trim()) ?? [];
    expect(commands).toEqual(expect.arrayContaining(['status', 'apply', 'cache', 'mcp', 'demo']));
    const helps = await Promise.all(commands.map((command) => home.run(command, '--help')));
    const offered = await Promise.all(commands.map((command) => home.run('completion', 'words', '--', command, '--')));
    for (const [index, { code, stdout: text }] of helps.entries()) {
      expect([code, text]).toEqual([0, expect.stringContaining(`ekspress ${commands[index]}: `)]);
      const explained = [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name);
      expect(offered[index]?.stdout.trim().split('\n').sort()).toEqual(explained.sort());
      expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
    }
  });

  it('is shown with a usage error where there is no command', async () => {
    expect(await home.run()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('  revert ') });
  });
});

/** `.name` stands for what the cell before it begins with. */
function prefixOf(names: readonly string[], index: number): string {
  const before = names.slice(0, index).findLast((name) => !name.startsWith('.')) ?? '';
  return before.slice(0, before.lastIndexOf('.'));
}
