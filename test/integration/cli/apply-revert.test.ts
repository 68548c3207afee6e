import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { execOf, newLines, read, restOf } from '../../support/kubeconfig-judge.ts';
import { realKubectls } from '../../support/kubectl.ts';
import { quoted } from '../../support/sh.ts';

const kubectl = realKubectls().at(-1);

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const recorded = readFileSync('test/kubeconfigs/multi.yaml', 'utf8');

describe('apply and revert', () => {
  it('work on all contexts, twice, and back: the second apply changes nothing, the file ends as it began', async () => {
    home.write(recorded);
    expect(await home.run('apply', '--all', '--yes')).toMatchObject({ code: 0 });
    const applied = home.read();
    expect(execOf(applied, 'dev-acme')).toMatchObject({
      command: home.script,
      env: [{ name: 'AWS_PROFILE', value: 'acme' }],
    });
    const again = await home.run('apply-all', '--yes');
    expect(again).toMatchObject({ code: 0, stdout: 'Nothing to do: every context asked for is applied.\n' });
    expect(home.read()).toBe(applied);
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0 });
    expect(home.read()).toBe(recorded);
  });

  it('say what they would do to all contexts and refuse, without a terminal to ask on and without --yes', async () => {
    home.write(recorded);
    const refused = await home.run('apply', '--all');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(
      /^Apply to \d users in ~\/\.kube\/config:\n {2}\S[\s\S]+nothing was changed: give --yes, or --dry/,
    );
    expect(home.read()).toBe(recorded);
    const { stdout } = await home.run('apply', 'dev-acme');
    expect(stdout).toContain('\nUndo: ekspress revert --all\n');
    const next = await home.run('apply', 'prod');
    expect(next.stdout).toContain('\nUndo: ekspress revert prod\n');
    const applied = home.read();
    expect(await home.run('revert', '--all')).toMatchObject({ code: 2, stderr: expect.stringContaining('Revert 2') });
    expect(home.read()).toBe(applied);
  });

  it('leave what another program has changed elsewhere in the meantime', async () => {
    home.write(recorded);
    await home.run('apply', '--all', '--yes');
    home.write(
      home
        .read()
        .replace('namespace: default', 'namespace: mine')
        .replace('current-context: dev-acme', 'current-context: prod # for now'),
    );
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0 });
    expect(home.read()).toBe(recorded.replace('current-context: dev-acme', 'current-context: prod # for now'));
  });

  it('need neither backups nor records to go back', async () => {
    home.write(recorded);
    await home.run('apply', '--all', '--yes');
    rmSync(join(home.path, '.kube', 'ekspress'), { recursive: true });
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0 });
    expect(home.read()).toBe(recorded);
  });

  it('change the users named, each once however many contexts share it', async () => {
    home.write(
      `${manyUsers(3).replace('contexts:', 'contexts:\n- {name: same, context: {cluster: dev-1, user: dev-1}}')}`,
    );
    const before = home.read();
    const ran = await home.run('apply', '--context', 'same', 'dev-1');
    expect(ran.code).toBe(0);
    expect(restOf(home.read(), ['dev-1'])).toEqual(restOf(before, ['dev-1']));
    expect(newLines(before, home.read())).toHaveLength(3);
    expect(execOf(home.read(), 'dev-0').command).toBe('aws');
  });

  it('keep a copy of the file from before its first change, for its owner alone', async () => {
    home.write(recorded);
    await home.run('apply', 'prod');
    await home.run('apply', 'dev-acme');
    const folder = join(home.path, '.kube', 'ekspress', 'backups');
    const [copy = '', ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(readFileSync(join(folder, copy), 'utf8')).toBe(recorded);
    expect(statSync(join(folder, copy)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('keep a link a link, and the mode of the file', async () => {
    const real = join(home.path, 'dotfiles');
    mkdirSync(real);
    writeFileSync(join(real, 'kubeconfig'), recorded, { mode: 0o640 });
    symlinkSync(join(real, 'kubeconfig'), home.kubeconfig);
    expect((await home.run('apply', '--all', '--yes')).code).toBe(0);
    expect(lstatSync(home.kubeconfig).isSymbolicLink()).toBe(true);
    expect(statSync(join(real, 'kubeconfig')).mode & 0o777).toBe(0o640);
    expect(readFileSync(join(real, 'kubeconfig'), 'utf8')).toContain(home.script);
    expect(readdirSync(real)).toEqual(['kubeconfig']);
  });

  it('edit the file of the KUBECONFIG list that holds the user', async () => {
    const first = home.write(manyUsers(1), 'first');
    const second = home.write(recorded, 'second');
    const ran = await home.runWith({ KUBECONFIG: `${first}:${join(home.path, 'absent')}:${second}` }, 'apply', 'prod');
    expect(ran.code).toBe(0);
    expect(home.read('first')).toBe(manyUsers(1));
    expect(home.read('second')).toContain(home.script);
  });

  it('show a diff and write nothing, with --dry-run in either place', async () => {
    home.write(
      recorded.replace('value: acme', 'value: acme\n      - name: AWS_SECRET_ACCESS_KEY\n        value: wJalrXUtnFEMI'),
    );
    const before = home.read();
    for (const line of [
      ['apply', 'dev-acme', '--dry-run'],
      ['--dry-run', 'apply', 'dev-acme'],
    ]) {
      const { code, stdout } = await home.run(...line);
      expect(code).toBe(0);
      expect(stdout).toContain('-      command: aws\n');
      expect(stdout).toContain(`+      command: ${home.script}\n`);
      expect(stdout).not.toContain('wJalrXUtnFEMI');
    }
    expect(home.read()).toBe(before);
    expect(existsSync(join(home.path, '.kube', 'ekspress'))).toBe(false);
  });

  it('take the portable form and the usual one for each other', async () => {
    home.write(recorded);
    await home.run('apply', 'prod');
    expect((await home.run('apply', 'prod', '--portable')).code).toBe(0);
    expect(execOf(home.read(), 'arn:aws:eks:us-east-1:123456789012:cluster/prod').command).toBe('sh');
    await home.run('apply', 'prod');
    expect(execOf(home.read(), 'arn:aws:eks:us-east-1:123456789012:cluster/prod').command).toBe(home.script);
    await home.run('revert', 'prod');
    expect(home.read()).toBe(recorded);
  });

  it('refuse a stanza that another program has changed since, and with --all go on with the others', async () => {
    home.write(recorded);
    await home.run('apply', '--all', '--yes');
    home.write(
      home
        .read()
        .replace(
          /args:\n {6}- aws\n {6}- --region\n {6}- us-east-1\n {6}- eks\n {6}- get-token\n {6}- --cluster-name\n {6}- prod\n {6}- --output\n {6}- json\n/,
          'args: []\n',
        ),
    );
    const changed = home.read();
    expect(await home.run('revert', 'prod')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has been changed since'),
    });
    expect(home.read()).toBe(changed);
    const { code, stderr } = await home.run('revert', '--all', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('left as it is:');
    expect(execOf(home.read(), 'dev-acme').command).toBe('aws');
  });

  it('install the script with the paths of this machine, and bring an old one up to date', async () => {
    home.write(recorded);
    const folder = join(home.path, 'tools with blanks');
    mkdirSync(folder);
    writeFileSync(join(folder, 'aws'), '#!/bin/sh\n', { mode: 0o755 });
    await home.runWith({ PATH: `${folder}:${home.env.PATH}` }, 'apply', '--all', '--yes');
    const text = readFileSync(home.script, 'utf8');
    const [, node = ''] = /^ekspress_node='(.*)'$/m.exec(text) ?? [];
    expect(realpathSync(node)).toBe(realpathSync(process.execPath));
    expect(text).toContain(`ekspress_package=${quoted(process.cwd())}`);
    expect(statSync(home.script).mode & 0o777).toBe(0o755);
    writeFileSync(home.script, text.replace('# Code of part 3.', '# Code of part 3, of an older release.'));
    expect(await home.run('status', '-o', 'json').then(({ stdout }) => JSON.parse(stdout).script.state)).toBe(
      'outdated',
    );
    expect((await home.run('apply-all', '--yes')).stdout).toContain('updated');
    expect(readFileSync(home.script, 'utf8')).toBe(text);
  });

  it('take over from another cache, with the arguments that its backup still has', async () => {
    const wrapped = recorded.replace(
      /args:\n {6}- --region\n {6}- ap-northeast-2\n {6}- eks\n {6}- get-token\n {6}- --cluster-name\n {6}- prod\n[\s\S]*?command: aws\n/,
      `args:\n      - prod\n      - ap-northeast-2\n      command: ${home.path}/.kube/eks-token-cache.sh\n`,
    );
    home.write(wrapped);
    const args = [
      'eks',
      'get-token',
      '--cluster-name',
      'prod',
      '--region',
      'ap-northeast-2',
      '--role-arn',
      'arn:aws:iam::123456789012:role/x',
    ];
    const backups = join(home.path, '.kube', 'cache', 'eks-token-cache', 'backups');
    mkdirSync(backups, { recursive: true });
    writeFileSync(
      join(backups, 'prod-apne2-admin.json'),
      JSON.stringify({ kubeconfig: home.kubeconfig, exec: { command: 'aws', args } }),
    );
    expect((await home.run('apply', 'prod-apne2')).code).toBe(0);
    expect(execOf(home.read(), 'prod-apne2-admin').args).toEqual(['aws', ...args]);
    await home.run('revert', 'prod-apne2');
    expect(home.read()).toBe(wrapped);
  });

  it.skipIf(!kubectl)('restore the stanzas after kubectl has written the whole file again', async () => {
    const wrapped = recorded
      .replace(/command: aws\n {6}env:/, 'command: kubecredcache\n      env:')
      .replace(/args:\n((?: {6}- .*\n)*)(?= {6}command: kube)/, 'args:\n      - aws\n$1');
    home.write(wrapped);
    expect(execOf(wrapped, 'dev-acme').args?.[0]).toBe('aws');
    await home.run('apply', '--all', '--yes');
    execFileSync(kubectl ?? '', ['config', 'use-context', 'prod'], { env: home.env });
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0, stderr: '' });
    for (const { name } of read(wrapped).users) {
      const { command, args, env } = execOf(home.read(), String(name));
      const was = execOf(wrapped, String(name));
      expect([command, args, env ?? undefined]).toEqual([was.command, was.args, was.env]);
    }
    expect(home.read()).not.toContain('ekspress');
  });

  it("print the line that kubectl's allowlist needs", async () => {
    home.write(recorded);
    home.write(
      'apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: aws\n',
      'kuberc',
    );
    expect((await home.run('apply', 'prod')).stderr).toContain(`- command: ${home.script}`);
  });

  it('warn of a policy of kubectl that cannot be judged, as doctor does', async () => {
    home.write(recorded);
    home.write('credentialPluginPolicy: DenyAll\n---\nkind: Preference\n', 'kuberc');
    const unclear = '~/.kube/kuberc may hold a policy about credential plugins that ekspress cannot judge';
    expect((await home.run('apply', 'prod')).stderr).toContain(unclear);
    const { stdout } = await home.run('doctor');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(unclear);
  });
});
