import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome } from '../support/cli-home.ts';

const ACCOUNTS = ['111111111111', '222222222222', '333333333333'] as const;
const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-2'] as const;
const roleOf = (account: string) => `arn:aws:iam::${account}:role/reader`;
/** An account that does not trust these credentials. */
const CLOSED = roleOf('999999999999');

let aws: LocalAWS;
let home: ManagerHome;

beforeEach(async () => {
  aws = await startLocalAWS({ roles: Object.fromEntries(ACCOUNTS.map((account) => [roleOf(account), {}])) });
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  home = makeHome({
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
});
afterEach(async () => {
  home.remove();
  await aws.close();
});

const add = (account: string, region: string, name: string, id = `${name}${account}`) =>
  aws.addCluster({
    ...{ name, region, accountId: account, certificateAuthorityData: 'Q0E=' },
    server: `https://${id.toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
  });

/** 30 clusters in 3 accounts and 4 regions. `main` is in all twelve. */
function addThirty(): void {
  for (const account of ACCOUNTS) {
    for (const region of REGIONS) add(account, region, 'main', `main${account}${region}`);
    for (let number = 0; number < 6; number += 1) add(account, REGIONS[number % 4] ?? '', `c${number}-${account[0]}`);
  }
}
// The AWS CLI prints lists with tabs.
const everywhere = (...roles: string[]) => ['--role-arn', roles.join(','), '--region', REGIONS.join('\t')];
const ALL = everywhere(...ACCOUNTS.map(roleOf));
const written = async (...args: string[]) => {
  const ran = await home.run('kubeconfig', '-o', 'json', '--yes', ...args);
  return { code: ran.code, stderr: ran.stderr, ...JSON.parse(ran.stdout) };
};
const names = (contexts: readonly { context: string }[]) => contexts.map(({ context }) => context);
const states = async () => {
  const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout);
  return contexts.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`);
};

describe('the command kubeconfig', () => {
  it('writes 30 clusters of 3 accounts and 4 regions under short names of their own, through ekspress', async () => {
    addThirty();
    const first = await written(...ALL);
    expect(first.code).toBe(0);
    expect(new Set(names(first.added)).size).toBe(30);
    expect(names(first.added)).toContain('c3-2');
    expect(names(first.added)).toContain('main.eu-west-1.222222222222');
    expect(new Set(await states()).size).toBe(30);
    for (const line of await states()) expect(line).toMatch(/ applied$/);
    const text = home.read();
    // Again: nothing changes, not a byte.
    const again = await written(...ALL);
    expect([again.added, again.updated, again.removed, again.kept.length]).toEqual([[], [], [], 30]);
    expect(home.read()).toBe(text);
  });

  it('reads all pages of a region with 130 clusters', async () => {
    for (let number = 0; number < 130; number += 1) add(ACCOUNTS[0], 'us-east-1', `c${number}`);
    const { added } = await written('--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1');
    expect(added.length).toBe(130);
  });

  it('says with which of its options a cluster is written whose endpoint is not one of EKS', async () => {
    const at = { name: 'dev', region: 'us-east-1', accountId: ACCOUNTS[0], certificateAuthorityData: 'Q0E=' };
    aws.addCluster({ ...at, server: 'https://dev.private.example' });
    const line = ['kubeconfig', '--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1', '--yes'];
    const { code, stderr } = await home.run(...line);
    expect([code, stderr]).toEqual([1, expect.stringContaining('add --endpoint dev.private.example.')]);
    expect(stderr).not.toContain('{');
    expect((await home.run(...line, '--endpoint', 'dev.private.example')).code).toBe(0);
  });

  it('says that version 1 of the AWS CLI does not read the region that is set', async () => {
    const env = {
      AWS_REGION: 'us-east-1',
      PATH: home.pathWith('aws', 'echo aws-cli/1.45.11 Python/3.11.7 botocore/1.43.11'),
    };
    const { code, stderr } = await home.runWith(env, 'kubeconfig', '--yes');
    expect([code, stderr]).toEqual([2, expect.stringContaining('version 1 of the AWS CLI does not read AWS_REGION')]);
    expect((await home.runWith({ PATH: env.PATH }, 'kubeconfig', '--yes')).stderr).not.toContain('AWS_REGION');
  });

  it('goes on where an account cannot be read, says which one, and exits with 1', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    const ran = await home.run(
      ...['kubeconfig', '--yes', '--role-arn', `${CLOSED},${roleOf(ACCOUNTS[0])}`, '--region', 'us-east-1'],
    );
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('+  dev');
    expect(ran.stderr).toContain(`not read: ${CLOSED} us-east-1\n`);
    expect(ran.stderr).toContain('ACCESS_DENIED');
    expect(await states()).toEqual(['dev applied']);
  });

  it('gives the original command back by revert, as aws eks update-kubeconfig would have written it', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    await home.run('kubeconfig', '--yes', '--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1');
    expect(home.read()).toContain(home.script);
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    const text = home.read();
    expect(text).not.toContain('ekspress');
    for (const line of ['command: aws', '- --cluster-name', `- ${roleOf(ACCOUNTS[0])}`]) expect(text).toContain(line);
    expect(await states()).toEqual(['dev not-applied']);
    // What was reverted stays reverted.
    const again = await written('--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1');
    expect(names(again.kept)).toEqual(['dev']);
    expect(await states()).toEqual(['dev not-applied']);
  });

  it('asks before it writes; without a terminal and --yes it shows the changes and refuses', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    const ran = await home.run('kubeconfig', '--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1');
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(
      /^ +CONTEXT[\s\S]+\n\+ {2}dev [\s\S]+nothing was written to ~\/\.kube\/config: give --yes, or --dry-run/,
    );
    expect(existsSync(home.kubeconfig)).toBe(false);
  });

  it('names the command that chooses a context of a new file of several, in that file', async () => {
    for (const name of ['dev', 'prod']) add(ACCOUNTS[0], 'us-east-1', name);
    const file = join(home.path, 'our team.yaml');
    const found = ['kubeconfig', '--yes', '--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1'];
    const ran = await home.run(...found, '--kubeconfig', file);
    expect(ran.stdout).toContain(
      `No context is the current one. Choose one: kubectl config use-context dev --kubeconfig '${file}'\n`,
    );
    expect(ran.stderr).not.toContain('lies outside');
  });

  it('shows a diff with --dry-run, and writes nothing', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    const ran = await home.run('kubeconfig', '--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1', '--dry-run');
    expect(ran.stdout).toContain('+- context:');
    expect(ran.stdout).toContain('certificate-authority-data: ‹hidden›');
    expect(existsSync(home.kubeconfig)).toBe(false);
    expect(existsSync(home.script)).toBe(false);
  });

  it('changes no context of another origin, and adds none for a cluster and identity that is there', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    add(ACCOUNTS[0], 'us-east-1', 'kind');
    const role = roleOf(ACCOUNTS[0]);
    const mine = [
      '# mine',
      'apiVersion: v1',
      'clusters:',
      `- {name: theirs, cluster: {server: "https://DEV${ACCOUNTS[0]}.gr7.us-east-1.eks.amazonaws.com", certificate-authority-data: Q0E=}}`,
      '- {name: kind, cluster: {server: "https://127.0.0.1:1"}}',
      'contexts:',
      '- {name: my-dev, context: {cluster: theirs, user: theirs}} # every day',
      '- {name: kind, context: {cluster: kind, user: kind}}',
      'current-context: kind',
      'users:',
      `- {name: theirs, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [--region, us-east-1, eks, get-token, --cluster-name, dev, --role-arn, "${role}"]}}}`,
      '- {name: kind, user: {token: abc}}',
      '',
    ];
    home.write(mine.join('\n'));
    const { added, kept, backup } = await written('--role-arn', role, '--region', 'us-east-1');
    expect(names(kept)).toEqual(['my-dev']);
    expect(names(added)).toEqual(['kind.us-east-1']);
    const after = home.read();
    for (const line of mine) expect(after).toContain(line);
    expect(readFileSync(backup, 'utf8')).toBe(mine.join('\n'));
    expect(await states()).toEqual(['my-dev not-applied', 'kind other', 'kind.us-east-1 applied']);
  });

  it('prunes the contexts that it has written and whose clusters are gone, and gives their names to no other cluster', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    add(ACCOUNTS[0], 'us-east-1', 'old');
    add(ACCOUNTS[1], 'us-east-1', 'other');
    const two = ['--role-arn', `${roleOf(ACCOUNTS[0])},${roleOf(ACCOUNTS[1])}`, '--region', 'us-east-1'];
    await written(...two);
    aws.removeCluster({ name: 'old', region: 'us-east-1', accountId: ACCOUNTS[0] });
    aws.removeCluster({ name: 'other', region: 'us-east-1', accountId: ACCOUNTS[1] });
    // Without --prune nothing is removed; of an account that was not asked for neither.
    expect((await written(...two)).removed).toEqual([]);
    const one = ['--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1'];
    expect((await written(...one, '--prune')).removed).toEqual(['old']);
    expect((await states()).sort()).toEqual(['dev applied', 'other applied']);
    expect(home.read()).not.toContain('cluster/old');
    add(ACCOUNTS[1], 'us-east-1', 'old');
    expect(names((await written(...two)).added)).toEqual(['old.us-east-1']);
  });

  it('prunes nothing where a list cannot be read whole, or where the credentials are of another account now', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    writeFileSync(
      join(home.path, 'aws-config'),
      `[profile me]\nrole_arn = ${roleOf(ACCOUNTS[0])}\ncredential_source = Environment\nregion = us-east-1\n`,
    );
    home.env.AWS_CONFIG_FILE = join(home.path, 'aws-config');
    expect(names((await written('--profile', 'me')).added)).toEqual(['dev']);
    aws.removeCluster({ name: 'dev', region: 'us-east-1', accountId: ACCOUNTS[0] });
    aws.failNext('ListClusters', { code: 'AccessDeniedException', status: 403 });
    const unread = await written('--profile', 'me', '--prune');
    expect([unread.code, unread.removed]).toEqual([1, []]);
    const file = readFileSync(join(home.path, 'aws-config'), 'utf8');
    writeFileSync(join(home.path, 'aws-config'), file.replace(ACCOUNTS[0], ACCOUNTS[1]));
    expect((await written('--profile', 'me', '--prune')).removed).toEqual([]);
    writeFileSync(join(home.path, 'aws-config'), file);
    expect((await written('--profile', 'me', '--prune')).removed).toEqual(['dev']);
    expect((await home.run('kubeconfig', '--profile', 'me')).stdout).toBe(
      'Nothing to do: no EKS cluster was found in us-east-1. Other regions: --region.\n',
    );
  });

  it('follows a cluster that was made again under its name', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev', 'first');
    const one = ['--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1'];
    await written(...one);
    add(ACCOUNTS[0], 'us-east-1', 'dev', 'second');
    const { updated, added } = await written(...one);
    expect([names(updated), added]).toEqual([['dev'], []]);
    expect(home.read()).toContain('https://SECOND.gr7');
    expect(home.read()).not.toContain('https://FIRST.gr7');
  });

  it('writes the clusters that are named, and says which name there is not', async () => {
    add(ACCOUNTS[0], 'us-east-1', 'dev');
    add(ACCOUNTS[0], 'us-east-1', 'prod');
    const one = ['--role-arn', roleOf(ACCOUNTS[0]), '--region', 'us-east-1'];
    expect(names((await written('dev', ...one)).added)).toEqual(['dev']);
    expect(home.read()).toContain('current-context: dev');
    const ran = await home.run('kubeconfig', 'prdo', ...one);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('There is no EKS cluster "prdo" in these accounts and regions.');
  });

  it('asks for a region where neither the profile nor the environment has one', async () => {
    const ran = await home.run('kubeconfig');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('There is no region: name regions with --region');
  });
});
