import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { execOf } from '../../support/kubeconfig-judge.ts';

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const states = async () => {
  const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout);
  return contexts.map((one: { state: string }) => one.state);
};

describe('a kubeconfig that has changed since', () => {
  it('names the script of another home, which is not here: drifted, and apply --all mends it', async () => {
    const text = manyUsers(1);
    home.write(text);
    await home.run('apply', '--all', '--yes');
    home.write(home.read().replaceAll(home.path, '/home/somebody-else'));
    expect(await states()).toEqual(['drifted']);
    expect((await home.run('status', '--check')).code).toBe(1);
    await home.run('apply', '--all', '--yes');
    expect(execOf(home.read(), 'dev-0').command).toBe(home.script);
    await home.run('revert', '--all', '--yes');
    expect(home.read()).toBe(text);
  });

  it('is back at its first state by itself: revert removes what is left of the record', async () => {
    const text = manyUsers(2);
    home.write(text);
    await home.run('apply', '--all', '--yes');
    home.write(text);
    expect(await states()).toEqual(['drifted', 'drifted']);
    expect(await home.run('revert', '--all', '--dry-run')).toMatchObject({ code: 0 });
    expect(await states()).toEqual(['drifted', 'drifted']);
    expect(await home.run('revert', 'dev-0')).toMatchObject({ code: 0, stderr: '' });
    expect(await states()).toEqual(['not-applied', 'drifted']);
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(await states()).toEqual(['not-applied', 'not-applied']);
    expect(home.read()).toBe(text);
  });

  it('was written by hand with a cluster and a region: applied, and never taken for an original command', async () => {
    const text = manyUsers(1)
      .replace('command: aws', `command: ${home.script}`)
      .replace(/args: .*/, 'args: [dev-0, us-east-1]');
    home.write(manyUsers(1), 'other');
    await home.run('apply', '--all', '--yes', '--kubeconfig', join(home.path, '.kube', 'other'));
    home.write(text);
    const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout);
    expect(contexts).toMatchObject([{ state: 'applied', cluster: 'dev-0', region: 'us-east-1' }]);
    expect((await home.run('apply', 'dev-0')).stdout).toContain('Nothing to do');
    const { code, stderr } = await home.run('revert', '--all', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('written by hand')]);
    expect(home.read()).toBe(text);
  });

  it('has a user that shares its stanza with one that is not to be applied: apply --all goes on with the others', async () => {
    const text = manyUsers(3)
      .replace(
        'args: [--region, us-east-1, eks, get-token, --cluster-name, dev-1]',
        'args: &words [eks, get-token, --cluster-name, dev-1]',
      )
      .concat('- name: unused\n  user: {exec: {command: my-plugin, args: *words}}\n');
    home.write(text);
    const refused = [
      { code: 'INVALID_KUBECONFIG', message: expect.stringContaining('"unused"'), remedy: expect.stringMatching(/\w/) },
    ];
    const dryRun = await home.run('apply', '--all', '--dry-run', '-o', 'json');
    expect([dryRun.code, JSON.parse(dryRun.stdout)]).toMatchObject([1, { refused }]);
    const preview = await home.run('apply', '--all', '--dry-run');
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/left as it is: .*shares its exec with "unused".*\n {2}\w/),
    ]);
    expect([preview.stderr, stderr]).toEqual([stderr.split('note: ')[0], expect.stringContaining('note: ')]);
    expect(JSON.parse((await home.run('apply', '--all', '--yes', '-o', 'json')).stdout)).toMatchObject({ refused });
    expect(['dev-0', 'dev-1', 'dev-2'].map((name) => execOf(home.read(), name).command)).toEqual([
      home.script,
      'aws',
      home.script,
    ]);
    await home.run('revert', '--all', '--yes');
    expect(home.read()).toBe(text);
  });
});
