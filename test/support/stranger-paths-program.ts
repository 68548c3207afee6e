import { lookup } from 'node:dns/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import {
  attachAllEKSAuth,
  attachEKSAuth,
  ClusterRegistry,
  isEKSConfig,
  listContexts,
  parseEKSConfig,
} from '../../src/index.ts';
import { CA, kubeconfigText } from './kubeconfig-text.ts';
import { openTools } from './mcp-session.ts';

// A process of ours that passes kubeconfigs of a stranger through every door, between two looks at files that name the
// begin and the end. Each kubeconfig names places of the host HOST. argv = a folder, the name of the host.
const [home = '', host = ''] = process.argv.slice(2);

const SERVER = 'https://127.0.0.1:1';
// The two releases of the AWS CLI take different regions here, so a mint wants to know which one is installed.
const ENV = {
  HOME: home,
  PATH: process.env.PATH ?? '',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'us-west-2',
};
const TRUST = {
  trustedServers: [{ server: SERVER, certificateAuthorityData: CA, clusterName: 'prod' }],
  allow: [],
  execPolicy: 'eks-only',
} as const;

const PATHS = [`/net/${host}/share/x`, `//${host}/share/x`, `\\\\${host}\\share\\x`, `../${host}/x`, `~/${host}/x`];
const folderOf = (path: string): string => path.slice(0, -1);

function exec(command: string, args: readonly string[], env: readonly object[] = []): string {
  return `exec: ${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1beta1', command, args, env })}`;
}

const GET = ['eks', 'get-token', '--cluster-name', 'prod'];
const IN_REGION = ['--region', 'us-west-2', ...GET];

/** What a kubeconfig may name: by path, then by address. */
const TEXTS: readonly string[] = [
  ...PATHS.flatMap((path) => {
    const quoted = JSON.stringify(path);
    const aws = `${folderOf(path)}aws`;
    return [
      ...[IN_REGION, GET].map((args) => kubeconfigText({ server: SERVER, user: exec(aws, args) })),
      ...['aws.exe', 'aws.cmd', 'aws2'].map((name) =>
        kubeconfigText({ server: SERVER, user: exec(`${folderOf(path)}${name}`, GET) }),
      ),
      ...[
        exec('env', ['X=y', aws, ...GET]),
        exec(`${folderOf(path)}env`, ['aws', ...GET]),
        exec('aws-vault', ['exec', 'p', '--', aws, ...GET]),
        exec(`${folderOf(path)}aws-vault`, ['exec', 'p', '--', 'aws', ...GET]),
        exec(`${folderOf(path)}aws-iam-authenticator`, ['token', '-i', 'prod']),
        exec('aws-iam-authenticator', ['token', '-i', 'prod', '--config', path]),
        exec(`${folderOf(path)}ekspress-exec`, [aws, ...GET]),
        exec('ekspress-exec', [`--encrypt=${path}`, 'aws', ...GET]),
        exec('ekspress-exec', [aws, ...GET]),
        exec('kcc-cache', [aws, ...GET]),
        exec(`${folderOf(path)}eks-token-cache.sh`, ['prod', 'us-west-2']),
        exec('aws', [...GET, '--ca-bundle', path]),
        exec('aws', [...GET, '--profile', `file://${path}`]),
        exec('sh', ['-c', `exec aws ${IN_REGION.slice(0, -1).join(' ')} file://${path}`]),
        exec('aws', [...GET, '--role-arn', `fileb://${path}`]),
        exec('aws', GET, [{ name: 'AWS_CONFIG_FILE', value: path }]),
        exec('aws', GET, [{ name: 'AWS_PROFILE', value: path }]),
        exec('aws', GET, [{ name: 'PATH', value: path }]),
        `client-certificate: ${quoted}\n      client-key: ${quoted}`,
        `tokenFile: ${quoted}`,
        `auth-provider: {name: gcp, config: {cmd-path: ${quoted}}}`,
        `auth-provider: {name: oidc, config: {idp-certificate-authority: ${quoted}}}`,
      ].map((user) => kubeconfigText({ server: SERVER, user })),
      kubeconfigText({ server: SERVER, user: `${exec('aws', GET)}\n      client-certificate: ${quoted}` }),
      kubeconfigText({ server: SERVER, user: `${exec('aws', GET)}\n      tokenFile: ${quoted}` }),
      kubeconfigText({ server: SERVER, user: 'token: t', cluster: `certificate-authority: ${quoted}` }),
      kubeconfigText({ server: SERVER }).replace(/certificate-authority-data: .*/, `certificate-authority: ${quoted}`),
    ];
  }),
  ...[`https://${host}.invalid`, `https://api.${host}.invalid:8443/x`].map((server) => kubeconfigText({ server })),
  ...['http', 'https', 'socks5'].map((scheme) =>
    kubeconfigText({ server: SERVER, cluster: `proxy-url: ${scheme}://${host}.invalid:3128` }),
  ),
  kubeconfigText({ server: SERVER, cluster: `tls-server-name: ${host}.invalid` }),
  kubeconfigText({ server: SERVER, user: exec('aws', [...GET, '--endpoint-url', `https://${host}.invalid`]) }),
  kubeconfigText({
    server: SERVER,
    user: exec('aws', GET, [{ name: 'AWS_ENDPOINT_URL_STS', value: `https://${host}.invalid` }]),
  }),
];

