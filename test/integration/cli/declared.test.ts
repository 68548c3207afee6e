import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { execOf } from '../../support/kubeconfig-judge.ts';
import { expectOwnWords, isDebugged } from '../../support/own-words.ts';
import { NOWHERE } from '../../support/paths.ts';

let home: ManagerHome;
/** A plugin of kubectl's that knows nothing of AWS: its token is the value of a variable, and each run leaves a line. */
let plugin: string;

beforeEach(() => {
  home = makeHome();
  const tools = join(home.path, 'tools');
  mkdirSync(tools);
  plugin = join(tools, 'plugin');
  const answer =
    '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"of-%s"}}\\n';
  writeFileSync(
    plugin,
    `#!/bin/sh\necho run >> ${home.path}/runs\n[ "$1" != fail ] || { echo 'no way' >&2; exit 7; }\nprintf '${answer}' "$TENANT"\n`,
    { mode: 0o755 },
  );
});
afterEach(() => home.remove());

const runs = () => (existsSync(join(home.path, 'runs')) ? readFileSync(join(home.path, 'runs'), 'utf8').length / 4 : 0);
const other = () =>
  manyUsers(2).replace(
    'command: aws # the CLI\n      args: [--region, us-east-1, eks,',
    `command: ${plugin} # mine\n      args: [`,
  );
const runScript = (args: readonly string[], env: Record<string, string>) => {
  const ran = spawnSync(home.script, args, { env: { ...home.env, ...env }, encoding: 'utf8' });
  expectOwnWords(ran.stderr, isDebugged(env));
  return ran;
};
/** What kubectl would get. */
const printed = (env: Record<string, string>, args: readonly unknown[] = execOf(home.read(), 'dev-0').args ?? []) =>
  JSON.parse(runScript(args.map(String), env).stdout).status.token;

describe('variables that are declared as part of an identity', () => {
  it('stand before the original command, stay when the file is written again, and go with revert', async () => {
    const text = manyUsers(2);
    home.write(text);
    expect((await home.run('apply', 'dev-0', '--key-env', 'TENANT,STAGE', '--key-env=TEAM')).code).toBe(0);
    expect(execOf(home.read(), 'dev-0').args?.slice(0, 3)).toEqual(['--key-env', 'TENANT,STAGE,TEAM', 'aws']);
    expect((await home.run('apply', 'dev-0')).stdout).toContain('Nothing to do');
    home.write(text);
    expect((await home.run('apply-all', '--yes')).code).toBe(0);
    expect(execOf(home.read(), 'dev-0').args?.slice(0, 3)).toEqual(['--key-env', 'TENANT,STAGE,TEAM', 'aws']);
    expect(execOf(home.read(), 'dev-1').args?.[0]).toBe('aws');
    expect((await home.run('apply', 'dev-0', '--key-env', 'TEAM')).code).toBe(0);
    expect(execOf(home.read(), 'dev-0').args?.slice(0, 2)).toEqual(['--key-env', 'TEAM']);
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(text);
  });

  it('are asked for only where a program makes the token', async () => {
    mkdirSync(join(home.path, '.aws'));
    writeFileSync(join(home.path, '.aws', 'config'), '[profile made]\ncredential_process = /bin/true\n');
    const text = manyUsers(2).replace('--cluster-name, dev-1', '--profile, made, --cluster-name, dev-1');
    home.write(text);
    const { stderr } = await home.run('apply-all', '--yes');
    expect(stderr).toMatch(/the tokens of dev-1 come from a program .* --key-env VARIABLE/);
    expect((await home.run('apply', 'dev-1', '--key-env', 'TENANT')).stderr).not.toContain('--key-env');
  });

  it('find the same entry in warm and status as in the plugin', async () => {
    mkdirSync(join(home.path, '.aws'));
    writeFileSync(
      join(home.path, '.aws', 'credentials'),
      '[default]\naws_access_key_id = AKIAEXAMPLEKEY000001\naws_secret_access_key = EXAMPLEKEYnotasecret\n',
    );
    home.write(manyUsers(1));
    await home.run('apply', 'dev-0', '--key-env', 'TENANT');
    expect((await home.runWith({ TENANT: 'a' }, 'warm')).stdout).toContain('minted');
    const { stdout } = await home.runWith({ TENANT: 'a' }, 'status', '-o', 'json');
    expect(JSON.parse(stdout).contexts[0].token.state).toBe('valid');
    expect(JSON.parse((await home.run('status', '-o', 'json')).stdout).contexts[0].token.state).not.toBe('valid');
    const args = (execOf(home.read(), 'dev-0').args ?? []).map(String);
    const { stderr } = runScript(args, { TENANT: 'a', EKS_TOKEN_DEBUG: '1' });
    expect(stderr).toContain('[DEBUG] hit:');
  });

  it.each([
    [['--key-env', 'not a name'], 'not a name of a variable'],
    [['--key-env', 'A', '--portable'], 'exclude each other'],
  ])('are refused with status 2: %j', async (line, message) => {
    home.write(manyUsers(1));
    const { code, stderr } = await home.run('apply', 'dev-0', ...line);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(home.read()).toBe(manyUsers(1));
  });
});

