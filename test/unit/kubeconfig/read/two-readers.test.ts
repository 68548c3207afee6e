import { readdirSync, readFileSync } from 'node:fs';
import * as clientNode from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { readEKSUser } from '../../../../src/aws/stanza/eks-user.ts';
import { fromKubeConfig, loadKubeconfigString } from '../../../../src/cluster/follow/load-kubeconfig.ts';
import { parseKubeconfig } from '../../../../src/kubeconfig/read/parse-kubeconfig.ts';
import { contextNames, selectContext } from '../../../../src/kubeconfig/read/select-context.ts';
import { EKS_USER, kubeconfigText } from '../../../support/kubeconfig-text.ts';

const folder = new URL('../../../kubeconfigs/', import.meta.url);
const place = 'the kubeconfig string';

/** Ordinary enough for the quick reader, with something odd in it. */
const ODD: readonly (readonly [string, string])[] = [
  [
    'single quotes',
    kubeconfigText({ user: "exec: {command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'it''s']}" }),
  ],
  [
    'folded and literal text',
    kubeconfigText({
      user: 'exec:\n        command: >-\n          aws\n        args: [eks, get-token, --cluster-name, a]\n        env:\n          - name: AWS_PROFILE\n            value: |-\n              two\n              lines',
    }),
  ],
  ['empty fields', kubeconfigText({ user: `token: ''\n      username:\n      ${EKS_USER}\n        env: null` })],
  ['comments and indentation', kubeconfigText({ user: `# who\n      ${EKS_USER} # how` })],
  ['a trailing slash', kubeconfigText({ server: 'https://a.example/' })],
  ['Windows line ends', kubeconfigText().replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${kubeconfigText()}`],
  ['no user at all', kubeconfigText().replace('user: admin', 'namespace: default')],
  [
    'fields that nobody knows',
    kubeconfigText({ user: `${EKS_USER}\n        provideClusterInfo: true\n      extensions: [{name: x}]` }),
  ],
];
const CORPUS = [
  ...readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const),
  ...ODD,
];

describe("client-node's loader and the exact reader", () => {
  it.each(CORPUS)('mean the same by %s', (_name, text) => {
    const loaded = new clientNode.KubeConfig();
    loaded.loadFromString(text);
    const quick = fromKubeConfig(loaded, { place });
    const exact = parseKubeconfig(text, { place });
    if (quick === undefined) throw new Error('the quick reader gave up');
    expect(contextNames([quick])).toEqual(contextNames([exact]));
    for (const name of contextNames([exact])) {
      const [one, other] = [quick, exact].map((file) => selectContext([file], name));
      expect(JSON.parse(JSON.stringify(one))).toEqual(JSON.parse(JSON.stringify(other)));
      const [config, same] = [one, other].map((selected) => selected && readEKSUser(selected));
      expect(config).toEqual(same);
      expect(config?.exec.env.toEnvironment()).toEqual(same?.exec.env.toEnvironment());
    }
    expect(quick.currentContext).toBe(exact.currentContext);
  });

  it.each([
    ['a name that stands there twice', `${kubeconfigText()}  - {name: admin, user: {token: t}}\n`],
    ['a date as a token', kubeconfigText({ user: 'token: 2001-01-01' })],
    ['a number as a name', kubeconfigText().replace('- name: admin', '- name: 1')],
    ['a date as an argument', kubeconfigText({ user: 'exec: {command: aws, args: [2001-01-01]}' })],
    ['a truth value as a token', kubeconfigText({ user: 'token: yes' })],
    ['numbers as arguments', kubeconfigText({ user: 'exec: {command: aws, args: [0b11, 1_000]}' })],
    ['a truth value of YAML 1.1', kubeconfigText({ cluster: 'insecure-skip-tls-verify: yes' })],
  ])('leave to the exact one what the quick one could read wrongly: %s', (_title, text) => {
    const [file] = loadKubeconfigString(clientNode, text);
    expect(file).toEqual(parseKubeconfig(text, { place }));
  });
});
