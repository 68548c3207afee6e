import {
  attachEKSAuth,
  ClusterRegistry,
  EKSAuthError,
  eksClusters,
  getEKSToken,
  isEKSConfig,
  listContexts,
  parseEKSConfig,
  parseExecConfig,
  Token,
  TokenManager,
} from 'ekspress';
import { createEKSTools } from 'ekspress/mcp';
import { reportMetrics } from 'ekspress/metrics';
import { startLocalAWS, startLocalEKS, verifyToken } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';

/** What JavaScript callers and casts get past the compiler. */
type Anything = never;

const registry = new ClusterRegistry({ env: {} });
const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'dev'] });
const manager = new TokenManager(config, { env: {}, cache: false });
const cluster = () => registry.registerByString(TEXT, { trustedServers: 'kubeconfig', replace: true });
const TEXT = JSON.stringify({
  'current-context': 'dev',
  contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
  clusters: [{ name: 'dev', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'dev', user: { exec: { command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'dev'] } } }],
});

const CALLS: readonly (readonly [call: string, make: () => unknown])[] = [
  ["new ClusterRegistry({ contxt: 'a' })", () => new ClusterRegistry({ contxt: 'a' } as Anything)],
  ["new ClusterRegistry({ cache: 'yes' })", () => new ClusterRegistry({ cache: 'yes' } as Anything)],
  ["new ClusterRegistry({ cache: { dir: '/a' } })", () => new ClusterRegistry({ cache: { dir: '/a' } } as Anything)],
  ["new ClusterRegistry({ trustedServers: 'all' })", () => new ClusterRegistry({ trustedServers: 'all' } as Anything)],
  [
    "new ClusterRegistry({ trustedServers: 'describe' })",
    () => new ClusterRegistry({ trustedServers: 'describe' } as Anything),
  ],
  [
    "new ClusterRegistry({ trustedServers: ['https://a', 1] })",
    () => new ClusterRegistry({ trustedServers: ['https://a', 1] } as Anything),
  ],
  [
    "new ClusterRegistry({ trustedServers: [{ server: 'https://a', clusterNam: 'a' }] })",
    () => new ClusterRegistry({ trustedServers: [{ server: 'https://a', clusterNam: 'a' }] } as Anything),
  ],
  [
    "new ClusterRegistry({ trustedServers: [{ server: 'https://a', certificateAuthority: 'a' }] })",
    () => new ClusterRegistry({ trustedServers: [{ server: 'https://a', certificateAuthority: 'a' }] } as Anything),
  ],
  [
    "new ClusterRegistry({ trustedServers: [{ url: 'https://a', certificateAuthority: 'a' }] })",
    () => new ClusterRegistry({ trustedServers: [{ url: 'https://a', certificateAuthority: 'a' }] } as Anything),
  ],
  ["new ClusterRegistry({ allow: ['proxy'] })", () => new ClusterRegistry({ allow: ['proxy'] } as Anything)],
  ["new ClusterRegistry({ execPolicy: 'deny' })", () => new ClusterRegistry({ execPolicy: 'deny' } as Anything)],
  [
    'new ClusterRegistry({ limits: { firstByte: 1 } })',
    () => new ClusterRegistry({ limits: { firstByte: 1 } } as Anything),
  ],
  ['new ClusterRegistry({ limits: { dialMs: 0 } })', () => new ClusterRegistry({ limits: { dialMs: 0 } })],
  [
    "new ClusterRegistry({ limits: { dialMs: '1s' } })",
    () => new ClusterRegistry({ limits: { dialMs: '1s' } } as Anything),
  ],
  [
    'new ClusterRegistry({ awsLimits: { sts: {} } })',
    () => new ClusterRegistry({ awsLimits: { sts: {} } } as Anything),
  ],
  [
    'new ClusterRegistry({ awsLimits: { sso: { inFlight: 0 } } })',
    () => new ClusterRegistry({ awsLimits: { sso: { inFlight: 0 } } }),
  ],
  ['new ClusterRegistry({ logger: { log() {} } })', () => new ClusterRegistry({ logger: { log() {} } } as Anything)],
  ['new ClusterRegistry({ now: () => 1 })', () => new ClusterRegistry({ now: () => 1 } as Anything)],
  ['new ClusterRegistry({ now: 1 })', () => new ClusterRegistry({ now: 1 } as Anything)],
  [
    "new ClusterRegistry({ fleet: { name: 'a', stor: {} } })",
    () => new ClusterRegistry({ fleet: { name: 'a', stor: {} } } as Anything),
  ],
  [
    'new ClusterRegistry({ fleet: { name, secret, store: { get, set, clame } } })',
    () => {
      const call = async () => undefined;
      const store = { get: call, set: call, clame: call };
      return new ClusterRegistry({ fleet: { name: 'a', store, secret: '12345678901234567890123456789012' } });
    },
  ],
  ['new ClusterRegistry(null)', () => new ClusterRegistry(null as Anything)],
  [
    "registry.registerByPath(undefined, { contxt: 'dev' })",
    () => registry.registerByPath(undefined, { contxt: 'dev' } as Anything),
  ],
  [
    "registry.registerByPath(new URL('file:///config'))",
    () => registry.registerByPath(new URL('file:///c') as Anything),
  ],
  ["registry.registerAWSCluster('dev')", () => registry.registerAWSCluster('dev' as Anything)],
  ['registry.require(5)', () => registry.require(5 as Anything)],
  ["registry.require('prdo')", () => registry.require('prdo')],
  ['registry.unregister({})', () => registry.unregister({} as Anything)],
  ["eksClusters({ regions: ['us-east'] })", () => eksClusters({ regions: ['us-east'] })],
  ["eksClusters({ regions: ['US-EAST-1'] })", () => eksClusters({ regions: ['US-EAST-1'] })],
  ["new TokenManager('dev')", () => new TokenManager('dev' as Anything)],
  ['attachEKSAuth(text)', () => attachEKSAuth(TEXT as Anything)],
  ['eksClusters()', () => eksClusters(undefined as Anything)],
  ["registry.registerByPath({ context: 'dev' })", () => registry.registerByPath({ context: 'dev' } as Anything)],
  [
    "registry.registerByString(text, { replace: 'yes' })",
    () => registry.registerByString(TEXT, { replace: 'yes' } as Anything),
  ],
  [
    'registry.registerEKSByString(text, { signal: 5000 })',
    () => registry.registerEKSByString(TEXT, { signal: 5_000 } as Anything),
  ],
  [
    'registry.registerEKSByPath(undefined, { credentials: provider() })',
    () => registry.registerEKSByPath(undefined, { credentials: Promise.resolve() } as Anything),
  ],
  [
    "registry.registerEKSByString(text, { credentials: { accessKeyId: 'A', secretAccessKey: 's', token: 't' } })",
    () =>
      registry.registerEKSByString(TEXT, {
        credentials: { accessKeyId: 'A', secretAccessKey: 's', token: 't' } as Anything,
      }),
  ],
  [
    "registry.registerAWSCluster(dev, { describeAs: { role: 'r' } })",
    () =>
      registry.registerAWSCluster(
        { clusterName: 'dev', region: 'us-east-1' },
        { describeAs: { role: 'r' } as Anything },
      ),
  ],
  [
    "registry.registerAll(undefined, { context: 'dev' })",
    () => registry.registerAll(undefined, { context: 'dev' } as Anything),
  ],
  [
    "registry.registerAWSCluster({ name: 'dev', region: 'us-east-1', role: 'r' })",
    () => registry.registerAWSCluster({ name: 'dev', region: 'us-east-1', role: 'r' } as Anything),
  ],
  [
    "registry.registerAWSCluster({ clusterName: 'dev', region: 'us-east-1', id: 'acme' })",
    () => registry.registerAWSCluster({ clusterName: 'dev', region: 'us-east-1', id: 'acme' } as Anything),
  ],
  [
    "registry.registerAWSCluster({ clusterName: 'dev', region: 'us-east-1' }, { roleArn: 'arn:…' })",
    () => registry.registerAWSCluster({ clusterName: 'dev', region: 'us-east-1' }, { roleArn: 'arn:…' } as Anything),
  ],
  ['registry.registerInCluster({ context: 1 })', () => registry.registerInCluster({ context: 1 } as Anything)],
  ['registry.follow({ regions: [] })', () => registry.follow({ regions: [] } as Anything)],
  ["registry.on('refreshFail', listener)", () => registry.on('refreshFail' as Anything, () => undefined)],
  ["registry.on('refused')", () => registry.on('refused', undefined as Anything)],
  ['new TokenManager(config, { cachd: false })', () => new TokenManager(config, { cachd: false } as Anything)],
  ['new TokenManager(config, { execTimeoutMs: -1 })', () => new TokenManager(config, { execTimeoutMs: -1 })],
  [
    'new TokenManager(config, { execTimeoutMs: Infinity })',
    () => new TokenManager(config, { execTimeoutMs: Number.POSITIVE_INFINITY }),
  ],
  ['new TokenManager(config, { mfaCode: 123456 })', () => new TokenManager(config, { mfaCode: 123_456 } as Anything)],
  ['manager.getValidToken({ timeoutMs: 1 })', () => manager.getValidToken({ timeoutMs: 1 } as Anything)],
  ["manager.refreshToken('now')", () => manager.refreshToken('now' as Anything)],
  ["new Token('a', new Date('tomorrow'))", () => new Token('a', new Date('tomorrow'))],
  ["new Token('a', 60_000)", () => new Token('a', 60_000 as Anything)],
  ["new Token('two words', new Date())", () => new Token('two words', new Date())],
  ["getEKSToken({ cluster: 'dev' })", () => getEKSToken({ cluster: 'dev' } as Anything)],
  [
    "getEKSToken({ clusterName: 'dev', region: ['us-east-1'] })",
    () => getEKSToken({ clusterName: 'dev', region: ['us-east-1'] } as Anything),
  ],
  [
    "getEKSToken({ clusterName: 'dev', region: 'us-east-1' }, { profile: 'acme' })",
    () => (getEKSToken as Anything as (...given: object[]) => unknown)({ clusterName: 'dev' }, { profile: 'acme' }),
  ],
  ["getEKSToken('dev')", () => getEKSToken('dev' as Anything)],
  ["parseEKSConfig(text, { contxt: 'dev' })", () => parseEKSConfig(TEXT, { contxt: 'dev' } as Anything)],
  ["isEKSConfig(text, { id: 'dev' })", () => isEKSConfig(TEXT, { id: 'dev' } as Anything)],
  ["parseExecConfig({ cmd: 'aws' })", () => parseExecConfig({ cmd: 'aws' } as Anything)],
  [
    "parseExecConfig({ command: 'aws', args: 'eks get-token' })",
    () => parseExecConfig({ command: 'aws', args: 'eks get-token' } as Anything),
  ],
  [
    "parseExecConfig({ command: 'aws', env: { AWS_PROFILE: 'a' } })",
    () => parseExecConfig({ command: 'aws', env: { AWS_PROFILE: 'a' } } as Anything),
  ],
  [
    "parseExecConfig({ command: 'aws', environment: [] })",
    () => parseExecConfig({ command: 'aws', environment: [] } as Anything),
  ],
  ['listContexts(path, { environment: {} })', () => listContexts('/a', { environment: {} } as Anything)],
  ["eksClusters({ regions: 'us-east-1' })", () => eksClusters({ regions: 'us-east-1' } as Anything)],
  [
    "eksClusters({ regions: ['us-east-1'], accounts: [{ role: 'r' }] })",
    () => eksClusters({ regions: ['us-east-1'], accounts: [{ role: 'r' }] } as Anything),
  ],
  [
    'attachEKSAuth(kubeConfig, { trustedServer: [] })',
    () => attachEKSAuth({} as Anything, { trustedServer: [] } as Anything),
  ],
  ["cluster.writeKubeconfig('')", async () => (await cluster()).writeKubeconfig('')],
  [
    "cluster.writeKubeconfig('/tmp/kubeconfig', { force: true })",
    async () => (await cluster()).writeKubeconfig('/tmp/kubeconfig', { force: true } as Anything),
  ],
  ["cluster.fetch('https://127.0.0.1:1/api?a=b')", async () => (await cluster()).fetch('https://127.0.0.1:1/api?a=b')],
  [
    "cluster.fetch(new URL('https://127.0.0.1:1'))",
    async () => (await cluster()).fetch(new URL('https://127.0.0.1:1') as Anything),
  ],
  [
    "cluster.fetch('https://elsewhere.example/api')",
    async () => (await cluster()).fetch('https://elsewhere.example/api'),
  ],
  ["cluster.fetch('//elsewhere.example/api')", async () => (await cluster()).fetch('//elsewhere.example/api')],
  ["cluster.fetch('api/v1')", async () => (await cluster()).fetch('api/v1')],
  [
    "cluster.fetch('/api', { headers: { authorization: 'Bearer a' } })",
    async () => (await cluster()).fetch('/api', { headers: { authorization: 'Bearer a' } }),
  ],
  ["cluster.makeApiClient('CoreV1Api')", async () => (await cluster()).makeApiClient('CoreV1Api' as Anything)],
  [
    "cluster.makeInformer('pods', list)",
    async () => (await cluster()).makeInformer('pods', (() => undefined) as Anything),
  ],
  ["cluster.makePortForward('yes')", async () => (await cluster()).makePortForward('yes' as Anything)],
  [
    'cluster.withLimits({ firstByteMS: 1 }, call)',
    async () => (await cluster()).withLimits({ firstByteMS: 1 } as Anything, () => 1),
  ],
  ['cluster.getToken({ fresh: true })', async () => (await cluster()).getToken({ fresh: true } as Anything)],
  ['createEKSTools({ rots: [] })', () => createEKSTools({ rots: [] } as Anything)],
  ['reportMetrics({})', () => reportMetrics({} as Anything)],
  ['reportMetrics(registry, { perClusters: true })', () => reportMetrics(registry, { perClusters: true } as Anything)],
  ["startLocalEKS({ name: 'dev' })", () => startLocalEKS({ name: 'dev' } as Anything)],
  ["startLocalEKS({ port: '443' })", () => startLocalEKS({ port: '443' } as Anything)],
  ["startLocalAWS({ accountId: '12345' })", () => startLocalAWS({ accountId: '12345' })],
  [
    "startLocalAWS({ roles: { 'arn:…': { group: [] } } })",
    () => startLocalAWS({ roles: { 'arn:…': { group: [] } } } as Anything),
  ],
  [
    "verifyToken('k8s-aws-v1.', { clusterName: 'dev', keys: [] })",
    () => verifyToken('k8s-aws-v1.', { clusterName: 'dev', keys: [] } as Anything),
  ],
];

async function errorOf(make: () => unknown): Promise<EKSAuthError> {
  try {
    await make();
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

describe('a wrong call', () => {
  it.each(CALLS)('is refused with a text that says what is allowed: %s', async (_, make) => {
    const { code, message, remedy } = await errorOf(make);
    expect(code).toBe('INVALID_CONFIG');
    expect(`${message}\n${remedy}`).toMatchSnapshot();
  });
});
