import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { NOWHERE } from '../../support/paths.ts';

const chattr = optionalProgram('chattr');

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

/** Nothing beside the kubeconfig, and that as it was. */
function expectUntouched(text: string): void {
  expect(home.read()).toBe(text);
  expect(readdirSync(join(home.path, '.kube')).filter((name) => name !== 'ekspress')).toEqual(['config']);
}

describe('the manager', () => {
  it('reports a missing kubeconfig', async () => {
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining(`There is no kubeconfig at ${home.kubeconfig}`)]);
    expect(stderr).toContain('`ekspress kubeconfig`');
  });

  it('reports a KUBECONFIG that names no existing file', async () => {
    const { code, stderr } = await home.runWith({ KUBECONFIG: `${NOWHERE}/a:${NOWHERE}/b` }, 'status');
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${NOWHERE}/a, ${NOWHERE}/b`)]);
  });

  it('reports a folder in the place of a kubeconfig', async () => {
    mkdirSync(home.kubeconfig);
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('is a directory')]);
  });

  it('reports a file that is not YAML, with the line', async () => {
    home.write('a: [1\nb: {');
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/config:\d+:\d+ is not valid YAML/);
  });

  it('reports a write-protected file', async () => {
    home.write(manyUsers(1));
    chmodSync(home.kubeconfig, 0o400);
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('write-protected (mode 0400)')]);
    expectUntouched(manyUsers(1));
  });

  it('reports a file that the system lets no user replace', async (test) => {
    home.write(manyUsers(1));
    if (chattr === undefined || spawnSync(chattr, ['+i', home.kubeconfig]).status !== 0) test.skip('no chattr here');
    try {
      const { code, stderr } = await home.run('apply', '--all', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be replaced')]);
      expectUntouched(manyUsers(1));
    } finally {
      execFileSync(chattr ?? '', ['-i', home.kubeconfig]);
    }
  });

  it('reports a file with two names', async () => {
    home.write(manyUsers(1));
    linkSync(home.kubeconfig, join(home.path, 'other-name'));
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('2 names')]);
    expectUntouched(manyUsers(1));
  });

  it('reports a context that does not exist, with the nearest names', async () => {
    home.write(manyUsers(3));
    const { code, stderr } = await home.run('apply', 'dev-11');
    expect(code).toBe(1);
    expect(stderr).toContain('There is no context "dev-11"');
    expect(stderr).toContain('Did you mean "dev-1"');
    expectUntouched(manyUsers(3));
  });

  it('reports a user without an exec', async () => {
    const text = manyUsers(1).replace(/ {4}exec:[\s\S]*/, '    token: abc\n');
    home.write(text);
    const { code, stderr } = await home.run('apply', 'dev-0');
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no exec command')]);
    expectUntouched(text);
  });

  it('reports a context that is not applied and cannot be reverted', async () => {
    home.write(manyUsers(1));
    const { code, stderr } = await home.run('revert', 'dev-0');
    expect([code, stderr]).toEqual([1, expect.stringContaining('nothing to revert')]);
    expectUntouched(manyUsers(1));
  });

  it('reports a stanza that stands in another user', async () => {
    const text = manyUsers(2)
      .replace(/(name: dev-1\n {2}user:\n {4}exec:)[\s\S]*/, '$1 *shared\n')
      .replace('exec:\n', 'exec: &shared\n');
    home.write(text);
    const { code, stderr } = await home.run('apply', 'dev-0');
    expect(code).toBe(1);
    expect(stderr).toContain('shares its exec with "dev-1" through an anchor');
    expectUntouched(text);
  });

  it('reports a lock that kubectl has left: which, since when, and what to do', async () => {
    home.write(manyUsers(1));
    const lock = `${home.kubeconfig}.lock`;
    writeFileSync(lock, '');
    utimesSync(lock, new Date('2024-03-01T10:00:00Z'), new Date('2024-03-01T10:00:00Z'));
    const { code, stderr } = await home.run('apply', '--all', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain(`${lock} is held by kubectl or another tool, since 2024-03-01T10:00:00.000Z`);
    expect(stderr).toContain(`rm ${lock}`);
    rmSync(lock);
    expectUntouched(manyUsers(1));
  });

  it('reports that there is no terminal for a question: status 2', async () => {
    home.write(manyUsers(1));
    const { code, stderr } = await home.run('apply');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--context NAME, or give --all')]);
    expectUntouched(manyUsers(1));
  });

  it.each([
    [['aply'], `There is no command 'aply'. Did you mean "apply"`],
    [['apply', '--everything'], '--everything'],
    [['status', '-o', 'xml'], "-o takes table, json or yaml, not 'xml'"],
    [['apply', '--drr-run'], 'Did you mean "--dry-run"?'],
    [['mcp', '--kubeconfig', 'x'], 'mcp does not take --kubeconfig. Did you mean "--trust-kubeconfig"?'],
    [['cache', 'lst'], 'Did you mean "list"?'],
    [['status', '--kubeconfig'], '--kubeconfig needs a value'],
    [['apply', '--all', 'dev'], 'not both'],
    [['cache'], 'cache list'],
    [['hook', 'tcsh'], 'hook bash'],
  ])('refuses %j: status 2', async (line, message) => {
    home.write(manyUsers(1));
    const { code, stderr, stdout } = await home.run(...line);
    expect([code, stderr, stdout]).toEqual([2, expect.stringContaining(message), '']);
  });
});
