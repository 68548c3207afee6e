import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { isEKSConfig, parseEKSConfig } from '../../../../src/aws/stanza/parse-eks-config.ts';

const text = (name: string) => readFile(new URL(`../../../kubeconfigs/${name}.yaml`, import.meta.url), 'utf8');
const plain =
  'kind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: "https://k"}}]\n';

describe('parseEKSConfig', () => {
  it('reads what `aws eks update-kubeconfig` writes', async () => {
    const config = parseEKSConfig(await text('role'));
    expect(config).toMatchObject({
      clusterName: 'dev',
      region: 'us-east-1',
      roleArn: expect.stringMatching(/^arn:aws:iam::/),
      exec: { command: 'aws' },
    });
  });

  it('reads the user of the context asked for, else of the current one, never the first', async () => {
    const multi = await text('multi');
    expect(parseEKSConfig(multi).exec.env.get('AWS_PROFILE')).toBe('acme');
    expect(parseEKSConfig(multi, { context: 'prod-apne2' })).toMatchObject({
      clusterName: 'prod',
      region: 'ap-northeast-2',
    });
  });

  it('refuses numbers and truth values where kubectl takes text only', () => {
    const withValues = (name: string, region: string) =>
      `${plain}users: [{name: u, user: {exec: {command: aws, args: [eks, get-token, --cluster-name, ${name}], env: [{name: AWS_REGION, value: ${region}}]}}}]\n`;
    expect(() => parseEKSConfig(withValues('123', 'a'))).toThrow('exec.args[3] is a number');
    expect(() => parseEKSConfig(withValues('a', 'true'))).toThrow('exec.env[0] is a truth value');
    const config = parseEKSConfig(withValues('"123"', "'true'"));
    expect([config.clusterName, config.exec.env.get('AWS_REGION')]).toEqual(['123', 'true']);
  });

  it('follows anchors and merge keys', () => {
    const users =
      'x: &x {command: aws, args: [eks, get-token, --cluster-name, a]}\nusers: [{name: u, user: {exec: {<<: *x, env: []}}}]\n';
    expect(parseEKSConfig(plain + users).clusterName).toBe('a');
  });

  it('reads JSON', async () => {
    const users = [
      { name: 'u', user: { exec: { command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'a'] } } },
    ];
    const json = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: 'https://k' } }],
      users,
    });
    expect(parseEKSConfig(json).clusterName).toBe('a');
  });

  it('reports errors in the same words as the registry', async () => {
    const hand = await text('hand');
    expect(() => parseEKSConfig(hand, { context: 'kind-local' })).toThrow(
      'user "kind-local" in the kubeconfig string does not authenticate through AWS but with a fixed token.',
    );
    expect(() => parseEKSConfig('~/.kube/config')).toThrow('"~/.kube/config" is a path, not the text of a kubeconfig.');
    expect(() => parseEKSConfig('kind: [')).toThrow(/^the kubeconfig string:1:\d+ is not valid YAML/);
  });
});

describe('isEKSConfig', () => {
  it.each([
    ['an EKS user', 'exec: {command: aws, args: [eks, get-token, --cluster-name, a]}', true],
    ['an EKS user with a mistake in it', 'exec: {command: aws, args: [eks, get-token]}', true],
    ['aws-iam-authenticator', 'exec: {command: aws-iam-authenticator, args: [token, -i, a]}', true],
    [
      'a token that kubectl would prefer',
      'token: t, exec: {command: aws, args: [eks, get-token, --cluster-name, a]}',
      false,
    ],
    ['another AWS command', 'exec: {command: aws, args: [s3, ls]}', false],
    ['another command', 'exec: {command: gke-gcloud-auth-plugin}', false],
    ['a broken exec', 'exec: {}', false],
    ['a token', 'token: t', false],
  ])('decides about %s', (_title, user, expected) => {
    expect(isEKSConfig(`${plain}users: [{name: u, user: {${user}}}]\n`)).toBe(expected);
  });

  it.each(['', 'kind: [', '~/.kube/config', 'kind: Pod\n'])('never throws: %j', (broken) => {
    expect(isEKSConfig(broken)).toBe(false);
  });

  it('decides about the context asked for', async () => {
    const hand = await text('hand');
    expect([isEKSConfig(hand), isEKSConfig(hand, { context: 'kind-local' })]).toEqual([true, false]);
  });
});
