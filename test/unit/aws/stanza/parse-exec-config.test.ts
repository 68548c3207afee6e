import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAuthenticatorArguments } from '../../../../src/aws/stanza/authenticator-arguments.ts';
import { type ExecStanza, isSameConfig } from '../../../../src/aws/stanza/eks-auth-config.ts';
import { type ExecConfigOptions, isEKSExec, parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { profileInForce } from '../../../../src/aws/stanza/profile-in-force.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { PORTABLE_SCRIPT } from '../../../../src/plugin/portable-script.ts';

/** The fields of a config but the words themselves. A config has no fields of its own to compare. */
const read = (command: string, ...args: string[]): Readonly<Record<string, unknown>> => {
  const { exec: _, ...rest } = parseExecConfig({ command, args }).toJSON();
  return rest;
};

const failure = (stanza: ExecStanza): EKSAuthError => {
  try {
    parseExecConfig(stanza);
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
  }
  throw new Error('parsed');
};

describe('the stanza that `aws eks update-kubeconfig` writes', () => {
  it('says which cluster, region, profile and role', () => {
    const args = ['--region', 'us-west-2', 'eks', 'get-token', '--cluster-name', 'prod', '--output', 'json'];
    expect(read('aws', ...args)).toEqual({ clusterName: 'prod', region: 'us-west-2' });
    expect(read('aws', ...args, '--role-arn', 'arn:aws:iam::1:role/x', '--profile', 'acme')).toEqual({
      clusterName: 'prod',
      region: 'us-west-2',
      profile: 'acme',
      roleArn: 'arn:aws:iam::1:role/x',
    });
  });

  it('is kept as it was written', () => {
    const stanza = { command: '/opt/bin/aws', args: ['eks', 'get-token', '--cluster-name', 'c'], env: null };
    const { exec } = parseExecConfig(stanza);
    expect(exec.command).toBe(stanza.command);
    expect(exec.args).toEqual(stanza.args);
  });

  it('hides the values of its environment, not the names', () => {
    const env = [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'hush/hush' }];
    const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c'], env });
    for (const shown of [
      inspect(config, { depth: 9, showHidden: true }),
      JSON.stringify(config),
      `${config.exec.env}`,
    ]) {
      expect(shown).not.toContain('hush');
    }
    expect(inspect(config, { depth: 9 })).toContain('AWS_SECRET_ACCESS_KEY');
    expect(config.exec.env.get('AWS_SECRET_ACCESS_KEY')).toBe('hush/hush');
    expect(config.exec.env.toEnvironment()).toEqual({ AWS_SECRET_ACCESS_KEY: 'hush/hush' });
  });
});

