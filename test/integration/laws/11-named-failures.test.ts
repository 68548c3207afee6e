import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry, EKSAuthError, type EKSAuthErrorCode, getEKSToken } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { localWorld } from '../../support/local-cluster.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';

const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
const SSO = `[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Admin
region = us-east-1
`;

/** A home with one mistake in it, the profile that is asked for, and what its user is told. */
const MISTAKES: readonly (readonly [string, () => FakeHome, string | undefined, EKSAuthErrorCode, RegExp])[] = [
  ['no credentials', () => new FakeHome(), undefined, 'NO_CREDENTIALS', /aws configure/],
  [
    'a profile that does not exist',
    () => new FakeHome().withStaticKeys(),
    'prdo',
    'PROFILE_NOT_FOUND',
    /aws configure/,
  ],
  ['a login that has not happened', () => new FakeHome().withConfig(SSO), 'sso', 'SESSION_EXPIRED', /aws sso login/],
  [
    'a program that fails',
    () => new FakeHome().withProcess('exit 3'),
    'process',
    'EXEC_FAILED',
    /Run the command by hand/,
  ],
];

describe('a failure', () => {
  it.each(MISTAKES)(
    'has a code, a cause and the next command, in the library and in the plugin: %s',
    async (...row) => {
      const [, make, profile, code, command] = row;
      const home = make();
      const request = { clusterName: 'dev', region: 'us-east-1', env: home.env, ...(profile && { profile }) };
      const error = await getEKSToken(request).catch((reason) => reason);
      if (!(error instanceof EKSAuthError)) throw error;
      expect(error.code).toBe(code);
      expect(error.message).toMatch(/^.+\.$/s);
      expect(error.remedy).toMatch(command);

      const words = [SCRIPT, ...WORDS, ...(profile ? ['--profile', profile] : [])];
      const env = { ...home.env, EKS_TOKEN_CACHE_DIR: join(home.directory, 'another-cache') };
      const { status, stdout, stderr } = await run(words, env);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(error.message);
      expect(stderr).toContain(error.remedy);
    },
  );

  it('names the command that lists the access entries, where the API server refuses', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    eks.revoke(eks.identities.admin.accessKeyId);
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
      remedy: expect.stringContaining('aws eks list-access-entries --cluster-name dev --region us-east-1'),
    });
  });

  it('names the file of a kubeconfig that cannot be read', async () => {
    const home = new FakeHome();
    const path = join(home.directory, 'broken');
    writeFileSync(path, 'apiVersion: v1\nkind: [Config\n');
    await using registry = new ClusterRegistry({ env: home.env });
    await expect(registry.registerByPath(path)).rejects.toMatchObject({
      code: 'INVALID_KUBECONFIG',
      message: expect.stringContaining(path),
    });
  });
});
