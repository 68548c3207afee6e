import { EKS_USER, kubeconfigText } from '../support/kubeconfig-text.ts';
import type { Random } from '../support/random.ts';
import type { Attack } from './attack.ts';

const list = (size: number, item: (index: number) => string, between = ', '): string =>
  Array.from({ length: size }, (_, index) => item(index)).join(between);

const MANY_DOCUMENTS = /more than 1000 documents/;

/** Texts beyond a limit, each with the words of the error that names it. */
const LIMITS: readonly ((random: Random) => readonly [text: string, told: RegExp])[] = [
  (random) => [list(10_001 + random.below(2_000), (n) => `k${n}: 1`, '\n'), /more than 10000 keys/],
  (random) => [`x: {${list(10_001 + random.below(2_000), (n) => `k${n}: 1`)}}`, /more than 10000 keys/],
  (random) => [`x: &a [a, a]\ny: [${list(1_001 + random.below(2_000), () => '*a')}]`, /repeats its aliases/],
  (random) => [
    `${list(1_001 + random.below(99), (n) => `x${n}: &a${n} 1\ny${n}: *a${n}`, '\n')}`,
    /repeats its aliases/,
  ],
  (random) => [
    `x: &a [${list(30_000, () => '[]')}]\ny: [${list(800 + random.below(99), () => '*a')}]`,
    /repeats its aliases/,
  ],
  (random) => ['---\n'.repeat(1_001 + random.below(100_000)), MANY_DOCUMENTS],
  (random) => [
    `${random.pick(['', 'x\n', '--- [x]\n'])}${'...\n'.repeat(1_001 + random.below(200_000))}`,
    MANY_DOCUMENTS,
  ],
  (random) => [`${random.pick(['x', '--- x'])}\n...\n`.repeat(1_001 + random.below(20_000)), MANY_DOCUMENTS],
  (random) => {
    const level = random.pick(['[', '{a: ', '- ', '? ', '{<<: ', '[{a: ', '{? ', '? - ']);
    return [
      `${random.pick(['x: ', 'x:\n  ', ''])}${level.repeat(401 + random.below(100_000))}`,
      /nested deeper than 400/,
    ];
  },
  (random) => {
    const tag = random.pick(['!!omap', '!!pairs', '!!set', '!<tag:yaml.org,2002:omap>']);
    const items = list(10_000 + random.below(20_000), (n) => `- k${n}:`, '\n');
    return [`x: ${tag}\n${items}\n`, /a tag \(!!omap, !!pairs or !!set\)/];
  },
  (random) => [`%TAG !e! tag:yaml.org,2002:\n---\nx: !e!omap [{k${random.below(1_000)}: 1}]`, /a tag \(!!omap/],
  (random) => [`x: "${'\\\n'.repeat(100_000 + random.below(200_000))}"`, /not valid YAML/],
  (random) => [`# ${'x'.repeat(1024 * 1024 + random.below(1_000))}`, /at most 1 are read/],
  (random) => [
    kubeconfigText({ user: EKS_USER.replace('prod', `"${'x'.repeat(128 * 1024 + random.below(1_000))}"`) }),
    /longer than any command line/,
  ],
  (random) => [
    kubeconfigText({
      user: `exec: {command: kcc-cache, args: [${list(17 + random.below(500), () => 'kcc-cache')}, aws]}`,
    }),
    /wants to run "kcc-cache"/,
  ],
  (random) => [`${kubeconfigText()}<<: [${random.below(1_000)}]\n`, /merges \(<<\) something/],
];

export const COST: Attack = {
  kind: 'cost',
  async hold(random, { wordsOf }) {
    const [text, told] = random.pick(LIMITS)(random);
    return told.test(await wordsOf(text));
  },
};

const PATHS = [
  '/etc/passwd',
  '/net/evil/x',
  '~/.ssh/id',
  '../../x',
  '//evil/share/x',
  '/proc/self/environ',
  '/dev/stdin',
];

export const FILES: Attack = {
  kind: 'files',
  async hold(random, { codeOf }) {
    const path = `${random.pick(PATHS)}${random.chance(0.5) ? random.below(1_000) : ''}`;
    const flag = random.pick(['--cluster-name, "file://', '--cluster-name, "fileb://', '"--cluster-name=file://']);
    const text = random.pick([
      kubeconfigText({ user: `client-key: ${path}` }),
      kubeconfigText({ user: `client-certificate: ${path}` }),
      kubeconfigText({ user: `tokenFile: ${path}` }),
      kubeconfigText({ user: `token-file: ${path}` }),
      kubeconfigText({ user: `"token\\x2dfile": ${path}` }),
      kubeconfigText({ user: `${EKS_USER}\n      tokenFile: ${path}` }),
      kubeconfigText().replace(/certificate-authority-data: .*/, `certificate-authority: ${path}`),
      kubeconfigText({ user: EKS_USER.replace('--cluster-name, prod', `${flag}${path}"`) }),
      kubeconfigText({ user: EKS_USER.replace('us-west-2', `"file://${path}"`) }),
      kubeconfigText({ user: EKS_USER.replace('json]', `json, --ca-bundle, "${path}", --profile, "file://${path}"]`) }),
      kubeconfigText({ user: `exec: {command: aws-iam-authenticator, args: [token, -i, prod, --config, "${path}"]}` }),
      kubeconfigText({ user: `${EKS_USER}\n        env: [{name: AWS_CONFIG_FILE, value: "${path}"}]` }),
      kubeconfigText({ user: `auth-provider: {name: oidc, config: {idp-certificate-authority: "${path}"}}` }),
      `x: &x {token-file: "${path}"}\n${kubeconfigText({ user: '<<: *x' })}`,
    ]);
    return (await codeOf(text)) === 'EXEC_DENIED';
  },
};