describe('a config', () => {
  const stanza = {
    command: 'aws',
    args: ['--region', 'us-west-2', 'eks', 'get-token', '--cluster-name', 'prod', '--profile', 'acme'],
    env: [{ name: 'AWS_CONFIG_FILE', value: '/hush' }],
  };

  it('is shown and written as JSON with the fields that it has, the values of its variables hidden', () => {
    const config = parseExecConfig(stanza, { cliVersion: 'v1', keyEnv: ['VAULT_ADDR'] });
    expect(JSON.parse(JSON.stringify(config))).toEqual({
      clusterName: 'prod',
      region: 'us-west-2',
      profile: 'acme',
      keyEnv: ['VAULT_ADDR'],
      cliVersion: 'v1',
      exec: { command: 'aws', args: stanza.args, env: { AWS_CONFIG_FILE: '<hidden>' } },
    });
    const [line] = inspect({ config }, { breakLength: Number.POSITIVE_INFINITY, compact: true }).split('\n');
    expect(line).toBe(
      "{ config: EKSAuthConfig { clusterName: 'prod', region: 'us-west-2', profile: 'acme', keyEnv: [ 'VAULT_ADDR' ], " +
        "cliVersion: 'v1', exec: { command: 'aws', args: [Array], env: ExecEnvironment { AWS_CONFIG_FILE: <hidden> } } } }",
    );
    expect(inspect([[[config]]], { depth: 2 })).toContain('[EKSAuthConfig]');
  });

  it('can be parsed again from its own stanza, with other options or other words', () => {
    const config = parseExecConfig(stanza);
    const { exec } = config;
    expect(isSameConfig(parseExecConfig(exec), config)).toBe(true);
    expect(parseExecConfig(exec).exec.env.get('AWS_CONFIG_FILE')).toBe('/hush');
    expect(parseExecConfig(exec, { cliVersion: 'v1' })).toMatchObject({ cliVersion: 'v1', profile: 'acme' });
    expect(parseExecConfig({ ...exec, args: [...exec.args, '--profile', 'other'] }).profile).toBe('other');
  });

  it.each<[string, Partial<ExecStanza>, ExecConfigOptions?]>([
    ['another command', { command: '/opt/aws' }],
    ['another word', { args: [...stanza.args, '--debug'] }],
    ['another value of a variable', { env: [{ name: 'AWS_CONFIG_FILE', value: '/other' }] }],
    ['another variable', { env: [...stanza.env, { name: 'X', value: '' }] }],
    ['a generation of the AWS CLI', {}, { cliVersion: 'v2' }],
    ['a declared variable', {}, { keyEnv: ['X'] }],
  ])('is not the same as one with %s', (_, change, options) => {
    const config = parseExecConfig(stanza);
    expect(isSameConfig(config, parseExecConfig(stanza))).toBe(true);
    expect(isSameConfig(config, parseExecConfig({ ...stanza, ...change }, options))).toBe(false);
  });

  it.each([[['no name']], [['']], ['VAULT_ADDR'], [[1]]])('is not made with %j for names of variables', (keyEnv) => {
    const parse = () => parseExecConfig(stanza, { keyEnv: keyEnv as string[] });
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });
});

describe('the profile in force', () => {
  const aws = ['eks', 'get-token', '--cluster-name', 'c'];
  const both = { AWS_PROFILE: 'one', AWS_DEFAULT_PROFILE: 'two' };

  it.each<[string, string[], Record<string, string>, ExecConfigOptions, Record<string, string>, string | undefined]>([
    ['is that of the flag', ['--profile', 'acme'], both, {}, both, 'acme'],
    ['is that of the flag, whatever keys there are', ['--profile', 'acme'], {}, {}, { AWS_ACCESS_KEY_ID: 'A' }, 'acme'],
    ['is that of the variables where the flag is empty', ['--profile', ''], {}, {}, both, 'one'],
    ['is AWS_PROFILE for v2', [], {}, { cliVersion: 'v2' }, both, 'one'],
    ['is AWS_DEFAULT_PROFILE for v1', [], {}, { cliVersion: 'v1' }, both, 'two'],
    ['is AWS_DEFAULT_PROFILE where it stands alone', [], {}, {}, { AWS_DEFAULT_PROFILE: 'two' }, 'two'],
    ['is that of the stanza before that of the process', [], { AWS_PROFILE: 'mine' }, {}, both, 'mine'],
    ['is none where keys in the environment come first', [], {}, {}, { ...both, AWS_ACCESS_KEY_ID: 'A' }, undefined],
    ['is none where the variable is empty', [], {}, {}, { ...both, AWS_PROFILE: '' }, undefined],
    ['is none where none is named', [], {}, {}, {}, undefined],
  ])('follows the CLI: it %s', (_, more, variables, options, env, profile) => {
    const listed = Object.entries(variables).map(([name, value]) => ({ name, value }));
    const config = parseExecConfig({ command: 'aws', args: [...aws, ...more], env: listed }, options);
    expect(profileInForce(config, env)).toBe(profile);
  });
});