describe('a plugin that gets no EKS tokens', () => {
  it('is applied when it is named, kept for each value of what was declared, and reverted', async () => {
    const text = other();
    home.write(text);
    await home.run('apply-all', '--yes');
    expect(execOf(home.read(), 'dev-0').command).toBe(plugin);
    const { code, stderr } = await home.run('apply', 'dev-0', '--key-env', 'TENANT');
    expect([code, stderr]).toEqual([0, expect.stringContaining('ekspress cache clear')]);
    expect(execOf(home.read(), 'dev-0').args?.slice(0, 4)).toEqual(['--key-env', 'TENANT', '--', plugin]);
    expect([printed({ TENANT: 'a' }), printed({ TENANT: 'a' }), printed({ TENANT: 'b' })]).toEqual([
      'of-a',
      'of-a',
      'of-b',
    ]);
    expect(runs()).toBe(2);
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(text);
  });

  it('may run where kubectl has a policy about plugins, since it was applied by name', async () => {
    home.write(
      'apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Allowlist\n',
      'kuberc',
    );
    home.write(other());
    await home.run('apply', 'dev-0');
    expect(printed({ TENANT: 'a' })).toBe('of-a');
    expect(() => printed({}, ['--', '/bin/echo', 'x'])).toThrow();
  });

  it('runs again with the one-liner of the hint after an uninstall, with any words before it', async () => {
    home.write(other());
    await home.run('apply', 'dev-0', '--key-env', 'TENANT');
    const hint = String(execOf(home.read(), 'dev-0').installHint);
    const line = /in its place: (.*)\. To undo/.exec(hint)?.[1] ?? 'false';
    rmSync(join(home.path, '.kube', 'ekspress'), { recursive: true });
    expect(spawnSync('sh', ['-c', line], { env: home.env, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(printed({ TENANT: 'a' })).toBe('of-a');
    const ours = execFileSync(home.script, ['echo', 'aws', 'eks'], { env: home.env, encoding: 'utf8' });
    expect(ours).toBe('aws eks\n');
  });

  it('prints through `ekspress token --` what it prints to kubectl', async () => {
    const line = ['token', '--raw', '--key-env', 'TENANT', '--', plugin, 'x'];
    expect(await home.runWith({ TENANT: 'a' }, ...line)).toMatchObject({ code: 0, stdout: 'of-a\n' });
    expect(await home.runWith({ TENANT: 'a' }, ...line)).toMatchObject({ code: 0, stdout: 'of-a\n' });
    expect(runs()).toBe(1);
    expect(await home.run('token', '--', plugin, 'fail')).toMatchObject({ code: 1, stdout: '', stderr: 'no way\n' });
    expect(await home.run('token', '--', '/bin/echo')).toMatchObject({ code: 1, stdout: '' });
    expect((await home.run('token', '--', `${NOWHERE}/plugin`)).stderr).toContain('there is no such program');
  });
});
