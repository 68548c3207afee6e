import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterRegistry } from 'ekspress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compactSeconds } from '../../src/text/iso-seconds.ts';
import { makeHome } from '../support/cli-home.ts';
import { FakeHome } from '../support/fake-aws-home.ts';

const AWS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];

/** Programs that people put before `aws`: the words before it, and the words of `aws` as the program takes them. */
const RUNNERS: readonly (readonly string[])[] = [
  ['aws-vault', 'exec', 'acme', '--', ...AWS],
  ['granted', '--', ...AWS],
  ['assume', 'acme', '--exec', AWS.join(' ')],
  ['saml2aws', 'exec', '--exec-profile', 'acme', '--', ...AWS],
  ['aws-sso', 'exec', '-p', 'acme', '--', ...AWS],
  ['awsume', 'acme', '--', ...AWS],
  ['aws2-wrap', '--profile', 'acme', ...AWS],
  ['op', 'plugin', 'run', '--', ...AWS],
  ['docker', 'run', '--rm', '-v', '/home/me/.aws:/root/.aws', 'amazon/aws-cli', ...AWS.slice(1)],
];

/** What ekspress sees through, so that it makes the token itself. */
const TRANSPARENT: readonly (readonly string[])[] = [
  ['env', 'AWS_PROFILE=default', ...AWS],
  ['sh', '-c', AWS.join(' ')],
];

function kubeconfigWith(users: readonly (readonly string[])[]): string {
  const server = 'https://ABCDEF.gr7.us-east-1.eks.amazonaws.com';
  const names = users.map((_, index) => `c${index}`);
  return JSON.stringify({
    kind: 'Config',
    'current-context': names[0],
    clusters: [{ name: 'dev', cluster: { server, 'certificate-authority-data': 'Y2E=' } }],
    contexts: names.map((name) => ({ name, context: { cluster: 'dev', user: name } })),
    users: users.map(([command, ...args], index) => ({ name: names[index], user: { exec: { command, args } } })),
  });
}

/** A home whose programs of these names print a token that `aws` makes, and note each run. */
function arrange(user: readonly string[]) {
  const home = new FakeHome().withStaticKeys().withAws();
  const [program = ''] = user;
  const ran = join(home.directory, 'ran');
  const runs = () => (existsSync(ran) ? readFileSync(ran, 'utf8').split('\n').length - 1 : 0);
  if (program !== 'env' && program !== 'sh') {
    const script = `#!/bin/sh\necho run >>'${ran}'\nexec aws ${AWS.slice(1).join(' ')}\n`;
    writeFileSync(join(home.directory, 'bin', program), script, { mode: 0o755 });
  }
  mkdirSync(join(home.directory, '.kube'));
  writeFileSync(join(home.directory, '.kube', 'config'), kubeconfigWith([user]));
  return { home, runs };
}

