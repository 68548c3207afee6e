import { CA, EKS_USER, kubeconfigText } from '../support/kubeconfig-text.ts';
import type { Random } from '../support/random.ts';
import type { Attack, Place } from './attack.ts';

const withEnv = (name: string, value: string): string =>
  `${EKS_USER}\n        env: [{name: ${name}, value: "${value}"}]`;
const wrapped = (...words: readonly string[]): string =>
  EKS_USER.replace('command: aws', `command: ${words[0]}`).replace(
    'args: [',
    `args: [${[...words.slice(1), 'aws', ''].join(', ')}`,
  );

/** The trusted server, but another identity, region, cluster or authority, or more than a string may have. */
async function other(random: Random, { codeOf }: Place): Promise<boolean> {
  const n = random.below(1_000);
  const account = random.below(900_000_000_000) + 100_000_000_000;
  const role = `"arn:aws:iam::${account}:role/${random.pick(['x', 'path/x', 'aws-reserved/x'])}${n}"`;
  const user = random.pick([
    EKS_USER.replace('prod,', `prod, ${random.pick(['--role-arn', '--role', '--role-a'])}, ${role},`),
    EKS_USER.replace('prod,', `prod, "--role-arn=${role.slice(1)},`),
    EKS_USER.replace('prod,', `prod, ${random.pick(['--profile', '--prof'])}, p${n},`),
    EKS_USER.replace('prod,', `prod, --profile=p${n},`),
    EKS_USER.replace('prod', `prod${n}`),
    EKS_USER.replace('prod,', `prod, --cluster-name, other${n},`),
    EKS_USER.replace('--cluster-name', '--cluster-id'),
    EKS_USER.replace('us-west-2', random.pick(['us-west-1', 'eu-west-1', 'cn-north-1', 'us-gov-west-1'])),
    EKS_USER.replace('prod,', `prod, --region, eu-north-1,`),
    wrapped('ekspress-exec', '--key-env', `NAME${n}`).replace('prod', `prod${n}`),
    wrapped('kcc-cache').replace('prod,', `prod, --profile, p${n},`),
    wrapped('k8s-token-cache').replace('prod', `prod${n}`),
    `exec: {command: aws-iam-authenticator, args: [token, -i, prod, --role, ${role}]}`,
    `exec: {command: eks-token-cache.sh, args: [prod${n}, us-west-2]}`,
    `exec: {command: eks-token-cache.sh, args: [prod, us-west-2, p${n}]}`,
  ]);
  return (await codeOf(kubeconfigText({ user }))) === 'SERVER_UNTRUSTED';
}

async function authority(random: Random, { codeOf }: Place): Promise<boolean> {
  const bytes = Buffer.from(CA, 'base64');
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  const ca = random.pick([
    bytes.toString('base64'),
    Buffer.from(`${Buffer.from(CA, 'base64')}${'\n'.repeat(1 + random.below(9))}x`).toString('base64'),
    Buffer.from(`x${random.below(100)}`).toString('base64'),
  ]);
  const text = random.chance(0.2)
    ? kubeconfigText().replace(/\n *certificate-authority-data: .*/, '')
    : kubeconfigText().replace(CA, ca);
  return (await codeOf(text)) === 'SERVER_UNTRUSTED';
}

/** What needs an allowance, also from inside of wrappers. */
async function allowance(random: Random, { codeOf }: Place): Promise<boolean> {
  const n = random.below(1_000);
  const name = random.pick([
    ...[
      'AWS_ENDPOINT_URL',
      'AWS_ENDPOINT_URL_STS',
      'AWS_CONFIG_FILE',
      'AWS_SHARED_CREDENTIALS_FILE',
      'AWS_ACCESS_KEY_ID',
    ],
    ...[
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_ROLE_ARN',
      'AWS_CA_BUNDLE',
      'HTTPS_PROXY',
      'https_proxy',
      'HOME',
      'PATH',
    ],
  ]);
  const who = random.pick([
    `as: user${n}`,
    `as: user${n}\n      as-groups: [system:masters]`,
    `as: u\n      as-uid: "${n}"`,
    `as: u\n      as-user-extra: {scopes: [all${n}]}`,
    `"\\x61s": user${n}`,
  ]);
  const text = random.pick([
    kubeconfigText({ user: withEnv(name, `https://sts${n}.example`) }),
    kubeconfigText({
      user: withEnv(name, `x${n}`).replace('command: aws', 'command: kcc-cache').replace('[--', '[aws, --'),
    }),
    kubeconfigText({
      user: EKS_USER.replace('command: aws', 'command: env').replace('[--', `[${name}=x${n}, aws, --`),
    }),
    kubeconfigText({ user: `${EKS_USER}\n      ${who}` }),
    kubeconfigText({ user: `token: t${n}\n      ${who}` }),
    kubeconfigText({ cluster: `tls-server-name: evil${n}.example` }),
    kubeconfigText({ cluster: random.pick(['insecure-skip-tls-verify: true', 'insecure-skip-tls-verify: yes']) }),
    kubeconfigText({ cluster: `proxy-url: ${random.pick(['http', 'https', 'socks5'])}://evil${n}.example:3128` }),
  ]);
  return /^(?:EXEC_DENIED|SERVER_UNTRUSTED)$/.test(String(await codeOf(text)));
}

export const VOUCHING: Attack = {
  kind: 'vouching',
  hold: (random, place) => random.pick([other, authority, allowance])(random, place),
};
