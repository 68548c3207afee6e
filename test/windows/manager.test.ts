import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from '../../src/testing/index.ts';
import { execOf } from '../support/kubeconfig-judge.ts';
import { Machine, ORIGINAL, one } from '../support/windows-machine.ts';
import { onWindows, type WindowsProgram, windowsPath } from '../support/wine.ts';

const SSO = [
  '[profile acme]',
  ...['sso_start_url = https://local.awsapps.com/start', 'sso_region = us-east-1', 'sso_account_id = 123456789012'],
  ...['sso_role_name = x', 'region = us-east-1', ''],
].join('\n');

let machine: Machine;
let aws: LocalAWS;
let eks: LocalEKS;
let reached: Record<string, string>;

beforeAll(async () => {
  aws = await startLocalAWS();
  eks = await startLocalEKS({ aws });
  const proxy = await aws.startProxy();
  machine = new Machine();
  const bundle = join(machine.root, 'ca.pem');
  writeFileSync(bundle, aws.certificateAuthority);
  reached = { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: windowsPath(bundle) };
  await eks.writeAWSFiles(machine.home, { region: eks.region });
  appendFileSync(join(machine.home, '.aws', 'config'), SSO);
});
afterAll(async () => {
  await eks.close();
  await aws.close();
});

/** The manager, which reaches the local AWS under the real names. */
function manager(...args: string[]): WindowsProgram {
  const { env, ...call } = machine.ekspress(...args);
  return { ...call, env: { ...env, ...reached } };
}

/** A kubeconfig of the local cluster, with a user of a profile. */
function useProfile(profile: string): void {
  const words = ['--region', eks.region, 'eks', 'get-token', '--cluster-name', eks.clusterName, '--profile', profile];
  const cluster = { server: eks.server, 'certificate-authority-data': eks.certificateAuthorityData };
  const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws', args: words };
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'dev' },
    clusters: [{ name: eks.clusterArn, cluster }],
    contexts: [{ name: 'dev', context: { cluster: eks.clusterArn, user: 'dev' } }],
    users: [{ name: 'dev', user: { exec } }],
  };
  writeFileSync(machine.kubeconfig, JSON.stringify(config));
}

describe('the manager on Windows', () => {
  it('writes contexts for the clusters of an account, behind --preview, and takes them back', async () => {
    rmSync(machine.kubeconfig);
    const words = ['kubeconfig', '--yes', '--profile', 'admin', '--region', eks.region, '--endpoint', '127.0.0.1'];
    const [refused, written, status] = await onWindows([
      manager(...words),
      manager(...words, '--preview'),
      manager('status', '-o', 'json'),
    ]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('`ekspress kubeconfig --preview`') });
    expect(written, written?.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(status?.stdout ?? '').contexts).toMatchObject([{ state: 'applied', cluster: eks.clusterName }]);
    const { command, args } = execOf(readFileSync(machine.kubeconfig, 'utf8'), eks.clusterName);
    expect(command).toBe(windowsPath(machine.file('ekspress-exec.exe')));
    expect(args?.slice(0, 2)).toEqual([windowsPath(machine.file('ekspress-exec.cjs')), 'aws']);
    const outcome = await one(manager('revert', '--all', '--yes'));
    expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
    expect(execOf(readFileSync(machine.kubeconfig, 'utf8'), eks.clusterName).command).toBe('aws');
  });

  it('says who a context is, to AWS and to the cluster, and finds nothing wrong with it', async () => {
    useProfile('admin');
    const [whoami, doctor] = await onWindows([manager('whoami', '-o', 'json'), manager('doctor', '--timeout', '20')]);
    expect(whoami, whoami?.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(whoami?.stdout ?? '')).toMatchObject({
      aws: { arn: 'arn:aws:iam::123456789012:user/admin' },
      kubernetes: { username: 'arn:aws:iam::123456789012:user/admin' },
    });
    expect(doctor?.stdout).toContain('admin');
    expect(doctor?.stdout).not.toMatch(/~[\\/]|ENOENT|undefined/);
  });

  it('runs the login that a context lacks', async () => {
    useProfile('acme');
    const hook = join(machine.bin, 'aws.cjs');
    const tell = `require('node:fs').writeFileSync(__dirname + '/calls', process.argv.slice(1).join(' '))`;
    writeFileSync(hook, `if (process.execPath.endsWith('aws.exe')) { ${tell}; process.exit(0); }`);
    const { env, ...call } = manager('login', '--yes');
    const outcome = await one({
      ...call,
      env: { ...env, NODE_OPTIONS: `--require "${windowsPath(hook).replaceAll('\\', '/')}"` },
    });
    expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
    expect(outcome.stdout).toContain('logged in: acme');
    expect(readFileSync(join(machine.bin, 'calls'), 'utf8')).toMatch(/sso login --profile acme$/);
  });

  it('names commands of Windows in what it advises, and paths that cmd.exe knows', async () => {
    writeFileSync(machine.kubeconfig, ORIGINAL);
    writeFileSync(`${machine.kubeconfig}.lock`, 'kubectl');
    const locked = await one(manager('apply', '--all', '--yes', '--preview', '--no-compare'));
    expect(locked.stderr).toContain(`\`del "${windowsPath(machine.kubeconfig)}.lock"\``);
    rmSync(`${machine.kubeconfig}.lock`);
  });
});
