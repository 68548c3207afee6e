import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type LocalAWS, startLocalAWS } from '../../src/testing/index.ts';
import { realKubectls } from '../support/kubectl.ts';
import { KnownKeys, PLUGIN, PluginWorld, run } from '../support/plugin-home.ts';

// The morning after: kubectl asks its plugin again and again for a token that an expired login cannot give.

const server = inject('apiServer');
const kubectls = realKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl');
const terminal = spawnSync('script', ['--version']).error === undefined;
if (!terminal) console.log('skipped: no script');

const WAYS = kubectls.flatMap((kubectl) => [
  { name: `${basename(kubectl)} in a script`, kubectl, typed: false },
  ...(terminal ? [{ name: `${basename(kubectl)} on a terminal`, kubectl, typed: true }] : []),
]);

describe.skipIf(!server || kubectls.length === 0)('an SSO session that has ended', () => {
  let world: PluginWorld;
  let known: KnownKeys;
  let aws: LocalAWS;
  let env: Record<string, string>;

  beforeEach(async () => {
    world = new PluginWorld(server);
    known = new KnownKeys(server!);
    aws = await startLocalAWS({
      ssoRoles: [{ accountId: '123456789012', roleName: 'Admins', groups: ['system:masters'] }],
    });
    known.addWhatIsIssuedBy(aws);
    world.write(
      '.aws/config',
      `[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admins\nregion = us-east-1\n
[sso-session corp]\nsso_start_url = https://local.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n`,
    );
    const counting = world.executable('counting', `echo asked >>'${world.home}/asked'\nexec '${PLUGIN}' "$@"`);
    const network = await world.behind(aws);
    const KUBECONFIG = world.kubeconfig('config', { command: counting, env: { ...network, AWS_PROFILE: 'dev' } });
    env = { ...world.env, KUBECONFIG, SHELL: '/bin/sh', TERM: 'dumb' };
  });
  afterEach(async () => {
    known.forget();
    await aws.close();
    world.remove();
  });

  it.each(WAYS)(
    'is told in full once and in one line then, with one call of AWS; a new login is all it takes: $name',
    async ({ kubectl, typed }) => {
      await aws.ssoLogin(world.home, { sessionName: 'corp', expiresInSeconds: -60 });
      aws.ssoLogout();
      const get = () => {
        const words = [kubectl, 'get', 'namespaces', '-o', 'name'];
        return run(typed ? ['script', '-qec', words.join(' '), '/dev/null'] : words, env);
      };
      const failed = await get();
      expect(failed.status).not.toBe(0);
      const asked = readFileSync(join(world.home, 'asked'), 'utf8').trimEnd().split('\n').length;
      expect(asked).toBeGreaterThan(1);
      const lines = `${failed.stdout}${failed.stderr}`.split(/\r?\n/).filter((line) => line.startsWith('ekspress: '));
      const short = lines.filter((line) => line.includes(' Next: Log '));
      const full = lines.filter((line) => !short.includes(line));
      expect(full).toEqual([expect.stringContaining('SSO'), expect.stringContaining('`aws sso login --profile dev`')]);
      expect(short).toHaveLength(asked - 1);
      expect(short.every((line) => line.includes('`aws sso login --profile dev`'))).toBe(true);
      expect(aws.calls).toHaveLength(1);
      // The next command may be a retry of a person at a terminal. In a script it asks nothing within half a minute.
      expect((await get()).status).not.toBe(0);
      expect(aws.calls).toHaveLength(typed ? 2 : 1);

      await aws.ssoLogin(world.home, { sessionName: 'corp' });
      const healed = await get();
      expect(healed.status).toBe(0);
      expect(healed.stdout).toContain('namespace/kube-system');
      expect(healed.stdout + healed.stderr).not.toContain('ekspress');
      console.log(`${basename(kubectl)}: asked ${asked} times by one command`);
    },
  );
});