describe('the spellings that the AWS CLI takes', () => {
  it.each([
    ['--k=v', ['eks', 'get-token', '--cluster-name=c', '--region=r-1']],
    ['globals last', ['eks', 'get-token', '--cluster-name', 'c', '--region', 'r-1']],
    ['globals between', ['eks', '--region', 'r-1', 'get-token', '--cluster-name', 'c']],
    ['abbreviations', ['eks', 'get-token', '--cluster-na', 'c', '--reg', 'r-1']],
    ['an abbreviation with =', ['--reg=r-1', 'eks', 'get-token', '--cluster-n=c']],
    [
      'the last one wins',
      ['--region', 'x', 'eks', 'get-token', '--cluster-name', 'y', '--cluster-name', 'c', '--region', 'r-1'],
    ],
    [
      'options without effect',
      ['eks', 'get-token', '--cluster-name', 'c', '--debug', '--no-verify-ssl', '--region', 'r-1'],
    ],
    ['options of v2', ['eks', 'get-token', '--cluster-name', 'c', '--no-cli-pager', '--region', 'r-1']],
    ['options of v1', ['eks', 'get-token', '--cluster-name', 'c', '--v2-debug', '--region', 'r-1']],
  ])('are taken: %s', (_, args) => {
    expect(read('aws', ...args)).toEqual({ clusterName: 'c', region: 'r-1' });
  });

  it.each(['aws', '/usr/local/bin/aws', 'C:\\Program Files\\Amazon\\AWSCLIV2\\aws.exe', './aws', 'aws.cmd'])(
    'are refused where the CLI refuses them: %s',
    (command) => {
      expect(read(command, 'eks', 'get-token', '--cluster-name', 'c')).toEqual({ clusterName: 'c' });
    },
  );

  it('let a value begin with a dash only where it has a blank', () => {
    expect(read('aws', 'eks', 'get-token', '--cluster-name', '-a b')).toEqual({ clusterName: '-a b' });
    expect(failure({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', '-a'] }).code).toBe('INVALID_CONFIG');
  });

  it('include --cluster-id for local clusters, and --role for --role-arn', () => {
    expect(read('aws', 'eks', 'get-token', '--cluster-id', 'i', '--role', 'arn:x')).toEqual({
      clusterId: 'i',
      roleArn: 'arn:x',
    });
  });

  it('include --r, which is the region and never the role', () => {
    expect(read('aws', 'eks', 'get-token', '--cluster-name', 'c', '--r', 'r-1')).toEqual({
      clusterName: 'c',
      region: 'r-1',
    });
  });
});

describe('a wrapped EKS command', () => {
  const aws = ['aws', '--region', 'r-1', 'eks', 'get-token', '--cluster-name', 'c'];

  it.each(['k8s-token-cache', 'kcc-cache', '/opt/kubecredcache', '/home/me/.kube/ekspress/ekspress-exec'])(
    'is found behind %s',
    (command) => {
      expect(read(command, ...aws)).toEqual({ clusterName: 'c', region: 'r-1' });
    },
  );

  it.each([
    [['ekspress', 'token', '--']],
    [['C:\\npm\\ekspress.cmd', 'token', '--']],
    [['/usr/bin/node', '/usr/lib/node_modules/ekspress/dist/cli/main.js', 'token', '--']],
    [['C:\\Program Files\\nodejs\\node.exe', 'C:\\npm\\node_modules\\ekspress\\dist\\cli\\main.js', 'token', '--']],
  ])('is found behind the manager, as it is written by hand on Windows: %j', ([command = '', ...words]) => {
    expect(read(command, ...words, ...aws)).toEqual({ clusterName: 'c', region: 'r-1' });
  });

  it.each([
    [['node', '/home/me/main.js', 'token', '--']],
    [['ekspress', 'token']],
    [['ekspress', 'doctor', '--']],
    [['node']],
  ])('is not looked for behind other words: %j', ([command = '', ...words]) => {
    expect(isEKSExec({ command, args: [...words, ...aws] })).toBe(false);
  });

  it('is found behind ekspress-exec with hints of its own', () => {
    const cluster = { clusterName: 'c', region: 'r-1' };
    expect(read('ekspress-exec', '--', ...aws)).toEqual(cluster);
    expect(read('ekspress-exec', '--key-env', 'VAULT_ADDR', '--', ...aws)).toEqual({
      ...cluster,
      keyEnv: ['VAULT_ADDR'],
    });
    expect(read('ekspress-exec', '--key-env=B,A', '--key-env', 'B', ...aws)).toEqual({
      ...cluster,
      keyEnv: ['B', 'A'],
    });
  });

  it('is found behind the copy of Node that apply installs on Windows, with hints of its own', () => {
    const cluster = { clusterName: 'c', region: 'r-1' };
    const [plugin, program] = ['exe', 'cjs'].map((end) => `C:\\Users\\Kim Lee\\.kube\\ekspress\\ekspress-exec.${end}`);
    expect(read(plugin ?? '', program ?? '', ...aws)).toEqual(cluster);
    expect(read(plugin ?? '', program ?? '', '--key-env', 'VAULT_ADDR', '--', ...aws)).toEqual({
      ...cluster,
      keyEnv: ['VAULT_ADDR'],
    });
  });

  it('is not found where ekspress-exec stands before another plugin', () => {
    expect(isEKSExec({ command: 'ekspress-exec', args: ['--', 'kubelogin', ...aws] })).toBe(false);
    expect(isEKSExec({ command: 'ekspress-exec', args: ['--', 'c', 'r-1'] })).toBe(false);
    expect(isEKSExec({ command: 'ekspress-exec', args: ['--key-env', 'no name', ...aws] })).toBe(false);
  });

  it.each(['ekspress-exec', '/Users/me/.kube/eks-token-cache.sh'])(
    'is found behind %s <cluster> <region> [profile]',
    (command) => {
      expect(read(command, 'c', 'r-1')).toEqual({ clusterName: 'c', region: 'r-1' });
      expect(read(command, 'c', 'r-1', 'default')).toEqual({ clusterName: 'c', region: 'r-1' });
      expect(read(command, 'c', 'r-1', 'acme')).toEqual({ clusterName: 'c', region: 'r-1', profile: 'acme' });
      expect(failure({ command, args: ['c'] }).code).toBe('NOT_EKS');
    },
  );

  it('is found behind aws-vault, with anything before --', () => {
    expect(read('aws-vault', 'exec', '--duration=1h', 'acme', '--', ...aws)).toEqual({
      clusterName: 'c',
      region: 'r-1',
    });
    expect(read('k8s-token-cache', 'aws-vault', 'exec', 'acme', '--', ...aws)).toEqual({
      clusterName: 'c',
      region: 'r-1',
    });
    expect(failure({ command: 'aws-vault', args: ['login', 'acme'] }).code).toBe('NOT_EKS');
  });

  it('is found in the portable form of `ekspress apply`, by its very script', () => {
    const words = ['-c', PORTABLE_SCRIPT, 'ekspress'];
    expect(read('sh', ...words, ...aws)).toEqual({ clusterName: 'c', region: 'r-1' });
    expect(read('/bin/sh', ...words, 'aws-iam-authenticator', 'token', '-i', 'c')).toEqual({ clusterName: 'c' });
    expect(isEKSExec({ command: 'sh', args: ['-c', `${PORTABLE_SCRIPT} `, 'ekspress', ...aws] })).toBe(false);
    expect(isEKSExec({ command: 'sh', args: words })).toBe(false);
  });

  it('is not looked for behind an unknown wrapper', () => {
    expect(isEKSExec({ command: 'my-wrapper', args: aws })).toBe(false);
  });

  it.each<[string, ...string[]]>([
    ['op', 'plugin', 'run', '--'],
    ['/opt/homebrew/bin/op', 'plugin', 'run'],
    ['saml2aws', 'exec', '--'],
    ['saml2aws', 'exec', '--exec-profile', 'acme', '--'],
    ['aws-sso', 'exec', '--profile', 'acme', '--'],
    ['granted', 'exec', 'acme', '--'],
    ['assume', 'acme', '--exec', '--'],
    ['awsume', 'acme', '--'],
    ['aws2-wrap', '--profile', 'acme', '--exec'],
    ['docker', 'run', '--rm', '-v', '/home/me/.aws:/root/.aws', 'corp/tools'],
  ])('is found behind a program with credentials of its own: %s %s %s', (command, ...words) => {
    const stanza = { command, args: [...words, ...aws] };
    const config = parseExecConfig(stanza);
    expect(config).toMatchObject({ clusterName: 'c', region: 'r-1' });
    expect(config.command.through).toEqual([command, ...words]);
  });

  it('is found in the text of an argument, and behind an image whose entry point is aws', () => {
    expect(read('assume', 'acme', '--exec', aws.join(' '))).toEqual({ clusterName: 'c', region: 'r-1' });
    const image = ['run', '--rm', '-v', '/h/.aws:/root/.aws:ro', 'public.ecr.aws/aws-cli/aws-cli:2.36.7'];
    expect(read('docker', ...image, ...aws.slice(1))).toEqual({ clusterName: 'c', region: 'r-1' });
  });

  it.each<[string, ...string[]]>([
    ['op', 'run', '--'],
    ['saml2aws', 'login', '--'],
    ['docker', 'exec', 'box'],
    ['assume', 'acme'],
  ])('is not looked for where such a program does something else: %s %s', (command, ...words) => {
    const inside = command === 'assume' ? ['sts', 'get-caller-identity'] : aws;
    expect(isEKSExec({ command, args: [...words, ...inside] })).toBe(false);
  });

  it.each<[string, string[]]>([
    ['env', ['AWS_PROFILE=prod', 'AWS_REGION=eu-west-2', ...aws]],
    ['/usr/bin/env', ['AWS_REGION=us-east-1', 'AWS_PROFILE=prod', 'AWS_REGION=eu-west-2', ...aws]],
    ['sh', ['-c', `AWS_PROFILE=prod AWS_REGION=eu-west-2 ${aws.join(' ')}`]],
    ['/bin/sh', ['-c', `AWS_PROFILE=prod AWS_REGION=eu-west-2  exec ${aws.join(' ')} `]],
    ['ekspress-exec', ['env', 'AWS_PROFILE=prod', 'AWS_REGION=eu-west-2', ...aws]],
  ])('is seen through plain assignments, which become variables of the stanza: %s %j', (command, args) => {
    const config = parseExecConfig({ command, args, env: [{ name: 'AWS_PROFILE', value: 'dev' }] });
    expect(config).toMatchObject({ clusterName: 'c', region: 'r-1' });
    expect(config.command.through).toBeUndefined();
    expect(config.exec.env.toEnvironment()).toEqual({ AWS_PROFILE: 'prod', AWS_REGION: 'eu-west-2' });
  });

  it.each<[string, string[]]>([
    ['env', ['-i', ...aws]],
    ['env', ['-u', 'AWS_PROFILE', 'aws-vault', 'exec', 'acme', '--', ...aws]],
    ['env', ['A B=c', ...aws]],
    ['./env', aws],
    ['sh', ['-c', `${aws.join(' ')} --profile $P`]],
    ['sh', ['-c', `${aws.join(' ')}; true`]],
    ['sh', ['-c', `${aws.join(' ')} | tee x`]],
    ['sh', ['-c', `${aws.join(' ')} --profile "a b"`]],
    ['sh', ['-c', `${aws.join(' ')} --profile ~`]],
    ['sh', ['-ec', aws.join(' ')]],
    ['sh', ['-c', aws.join(' '), 'x']],
    ['bash', ['-c', aws.join(' ')]],
  ])('is not looked for where the shell or env decides more: %s %j', (command, args) => {
    expect(isEKSExec({ command, args })).toBe(false);
  });
});

describe('aws-iam-authenticator', () => {
  it.each([
    [['token', '-i', 'c', '-r', 'arn:x']],
    [['token', '-ic', '-r=arn:x']],
    [['-r', 'arn:x', 'token', '--cluster-id=c']],
    [['token', 'more', '-i', 'c', '-rarn:x', '-', '', 'words']],
    [['token', '-i', 'a', '-r', 'arn:x', '--cluster-id', 'c', '--', '-i', 'b', '--bogus']],
    [['-i', 'token', 'token', '-i', 'c', '--cache=F', '-r', 'arn:x']],
  ])('takes %s', (args) => {
    expect(read('aws-iam-authenticator', ...args)).toEqual({ clusterName: 'c', roleArn: 'arn:x' });
  });

  it('takes external id, session name and region', () => {
    const args = ['token', '-i', 'c', '-e', 'ext', '-s', 'me', '--region', 'r-1', '--cache=false', '--token-only'];
    expect(read('aws-iam-authenticator', ...args)).toEqual({
      clusterName: 'c',
      externalId: 'ext',
      sessionName: 'me',
      region: 'r-1',
    });
  });

  it('takes the cluster from the environment of the stanza', () => {
    const env = [{ name: 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID', value: 'c' }];
    expect(parseExecConfig({ command: 'aws-iam-authenticator', args: ['token'], env }).clusterName).toBe('c');
  });

  it('takes `-i=` for the cluster `=`', () => {
    expect(read('aws-iam-authenticator', 'token', '-i=')).toEqual({ clusterName: '=' });
  });

  it.each(['1', 't', 'T', 'TRUE', 'True', 'true'])('reads %s as true', (text) => {
    const args = ['token', '-i', 'c', `--cache=${text}`];
    expect(parseAuthenticatorArguments(args)?.others).toEqual(new Set(['cache']));
  });

  it('gets no token where a word before the command takes the command for its value', () => {
    expect(parseAuthenticatorArguments(['--token-only', 'token', '-i', 'c'])).toBeUndefined();
    expect(parseAuthenticatorArguments(['--', 'token', '-i', 'c'])).toBeUndefined();
  });

  it('knows no abbreviations', () => {
    const stanza = { command: 'aws-iam-authenticator', args: ['token', '--cluster', 'c'] };
    expect(failure(stanza)).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('--cluster') });
  });
});

describe('a stanza that cannot be used', () => {
  it.each<[string, string[], RegExp]>([
    ['no cluster', ['eks', 'get-token'], /names no cluster/],
    ['an empty cluster', ['eks', 'get-token', '--cluster-name', ''], /names no cluster/],
    ['both kinds of cluster', ['eks', 'get-token', '--cluster-name', 'c', '--cluster-id', 'i'], /exclude each other/],
    ['an option nobody knows', ['eks', 'get-token', '--cluster-name', 'c', '--frobnicate'], /--frobnicate/],
    ['a value too many', ['eks', 'get-token', '--cluster-name', 'c', 'd'], /a word that belongs to no option/],
    ['an ambiguous abbreviation', ['eks', 'get-token', '--cluster', 'c'], /--cluster could be/],
    ['an option without its value', ['eks', 'get-token', '--cluster-name'], /wants a value/],
    ['a flag with a value', ['eks', 'get-token', '--cluster-name', 'c', '--debug=1'], /takes no value/],
    ['an unknown output', ['eks', 'get-token', '--cluster-name', 'c', '--output', 'xml'], /--output is none of/],
    [
      'a token that no cluster accepts',
      ['eks', 'get-token', '--cluster-name', 'c', '--no-sign-request'],
      /no cluster accepts/,
    ],
  ])('is refused: %s', (_, args, message) => {
    const error = failure({ command: 'aws', args });
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(/kubeconfig/);
    expect(isEKSExec({ command: 'aws', args })).toBe(true);
  });

  it('is not quoted at any length, nor are the words that may be secrets', () => {
    const args = ['eks', 'get-token', '--cluster-name', 'c', 'hush', `--${'x'.repeat(5_000)}=hush`];
    for (const stanza of [
      { command: 'aws', args },
      { command: `hush${'x'.repeat(5_000)}`, args: [] },
    ]) {
      const { message } = failure(stanza);
      expect(message.length).toBeLessThan(300);
      if (stanza.args.length > 0) expect(message).not.toContain('hush');
    }
  });

  it.each([
    ['aws', ['sts', 'get-caller-identity']],
    ['aws', ['--version', 'eks', 'get-token', '--cluster-name', 'c']],
    ['aws', ['eks', 'describe-cluster', '--name', 'c']],
    ['aws', []],
    ['gke-gcloud-auth-plugin', []],
    ['aws-iam-authenticator', ['verify']],
  ])('is refused for %s %s, which gets no EKS tokens', (command, args) => {
    expect(failure({ command, args })).toMatchObject({ code: 'NOT_EKS', remedy: expect.stringContaining('aws eks') });
    expect(isEKSExec({ command, args })).toBe(false);
  });
});
