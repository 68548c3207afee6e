import fs, { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { CA, EKS_USER, kubeconfigText, SERVER, TRUSTED } from '../../../support/kubeconfig-text.ts';

let home: string;
let evil: Server;
let evilServer: string;
let connections = 0;

beforeAll(async () => {
  // Windows reads both slashes; in a kubeconfig a backslash begins an escape.
  home = (await mkdtemp(join(tmpdir(), 'ekspress-hostile-'))).replaceAll('\\', '/');
  await writeFile(join(home, 'secret'), 'a secret of the user');
  evil = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  const address = evil.address();
  evilServer = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(async () => {
  evil.close();
  await rm(home, { recursive: true, force: true });
});

/** A world in which real keys lie about, so that a token could be made if anybody asked for it. */
function registryWithKeys(options: ConstructorParameters<typeof ClusterRegistry>[0] = {}): ClusterRegistry {
  const env = { HOME: home, PATH: process.env.PATH, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
  return new ClusterRegistry({ env, ...options });
}

const OPT_IN = (allowance: string) => `If you trust its author, pass { allow: ['${allowance}'] }.`;
const OPT_EXEC = "If you trust its author, pass { execPolicy: 'allow' }.";
const COMPARE =
  "Compare with `aws eks describe-cluster --name prod --region us-west-2 --query \"cluster.[endpoint,certificateAuthority]\"` and pass the right one as { trustedServers: [{ server: 'https://…', certificateAuthorityData: '…' }] }, or pass { trustedServers: 'describe-cluster' }.";
const NAME_IT =
  "If that identity is meant, name it beside the server: { server, certificateAuthorityData, profile, roleArn, region }, or pass { trustedServers: 'describe-cluster' }.";
const CLUSTER = 'cluster "arn:aws:eks:us-west-2:123456789012:cluster/prod" in the kubeconfig string';
const USER = 'user "admin" in the kubeconfig string';
const nobody = (server: string) =>
  `SERVER_UNTRUSTED: ${CLUSTER} would send an EKS token to ${JSON.stringify(server)}, which is not trusted. ${COMPARE}`;
const noHTTPS = (server: string) =>
  `SERVER_UNTRUSTED: ${CLUSTER} has the server ${JSON.stringify(server)}, which is not a plain https:// URL. EKS tokens are sent over https only. Have the author of the text write it again with \`aws eks update-kubeconfig --name CLUSTER --region REGION\`.`;

const ALLOWANCES = [
  'proxy-url',
  'skip-tls-verify',
  'tls-server-name',
  'file-references',
  'exec-env',
  'impersonation',
] as const;

const touch = () => `[-c, "echo ran >> ${home}/ran"]`;
const runnerArgs = (words: string) =>
  [...words.split(' ').slice(1), ...['aws', 'eks', 'get-token', '--cluster-name', 'prod']].map((word) =>
    JSON.stringify(word),
  );
const withEnv = (name: string, value: string) => `${EKS_USER}\n        env: [{name: ${name}, value: ${value}}]`;

/** Each hostile text with what is said about it; the texts are made when the temporary folder is known. */
const HOSTILE: readonly (readonly [title: string, text: () => string, expected: string | (() => string)])[] = [
  ...['aws-vault exec p --', 'op plugin run --', 'saml2aws exec --', 'docker run evil'].map(
    (words) =>
      [
        `an AWS command in ${words}`,
        () => kubeconfigText({ user: `exec: {command: ${words.split(' ')[0]}, args: [${runnerArgs(words)}]}` }),
        `EXEC_DENIED: ${USER} wants to run "${words.split(' ')[0]}"; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
      ] as const,
  ),
  [
    'a variable that env sets',
    () =>
      kubeconfigText({
        user: 'exec: {command: env, args: [AWS_CONFIG_FILE=/tmp/config, aws, eks, get-token, --cluster-name, prod]}',
      }),
    `EXEC_DENIED: ${USER} sets environment variables for AWS (exec.env): "AWS_CONFIG_FILE". ${OPT_IN('exec-env')}`,
  ],
  [
    'a variable that sh sets',
    () =>
      kubeconfigText({ user: 'exec: {command: sh, args: [-c, "HOME=/tmp aws eks get-token --cluster-name prod"]}' }),
    `EXEC_DENIED: ${USER} sets environment variables for AWS (exec.env): "HOME". ${OPT_IN('exec-env')}`,
  ],
  [
    'a command',
    () => kubeconfigText({ user: `exec: {command: sh, args: ${touch()}}` }),
    `EXEC_DENIED: ${USER} wants to run "sh"; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'a command beside a token',
    () => kubeconfigText({ user: `token: t\n      exec: {command: sh, args: ${touch()}}` }),
    `EXEC_DENIED: ${USER} wants to run "sh"; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'a command with a path',
    () => kubeconfigText({ user: `exec: {command: ../../bin/sh, args: ${touch()}}` }),
    `EXEC_DENIED: ${USER} wants to run "../../bin/sh"; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'a shell around an EKS command',
    () =>
      kubeconfigText({
        user: `exec: {command: sh, args: [-c, "touch ${home}/ran; aws eks get-token --cluster-name prod"]}`,
      }),
    `EXEC_DENIED: ${USER} wants to run "sh"; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'another AWS command',
    () => kubeconfigText({ user: 'exec: {command: aws, args: [s3, rm, --recursive, s3://mine]}' }),
    `EXEC_DENIED: ${USER} wants to run "aws"; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'an auth-provider with a command',
    () =>
      kubeconfigText({
        user: `auth-provider: {name: gcp, config: {cmd-path: /bin/sh, cmd-args: "-c 'echo ran >> ${home}/ran'"}}`,
      }),
    `EXEC_DENIED: ${USER} has an auth-provider, which may run commands, read files and call servers; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'an exec inside of an auth-provider',
    () => kubeconfigText({ user: `auth-provider: {name: x, config: {exec: {command: sh, args: ${touch()}}}}` }),
    `EXEC_DENIED: ${USER} has an auth-provider, which may run commands, read files and call servers; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'an auth-provider that reads a file',
    () => kubeconfigText({ user: `auth-provider: {name: x, config: {tokenFile: ${home}/secret}}` }),
    `EXEC_DENIED: ${USER} has an auth-provider, which may run commands, read files and call servers; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'an auth-provider beside an EKS command',
    () =>
      kubeconfigText({
        user: `${EKS_USER}\n      auth-provider: {name: oidc, config: {idp-issuer-url: "${evilServer}"}}`,
      }),
    `EXEC_DENIED: ${USER} has an auth-provider, which may run commands, read files and call servers; this kubeconfig may only use EKS commands. ${OPT_EXEC}`,
  ],
  [
    'the name of a real cluster and another server',
    () => kubeconfigText({ server: evilServer }),
    () => nobody(evilServer),
  ],
  [
    'the trusted server as user info',
    () => kubeconfigText({ server: `${SERVER}@127.0.0.1` }),
    noHTTPS(`${SERVER}@127.0.0.1`),
  ],
  [
    'the trusted server with a backslash',
    () => kubeconfigText({ server: `'https://127.0.0.1\\@ABCDEF0123.gr7.us-west-2.eks.amazonaws.com'` }),
    noHTTPS('https://127.0.0.1\\@ABCDEF0123.gr7.us-west-2.eks.amazonaws.com'),
  ],
  [
    'the trusted server as a subdomain',
    () => kubeconfigText({ server: `${SERVER}.evil.example` }),
    nobody(`${SERVER}.evil.example`),
  ],
  ['the trusted server on another port', () => kubeconfigText({ server: `${SERVER}:8443` }), nobody(`${SERVER}:8443`)],
  [
    'the trusted server with another path',
    () => kubeconfigText({ server: `${SERVER}/proxy/evil` }),
    nobody(`${SERVER}/proxy/evil`),
  ],
  ['the trusted server with a query', () => kubeconfigText({ server: `${SERVER}/?x=` }), noHTTPS(`${SERVER}/?x=`)],
  ['the trusted server with a fragment', () => kubeconfigText({ server: `"${SERVER}/#x"` }), noHTTPS(`${SERVER}/#x`)],
  [
    'the trusted server over http',
    () => kubeconfigText({ server: SERVER.replace('https', 'http') }),
    noHTTPS(SERVER.replace('https', 'http')),
  ],
  [
    'the metadata service',
    () => kubeconfigText({ server: 'https://169.254.169.254' }),
    nobody('https://169.254.169.254'),
  ],
  [
    'the metadata service as a number',
    () => kubeconfigText({ server: 'https://2852039166' }),
    nobody('https://2852039166'),
  ],
  ...[
    'http://169.254.169.254/latest',
    'http://169.254.169.254.',
    'http://0xa9fea9fe',
    'http://0XA9.0376.0xA9FE',
    'http://0251.0376.0251.0376',
    'http://2852039166',
    'http://169.16689662',
    'https://[::ffff:169.254.170.2]',
    'https://[0:0:0:0:0:FFFF:A9FE:A9FE]',
    'https://[::a9fe:a9fe]',
    'https://[64:ff9b::169.254.169.254]',
    'https://[2002:a9fe:a9fe::1]',
    'https://[64:ff9b:1::a9fe:a9fe]',
    'https://[64:ff9b:1:a9fe:a9:fe00::]',
    'https://[64:ff9b:1:a9fe:aa:200::1]',
    'https://[64:ff9b:1:12a9:fe:a9fe::]',
    'https://[64:ff9b:1:1234:a9:fea9:fe00:0]',
    'https://[2001:0:5ef5:79fd:0:59b:5601:5601]',
    'https://[2001:0:a9fe:a9fe::1]',
    'https://[2001:db8::5efe:a9fe:a9fe]',
    'https://[2001:db8::200:5efe:169.254.169.254]',
    'http://[fd00:ec2::254]',
    'http://[fd00:ec2:0::23]',
    'http://[fd20:ce::254]',
    'http://100.100.100.200',
    'http://168.63.129.16:32526',
    'http://[::ffff:168.63.129.16]',
    'http://metadata.google.internal.',
    'http://METADATA',
    'http://instance-data',
    'https://[fe80::1]',
  ].map(
    (server) =>
      [
        `a token for ${server}`,
        () => kubeconfigText({ server, user: 'token: t' }),
        `SERVER_UNTRUSTED: ${CLUSTER} has a link-local server: ${JSON.stringify(server)}. If you trust its author, pass { trustedServers: 'kubeconfig' }.`,
      ] as const,
  ),
  ...['https://１６９.254.169.254', 'http:\\\\169.254.169.254', 'https://xn--a.b'].map(
    (server) =>
      [
        `a token for ${server}`,
        () => kubeconfigText({ server: `'${server}'`, user: 'token: t' }),
        `SERVER_UNTRUSTED: ${CLUSTER} has a server that may be read as a link-local one: ${JSON.stringify(server)}. If you trust its author, pass { trustedServers: 'kubeconfig' }.`,
      ] as const,
  ),
  ['another scheme', () => kubeconfigText({ server: 'file:///etc/passwd' }), noHTTPS('file:///etc/passwd')],
  ['a server that is no URL', () => kubeconfigText({ server: 'prod' }), noHTTPS('prod')],
  [
    'a proxy',
    () => kubeconfigText({ cluster: `proxy-url: ${evilServer}` }),
    `SERVER_UNTRUSTED: ${CLUSTER} sends all requests through a proxy (proxy-url). ${OPT_IN('proxy-url')}`,
  ],
  [
    'a proxy for a token',
    () => kubeconfigText({ cluster: `proxy-url: ${evilServer}`, user: 'token: t' }),
    `SERVER_UNTRUSTED: ${CLUSTER} sends all requests through a proxy (proxy-url). ${OPT_IN('proxy-url')}`,
  ],
  [
    'another user of the API server',
    () => kubeconfigText({ user: `${EKS_USER}\n      as: root\n      as-groups: [system:masters]` }),
    `EXEC_DENIED: ${USER} acts as another user or group (as, as-groups). ${OPT_IN('impersonation')}`,
  ],
  [
    'another user beside a token',
    () => kubeconfigText({ user: 'token: t\n      as: root' }),
    `EXEC_DENIED: ${USER} acts as another user or group (as, as-groups). ${OPT_IN('impersonation')}`,
  ],
  [
    'a file of aws-iam-authenticator',
    () =>
      kubeconfigText({
        user: 'exec: {command: aws-iam-authenticator, args: [token, -i, prod, --config, /net/evil/x]}',
      }),
    `EXEC_DENIED: ${USER} wants to read the file "/net/evil/x" (exec.args). ${OPT_IN('file-references')}`,
  ],
  [
    'a role where none is trusted',
    () => kubeconfigText({ user: EKS_USER.replace('prod,', 'prod, --role-arn, "arn:aws:iam::111122223333:role/x",') }),
    `SERVER_UNTRUSTED: ${USER} gets tokens of another AWS identity or region than the one trusted for "${SERVER}". ${NAME_IT}`,
  ],
  [
    'no look at certificates',
    () => kubeconfigText({ cluster: 'insecure-skip-tls-verify: true' }),
    `SERVER_UNTRUSTED: ${CLUSTER} accepts any server certificate (insecure-skip-tls-verify). ${OPT_IN('skip-tls-verify')}`,
  ],
  [
    'the certificate of another server',
    () => kubeconfigText({ cluster: 'tls-server-name: evil.example' }),
    `SERVER_UNTRUSTED: ${CLUSTER} accepts a certificate for "evil.example" instead of its own host name (tls-server-name). ${OPT_IN('tls-server-name')}`,
  ],
  [
    'another authority than the one trusted',
    () => kubeconfigText().replace(CA, 'ZXZpbA=='),
    `SERVER_UNTRUSTED: ${CLUSTER} has another certificate authority or EKS cluster than the one trusted for "${SERVER}". ${COMPARE}`,
  ],
  [
    'no authority where one is trusted',
    () => kubeconfigText().replace(/\n *certificate-authority-data: .*/, ''),
    `SERVER_UNTRUSTED: ${CLUSTER} has another certificate authority or EKS cluster than the one trusted for "${SERVER}". ${COMPARE.replace(", certificateAuthorityData: '…'", '')}`,
  ],
  [
    'a certificate authority from a file',
    () => kubeconfigText().replace(/certificate-authority-data: .*/, 'certificate-authority: /etc/passwd'),
    `EXEC_DENIED: ${CLUSTER} wants to read the file "/etc/passwd" (certificate-authority). ${OPT_IN('file-references')}`,
  ],
  [
    'a client certificate from a file',
    () => kubeconfigText({ user: 'client-certificate: ../../etc/passwd' }),
    `EXEC_DENIED: ${USER} wants to read the file "../../etc/passwd" (client-certificate). ${OPT_IN('file-references')}`,
  ],
  [
    'a client key from a file',
    () => kubeconfigText({ user: 'client-key: ~/.ssh/id_rsa' }),
    `EXEC_DENIED: ${USER} wants to read the file "~/.ssh/id_rsa" (client-key). ${OPT_IN('file-references')}`,
  ],
  [
    'a token from a file',
    () => kubeconfigText({ user: 'tokenFile: /proc/self/environ' }),
    `EXEC_DENIED: ${USER} wants to read the file "/proc/self/environ" (tokenFile). ${OPT_IN('file-references')}`,
  ],
  [
    "a token from a file in client-node's spelling",
    () => kubeconfigText({ user: `token-file: ${home}/secret` }),
    () => `EXEC_DENIED: ${USER} wants to read the file "${home}/secret" (tokenFile). ${OPT_IN('file-references')}`,
  ],
  [
    'the same behind an escape',
    () => kubeconfigText({ user: `"token\\x2dfile": ${home}/secret` }),
    () => `EXEC_DENIED: ${USER} wants to read the file "${home}/secret" (tokenFile). ${OPT_IN('file-references')}`,
  ],
  [
    'the same behind a merge key',
    () => kubeconfigText({ user: `<<: {"token\\u002dfile": ${home}/secret}` }),
    () => `EXEC_DENIED: ${USER} wants to read the file "${home}/secret" (tokenFile). ${OPT_IN('file-references')}`,
  ],
  [
    'the same behind an alias',
    () => `x: &x {token-file: ${home}/secret}\n${kubeconfigText({ user: '<<: *x' })}`,
    () => `EXEC_DENIED: ${USER} wants to read the file "${home}/secret" (tokenFile). ${OPT_IN('file-references')}`,
  ],
  [
    'a cluster name from a file',
    () => kubeconfigText({ user: EKS_USER.replace('--cluster-name, prod', `--cluster-name, "file://${home}/secret"`) }),
    () =>
      `EXEC_DENIED: ${USER} wants to read the file "file://${home}/secret" (exec.args). ${OPT_IN('file-references')}`,
  ],
  [
    'a cluster name from a file, after an equals sign',
    () => kubeconfigText({ user: EKS_USER.replace('--cluster-name, prod', '--cluster-name=fileb:///etc/passwd') }),
    `EXEC_DENIED: ${USER} wants to read the file "--cluster-name=fileb:///etc/passwd" (exec.args). ${OPT_IN('file-references')}`,
  ],
  [
    'a cluster name from a file, inside a script of sh',
    () =>
      kubeconfigText({
        user: `exec: {command: sh, args: [-c, "exec aws eks get-token --cluster-name file://${home}/secret"]}`,
      }),
    () =>
      `EXEC_DENIED: ${USER} wants to read the file "file://${home}/secret" (exec.args). ${OPT_IN('file-references')}`,
  ],
  [
    'a key file for encrypted entries',
    () =>
      kubeconfigText({
        user: EKS_USER.replace('command: aws', 'command: ekspress-exec').replace('[', '["--encrypt=/net/x/key", aws, '),
      }),
    `EXEC_DENIED: ${USER} wants to read the file "/net/x/key" (exec.args). ${OPT_IN('file-references')}`,
  ],
  ...[
    'AWS_ENDPOINT_URL_STS',
    'AWS_CONFIG_FILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    'HTTPS_PROXY',
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'PATH',
    'HOME',
    'AWS_ACCESS_KEY_ID',
    'aws_profile',
    '__proto__',
  ].map(
    (name) =>
      [
        `the variable ${name}`,
        () => kubeconfigText({ user: withEnv(name, evilServer) }),
        `EXEC_DENIED: ${USER} sets environment variables for AWS (exec.env): "${name}". ${OPT_IN('exec-env')}`,
      ] as const,
  ),
];

describe('a kubeconfig string of a stranger', () => {
  it.each(HOSTILE)('runs nothing, reads nothing, sends nothing: %s', async (_title, text, expected) => {
    await using registry = registryWithKeys({
      trustedServers: [TRUSTED],
    });
    const error = await registry.registerByString(text()).catch((reason) => reason);
    if (!(error instanceof EKSAuthError)) throw error;
    expect(`${error.code}: ${error.message} ${error.remedy}`).toBe(
      typeof expected === 'string' ? expected : expected(),
    );
    expect(registry.list()).toEqual([]);
    expect(existsSync(join(home, 'ran'))).toBe(false);
    expect(await readdir(home), 'not even a cache directory is made').toEqual(['secret']);
    expect(connections).toBe(0);
  });

  it('may not be registered at all as long as its server is not trusted', async () => {
    await using registry = registryWithKeys();
    await expect(registry.registerEKSByString(kubeconfigText())).rejects.toMatchObject({ code: 'SERVER_UNTRUSTED' });
    await expect(registry.registerEKSByStringWithID(kubeconfigText(), 'mine')).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
    });
  });

  it('may say __proto__ and constructor wherever it likes', async () => {
    await using registry = registryWithKeys();
    const text = kubeconfigText({
      user: 'token: t\n      __proto__: {exec: {command: sh}}\n      constructor: {x: y}',
      context: '__proto__',
    });
    await expect(registry.registerByString(text)).rejects.toMatchObject({
      message: expect.stringContaining('There is no context "__proto__"'),
    });
    const cluster = await registry.registerByString(text, { context: 'prod' });
    expect(cluster.kubeConfig.getCurrentUser()).toMatchObject({ token: 't' });
    expect(cluster.kubeConfig.getCurrentUser()?.exec).toBeUndefined();
    expect(({} as { exec?: unknown }).exec).toBeUndefined();
  });

  it('cannot take the id of a cluster that is not its own', async () => {
    await using registry = registryWithKeys({ trustedServers: [TRUSTED] });
    const other = kubeconfigText({ user: EKS_USER.replace('--cluster-name, prod', '--cluster-name, test') });
    expect((await registry.registerByString(other)).id).toBe('prod');
    const elsewhere = kubeconfigText({ user: EKS_USER.replace('us-west-2', 'eu-west-1') });
    expect((await registry.registerByString(elsewhere, { replace: true })).id).toBe('prod');
    expect((await registry.registerByString(kubeconfigText())).id).toBe(
      'arn:aws:eks:us-west-2:123456789012:cluster/prod',
    );
  });

  it('is not answered by a program even where only one could make the token', async () => {
    await using registry = registryWithKeys({ trustedServers: [TRUSTED] });
    const text = kubeconfigText({
      user: EKS_USER.replace('command: aws', `command: ${home}/aws`).replace(
        'prod,',
        'prod, --profile, with-a-process,',
      ),
    });
    await writeFile(join(home, 'config'), `[profile with-a-process]\ncredential_process = sh -c 'touch ${home}/ran'\n`);
    const trustedServers = [{ ...TRUSTED, profile: 'with-a-process' }];
    const cluster = await registry.registerByString(text, { trustedServers });
    await expect(cluster.getToken()).rejects.toBeInstanceOf(EKSAuthError);
    expect(existsSync(join(home, 'ran'))).toBe(false);
    await rm(join(home, 'config'));
  });
});

describe('a server that the caller vouches for', () => {
  it('is refused for a string by its address alone', async () => {
    await using registry = registryWithKeys({ trustedServers: [SERVER] });
    await expect(registry.registerByString(kubeconfigText())).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
      message: `${CLUSTER} is trusted by its address "${SERVER}" alone, without its certificate authority.`,
    });
    const path = join(home, 'config');
    await writeFile(path, kubeconfigText());
    expect((await registry.registerByPath(path)).server).toBe(SERVER.toLowerCase());
    await rm(path);
  });

  it('is one by its address where the text brings no authority: the certificate has to be trusted by this machine', async () => {
    await using registry = registryWithKeys({ trustedServers: [SERVER] });
    const text = kubeconfigText().replace(/ *certificate-authority-data: [^\n}]*/, '');
    expect((await registry.registerByString(text)).server).toBe(SERVER.toLowerCase());
  });

  it('is one for the decided identity: two names of one profile are one, one name of two accounts are two', async () => {
    const files = join(home, 'files');
    await mkdir(files);
    const profile = (name: string) =>
      `[${name}]\naws_access_key_id = AKIA${name.toUpperCase()}\naws_secret_access_key = x\n`;
    await writeFile(join(files, 'credentials'), [profile('default'), profile('b')].join(''));
    const env = { HOME: home, PATH: process.env.PATH, AWS_SHARED_CREDENTIALS_FILE: join(files, 'credentials') };
    await using registry = new ClusterRegistry({ env, trustedServers: [{ ...TRUSTED, clusterName: 'prod' }] });
    const named = (name: string) => kubeconfigText({ user: EKS_USER.replace('prod,', `prod, --profile, ${name},`) });
    const same = await registry.registerByString(named('default'), { id: 'same' });
    expect(same.eksAuth?.profile).toBe('default');
    await expect(registry.registerByString(named('b'), { id: 'b' })).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
    });
    const trustedServers = [{ ...TRUSTED, profile: 'b' }];
    await registry.registerByString(named('b'), { id: 'b', trustedServers });
    await expect(
      registry.registerByString(kubeconfigText(), { trustedServers: [{ ...TRUSTED, region: 'eu-west-1' }] }),
    ).rejects.toMatchObject({ code: 'SERVER_UNTRUSTED' });
    await rm(files, { recursive: true });
  });

  it('is found out without a look at a path that the text names', async () => {
    const link = join(home, 'autofs');
    await mkdir(link);
    const read = vi.spyOn(fs, 'statSync');
    const opened = vi.spyOn(fs, 'openSync');
    await using registry = registryWithKeys({ trustedServers: [TRUSTED] });
    const text = kubeconfigText({ user: EKS_USER.replace('command: aws', `command: ${link}/evil/aws`) });
    const cluster = await registry.registerByString(text);
    await cluster.getToken();
    const paths = [...read.mock.calls, ...opened.mock.calls].map(([path]) => String(path));
    expect(paths.filter((path) => path.startsWith(link))).toEqual([]);
    read.mockRestore();
    opened.mockRestore();
    await rm(join(home, '.kube'), { recursive: true, force: true });
    await rm(link, { recursive: true });
  });
});