/** The doors, each with what a text gets after it. */
const DOORS: Readonly<Record<string, (text: string, index: number) => Promise<unknown>>> = {
  isEKSConfig: async (text) => isEKSConfig(text),
  parseEKSConfig: async (text) => parseEKSConfig(text),
  listContexts: (text) => listContexts(text, { env: ENV }),
  async registerByString(text, index) {
    await using registry = new ClusterRegistry({ env: ENV });
    const cluster = await registry.registerByString(text, TRUST);
    // Users with a token of their own may have any server, so nothing is sent to it here.
    if (!cluster.isEKS()) return;
    await cluster.writeKubeconfig(join(home, `written-${index}`)).catch(() => undefined);
    await cluster.getToken();
  },
  async registerAllByString(text) {
    await using registry = new ClusterRegistry({ env: ENV, cache: false });
    await registry.registerAllByString(text, TRUST);
  },
  async attachEKSAuth(text) {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(text);
    const attached = await attachEKSAuth(kubeConfig, { env: ENV, cache: false, ...TRUST });
    await attached.tokenManager.getValidToken().finally(() => attached.detach());
  },
  async attachAllEKSAuth(text) {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(text);
    using attached = await attachAllEKSAuth(kubeConfig, { env: ENV, cache: false, ...TRUST });
    await Promise.all(attached.attached.map(({ auth }) => auth.tokenManager.getValidToken()));
  },
};

const outcomes: Record<string, number> = {};
const count = (door: string, outcome: string): void => {
  const name = `${door}: ${outcome}`;
  outcomes[name] = (outcomes[name] ?? 0) + 1;
};

async function goThrough(doors: typeof DOORS, texts: readonly string[]): Promise<void> {
  for (const [name, door] of Object.entries(doors)) {
    for (const [index, text] of texts.entries()) {
      await door(text, index).then(
        () => count(name, 'accepted'),
        (error: { code?: string; message?: string }) => count(name, error.code ?? `${error.message}`),
      );
    }
  }
}

const { trustedServers } = TRUST;
await using session = await openTools({ env: ENV, cache: false, describeClusters: false, trustedServers });
const mcp: typeof DOORS = {
  async mcp(kubeconfig, index) {
    const cluster_id = `c${index}`;
    const { failed, value } = await session.call('register_eks_cluster', { kubeconfig, cluster_id });
    await session.call('describe_eks_cluster', { cluster_id });
    await session.call('list_eks_clusters');
    if (failed) throw value;
  },
};

// Modules are loaded before the first look.
await goThrough({ ...DOORS, ...mcp }, [kubeconfigText({ server: SERVER })]);
for (const name of Object.keys(outcomes)) delete outcomes[name];
statSync('/begin-of-doors', { throwIfNoEntry: false });
await goThrough({ ...DOORS, ...mcp }, TEXTS);
statSync('/end-of-doors', { throwIfNoEntry: false });
// What the trace would show.
statSync(`/net/${host}/control`, { throwIfNoEntry: false });
await lookup(`control.${host}.invalid`).catch(() => undefined);
console.log(JSON.stringify(outcomes));
