import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAIN } from '../support/cli-home.ts';
import { optionalProgram } from '../support/optional-programs.ts';
import { PATH } from '../support/paths.ts';
import type { Random } from '../support/random.ts';
import type { Attack } from './attack.ts';

const mkfifo = optionalProgram('mkfifo');

/** No command takes a tenth of this. Only a kubeconfig may be a pipe, and is not among the files. */
const PATIENCE_MS = 20_000;
const KEYS = '[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = EXAMPLEKEY\n';

const FILES = [
  '.aws/config',
  '.aws/credentials',
  '.aws/sso/cache/3f2a8e0c.json',
  '.kube/config.lock',
  '.kube/kuberc',
  '.kube/ekspress/ekspress-exec',
  '.kube/cache/eks-tokens/CACHEDIR.TAG',
  '.kube/cache/eks-tokens/.collected',
  '.kube/cache/eks-tokens/dev_us-east-1.json',
  '.kube/cache/eks-tokens/dev_us-east-1.json.busy',
  '.kube/cache/eks-tokens/dev_us-east-1.json.error',
  '.kube/cache/eks-tokens/dev_us-east-1.json.lock',
  'ca.pem',
  'token',
  'key.pem',
];

const COMMANDS = [
  ['apply', '--all', '--yes', '--no-compare'],
  ['revert', '--all', '--yes'],
  ['status'],
  ['doctor'],
  ['cache', 'clear'],
  ['cache', 'gc'],
  ['warm'],
  ['login'],
  ['whoami'],
];

/** A service that sends a request to each context. */
const SERVICE = `
import { ClusterRegistry } from '${new URL('../../dist/index.js', import.meta.url).href}';
const registry = new ClusterRegistry();
for (const context of ['eks', 'token', 'certificate']) {
  await registry.registerByPath(undefined, { context, id: context }).then((cluster) => cluster.fetch('/version')).catch(() => {});
}
process.exit(0);
`;
const PLUGIN = fileURLToPath(new URL('../../bin/ekspress-exec', import.meta.url));

function kubeconfig(home: string): string {
  const cluster = `{server: "https://127.0.0.1:1", certificate-authority: ${home}/ca.pem}`;
  return `apiVersion: v1
kind: Config
current-context: eks
clusters: [{name: c, cluster: ${cluster}}]
contexts:
${['eks', 'token', 'certificate'].map((name) => `- {name: ${name}, context: {cluster: c, user: ${name}}}\n`).join('')}users:
- {name: token, user: {tokenFile: ${home}/token}}
- {name: certificate, user: {client-certificate: ${home}/ca.pem, client-key: ${home}/key.pem}}
- name: eks
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws
      args: [--region, us-east-1, eks, get-token, --cluster-name, dev]
`;
}

interface Started {
  readonly home: string;
  readonly start: (program: string, args: readonly string[]) => boolean;
}

/** A home in which each file exists that a command reads. */
function makeHome(parent: string): Started {
  const home = mkdtempSync(join(parent, 'special-'));
  for (const path of ['.kube/config', ...FILES]) mkdirSync(dirname(join(home, path)), { recursive: true });
  for (const path of ['ca.pem', 'token', 'key.pem']) writeFileSync(join(home, path), 'EXAMPLEKEY');
  writeFileSync(join(home, '.aws/credentials'), KEYS);
  writeFileSync(join(home, '.aws/config'), '[default]\nregion = us-east-1\n');
  writeFileSync(join(home, '.kube/config'), kubeconfig(home), { mode: 0o600 });
  const env = { HOME: home, PATH: `${dirname(process.execPath)}:${PATH}` };
  const start = (program: string, args: readonly string[]): boolean =>
    spawnSync(program, args, { env, stdio: 'ignore', timeout: PATIENCE_MS, killSignal: 'SIGKILL' }).signal === null;
  return { home, start };
}

let applied: string | undefined;
/** `~/.kube/ekspress` after an apply, which all variants begin with. */
function recordsOf(parent: string): string {
  if (applied === undefined) {
    const { home, start } = makeHome(parent);
    start(process.execPath, [MAIN, 'apply', '--all', '--yes', '--no-compare']);
    applied = join(home, '.kube/ekspress');
  }
  return applied;
}

function hold(random: Random, parent: string): boolean {
  const records = recordsOf(parent);
  const { home, start } = makeHome(parent);
  cpSync(records, join(home, '.kube/ekspress'), { recursive: true });
  const path = join(home, random.pick(FILES));
  rmSync(path, { force: true });
  if (mkfifo !== undefined && random.chance(0.7)) execFileSync(mkfifo, [path]);
  else symlinkSync('/dev/zero', path);
  const command = random.pick(COMMANDS);
  const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
  const ended =
    random.chance(0.2) && existsSync('/bin/sh')
      ? start('/bin/sh', [PLUGIN, ...words])
      : random.chance(0.4)
        ? start(process.execPath, ['--input-type=module', '--eval', SERVICE])
        : start(process.execPath, [MAIN, ...command]);
  rmSync(home, { recursive: true });
  return ended;
}

/** A pipe or a device in the place of a file: each command and each request ends. */
export const SPECIAL_FILES: Attack = {
  kind: 'special files',
  hold: (random, { home }) => hold(random, home),
};