describe('the caller of a string', () => {
  it.each([
    [
      'a server, however it is written',
      {},
      [{ ...TRUSTED, server: `${SERVER.toUpperCase().replace('HTTPS', 'https')}:443/` }],
    ],
    ['a server with its authority', {}, [{ server: SERVER, certificateAuthorityData: `${CA}\n` }]],
    ['whatever server the text names', {}, 'kubeconfig' as const],
    ['one of several', {}, ['https://other.example', SERVER, TRUSTED]],
  ])('may opt in to %s', async (_title, parts, trustedServers) => {
    await using registry = registryWithKeys();
    const cluster = await registry.registerEKSByString(kubeconfigText(parts), { trustedServers });
    expect(cluster).toMatchObject({ eksAuth: { clusterName: 'prod' } });
    expect(cluster.server.toLowerCase()).toBe(SERVER.toLowerCase());
  });

  it('gets the server that was compared, in its plainest form', async () => {
    await using registry = registryWithKeys();
    const text = kubeconfigText({ server: 'HTTPS://ABCDEF0123.GR7.us-west-2.eks.amazonaws.com:443//' });
    const cluster = await registry.registerEKSByString(text, { trustedServers: [TRUSTED] });
    expect(cluster.server).toBe(SERVER.toLowerCase());
    expect(cluster.kubeConfig.getCurrentCluster()?.server).toBe(SERVER.toLowerCase());
  });

  it.each([
    ['proxy-url', { cluster: 'proxy-url: https://proxy.example' }],
    ['skip-tls-verify', { cluster: 'insecure-skip-tls-verify: true' }],
    ['tls-server-name', { cluster: 'tls-server-name: kubernetes' }],
    ['file-references', { user: `${EKS_USER}\n      client-certificate: /tmp/cert\n      client-key: /tmp/key` }],
    ['exec-env', { user: withEnv('AWS_CONFIG_FILE', '/tmp/config') }],
    ['impersonation', { user: `${EKS_USER}\n      as: admin` }],
    ['impersonation', { user: `${EKS_USER}\n      as: a\n      as-groups: [system:masters]` }],
  ] as const)('may opt in to %s, and to nothing else by it', async (allowance, parts) => {
    await using registry = registryWithKeys();
    const trustedServers = [TRUSTED];
    const others = ALLOWANCES.filter((one) => one !== allowance);
    await expect(registry.registerByString(kubeconfigText(parts), { trustedServers, allow: others })).rejects.toThrow(
      EKSAuthError,
    );
    const cluster = await registry.registerByString(kubeconfigText(parts), { trustedServers, allow: [allowance] });
    expect(cluster.eksAuth?.clusterName).toBe('prod');
  });

  it.each(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'])(
    'needs no opt-in for %s',
    async (name) => {
      const named = { ...TRUSTED, ...(name.endsWith('PROFILE') && { profile: 'x' }) };
      await writeFile(join(home, 'profiles'), '[profile x]\nregion = us-west-2\n');
      const env = { HOME: home, AWS_CONFIG_FILE: join(home, 'profiles'), AWS_REGION: 'us-west-2' };
      await using registry = new ClusterRegistry({ env, trustedServers: [named] });
      const cluster = await registry.registerByString(kubeconfigText({ user: withEnv(name, 'x') }));
      expect(cluster.eksAuth?.exec.env.get(name)).toBe('x');
      await rm(join(home, 'profiles'));
    },
  );

  it('needs no opt-in for a link-local server of a user that is not an EKS user', async () => {
    await using registry = registryWithKeys();
    const text = kubeconfigText({ server: 'https://169.254.1.2', user: 'token: t' });
    await expect(registry.registerByString(text, { trustedServers: 'describe-cluster' })).rejects.toThrow('link-local');
    await registry.registerByString(text, { trustedServers: 'kubeconfig' });
    await registry.registerByString(text, { trustedServers: ['https://169.254.1.2/'], replace: true });
  });

  it('may opt in to commands, which then run', async () => {
    await using registry = registryWithKeys();
    const server = evilServer;
    const apiVersion = 'client.authentication.k8s.io/v1beta1';
    const user = `exec: {apiVersion: ${apiVersion}, command: sh, args: [-c, "touch ${home}/ran; echo {}"]}`;
    const text = kubeconfigText({ server, user });
    const cluster = await registry.registerByString(text, { execPolicy: 'allow' });
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toThrow();
    expect(existsSync(join(home, 'ran'))).toBe(true);
    await rm(join(home, 'ran'));
  });

  it('may ask the same of a path', async () => {
    const path = join(home, 'config');
    await writeFile(path, kubeconfigText());
    await using registry = registryWithKeys();
    await expect(registry.registerByPath(path, { trustedServers: [] })).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
    });
    await writeFile(path, kubeconfigText({ user: 'exec: {command: sh}' }));
    await expect(registry.registerByPath(path, { execPolicy: 'eks-only' })).rejects.toMatchObject({
      code: 'EXEC_DENIED',
    });
    await rm(path);
  });

  it('is told which of the trusted servers is not an https URL', async () => {
    await using registry = registryWithKeys();
    await expect(
      registry.registerByString(kubeconfigText(), { trustedServers: ['https://ok.example', 'http://plain.example'] }),
    ).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'trustedServers has "http://plain.example", which is not a plain https:// URL.',
    });
  });
});