describe('a program that runs `aws`', () => {
  it.each(RUNNERS)('runs once for all who ask, in two registries: %s', async (...user) => {
    const { home, runs } = arrange(user);
    await using first = new ClusterRegistry({ env: home.env });
    await using second = new ClusterRegistry({ env: home.env });
    const clusters = await Promise.all([first, second].map((registry) => registry.registerEKSByPath()));
    const asked = clusters.flatMap((cluster) => Array.from({ length: 4 }, () => cluster.getToken()));
    const tokens = (await Promise.all(asked)).map(({ token }) => token);
    expect(new Set(tokens).size).toBe(1);
    expect(runs()).toBe(1);
  });

  it.each(RUNNERS)('is not run on the word of a text: %s', async (...user) => {
    const { home, runs } = arrange(user);
    await using registry = new ClusterRegistry({ env: home.env });
    const registered = registry.registerEKSByString(kubeconfigWith([user]), { trustedServers: 'kubeconfig' });
    await expect(registered).rejects.toMatchObject({
      code: 'EXEC_DENIED',
      message: expect.stringContaining(`"${user[0]}"`),
    });
    expect(runs()).toBe(0);
  });

  it.each(TRANSPARENT)('is seen through where it only starts `aws`: %s', async (...user) => {
    const { home } = arrange(user);
    await using registry = new ClusterRegistry({ env: home.env, execPolicy: 'eks-only' });
    const cluster = await registry.registerEKSByPath();
    expect((await cluster.getToken()).token).toMatch(/^k8s-aws-v1\./);
    expect(home.awsCalls).toBe(0);
  });

  it('is named by `ekspress status`', async () => {
    const home = makeHome();
    onTestFinished(() => home.remove());
    const all = [...RUNNERS, ...TRANSPARENT];
    home.write(kubeconfigWith(all));
    const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout) as {
      contexts: { state: string; reason: string | null }[];
    };
    const [vault, ...others] = RUNNERS;
    expect(vault?.[0]).toBe('aws-vault');
    // `apply` puts the plugin before aws-vault as before aws itself.
    const runs = [
      { state: 'not-applied' },
      ...others.map(([program]) => ({ state: 'other-command', reason: program })),
    ];
    const none = TRANSPARENT.map(() => ({ state: 'not-applied' }));
    expect(contexts).toMatchObject([...runs, ...none]);
  });

  it('shows in `ekspress status` its cluster, and whether kubectl gets its token from the shared cache', async () => {
    const home = makeHome();
    onTestFinished(() => home.remove());
    const token = `k8s-aws-v1.${Buffer.from(`https://sts/?X-Amz-Date=${compactSeconds(new Date())}`).toString('base64url')}`;
    const answer = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', status: { token } };
    for (const program of ['aws-vault', 'saml2aws', 'docker'])
      home.pathWith(program, `echo '${JSON.stringify(answer)}'`);
    const PATH = home.pathWith('aws', `echo '${JSON.stringify(answer)}'`);
    const users = RUNNERS.filter(([program = '']) => ['aws-vault', 'saml2aws', 'docker'].includes(program));
    const status = async () => {
      const { stdout } = await home.runWith({ PATH }, 'status', '-o', 'json');
      const { contexts } = JSON.parse(stdout) as { contexts: Shown[] };
      return contexts.map(({ state, cluster, region, fromCache, token: found }) => [
        state,
        cluster,
        region,
        found?.state,
        fromCache,
      ]);
    };
    home.write(kubeconfigWith(users));
    expect(await status()).toEqual([
      ['not-applied', 'dev', 'us-east-1', 'none', false],
      ['other-command', 'dev', 'us-east-1', undefined, false],
      ['other-command', 'dev', 'us-east-1', undefined, false],
    ]);
    // A service puts a token into the cache. kubectl runs the program all the same.
    await using registry = new ClusterRegistry({ env: { ...home.env, PATH } });
    await (await registry.registerEKSByPath(home.kubeconfig, { context: 'c0' })).getToken();
    expect((await status())[0]).toEqual(['not-applied', 'dev', 'us-east-1', 'valid', false]);
    expect((await home.runWith({ PATH }, 'status', 'c0')).stdout).toMatch(/c0 +not applied +not used/);
    await home.runWith({ PATH }, 'apply', 'c0', 'c1', '--no-compare', '--yes');
    expect((await status()).slice(0, 2)).toEqual([
      ['applied', 'dev', 'us-east-1', 'valid', true],
      ['applied', 'dev', 'us-east-1', 'none', false],
    ]);
    await home.runWith({ PATH }, 'token', 'c1');
    expect((await status())[1]).toEqual(['applied', 'dev', 'us-east-1', 'valid', true]);
    expect((await home.runWith({ PATH }, 'status', 'c1')).stdout).toMatch(/c1 +applied +1[34]m.* left/);
  });
});

/** What `status -o json` says of a context. */
interface Shown {
  readonly state: string;
  readonly cluster: string | null;
  readonly region: string | null;
  readonly fromCache: boolean | null;
  readonly token: { readonly state: string } | null;
}
