import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigText } from '../support/kubeconfig-text.ts';
import { PATH } from '../support/paths.ts';
import type { Random } from '../support/random.ts';
import { executable, install } from '../support/script-shells.ts';
import type { Attack, Place } from './attack.ts';

/** Programs that a string names: none is run. */
async function inString(random: Random, { codeOf }: Place): Promise<boolean> {
  const command = random.pick([
    'sh',
    'env',
    '/bin/sh',
    './aws.sh',
    'AWS',
    'aws ',
    'bash',
    'curl',
    'node',
    'ekspress-exec',
  ]);
  const args = random.pick(['[-c, "echo $HOME"]', '[s3, ls]', '[--, sh, -c, id]', '[X=y, sh, -c, id]', '[]']);
  return (await codeOf(kubeconfigText({ user: `exec: {command: "${command}", args: ${args}}` }))) === 'EXEC_DENIED';
}

const POLICIES = [
  'credentialPluginPolicy: Allowlist\n',
  'credentialPluginPolicy: DenyAll # AllowAll\n',
  'kind: Preference\r\ncredentialPluginPolicy: Allowlist\r\n',
  '{"credentialPluginPolicy":"Allowlist","x":"AllowAll"}',
  '"credential\\u0050luginPolicy": Allowlist\n',
  '? credentialPluginPolicy\n: Allowlist\n',
  '!!binary Y3JlZGVudGlhbFBsdWdpblBvbGljeQ==: Allowlist\n',
  '# x\rcredentialPluginPolicy: Allowlist\n',
];

/** A kubeconfig of others under a policy for plugins: the script runs nothing that was not recorded. */
function underPolicy(random: Random, { home }: Place): boolean {
  const root = mkdtempSync(join(home, 'script-'));
  const { script } = install(root, 'exit 71');
  const marker = join(root, 'ran');
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, '.kube'));
  const name = random.pick(['aws', 'aws-iam-authenticator', 'kubelogin', 'aws-vault', 'evil', 'sh']);
  const evil = executable(join(root, 'bin', name), `#!/bin/sh\n: >'${marker}'\n`);
  writeFileSync(join(root, '.kube/kuberc'), random.pick(POLICIES));
  const words = random.pick([
    [evil, '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'],
    [name, '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'],
    ['--', evil, 'x'],
    ['--key-env', 'X', '--', evil],
    ['--key-env=X', evil, 'eks', 'get-token'],
    ['env', 'X=y', evil],
    ['/bin/sh', '-c', `: >'${marker}'`],
    ['aws-vault', 'exec', 'p', '--', evil],
    [script, evil],
    ['$(touch ran)', '`touch ran`', ';touch ran'],
  ]);
  const env = random.pick([
    {},
    { EKSPRESS_DEPTH: '1' },
    { KUBERC: '/nonexistent' },
    { KUBERC: 'off' },
    { KUBECTL_KUBERC: 'false' },
  ]);
  spawnSync('/bin/sh', [script, ...words], {
    cwd: root,
    env: { HOME: root, PATH: random.pick([`${root}/bin:${PATH}`, `bin:${PATH}`]), ...env },
    stdio: 'ignore',
  });
  const held = !existsSync(marker);
  rmSync(root, { recursive: true });
  return held;
}

export const SCRIPT: Attack = {
  kind: 'script',
  hold: (random, place) => (random.chance(0.2) ? inString(random, place) : underPolicy(random, place)),
};
