import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEditable } from '../../src/kubeconfig/edit/edit-kubeconfig.ts';
import { windowsCall } from '../../src/kubeconfig/edit/edit-stanza.ts';
import { applyToUsers } from '../../src/kubeconfig/edit/edit-users.ts';
import { type ManagerHome, makeHome } from '../support/cli-home.ts';
import { ORIGINAL } from '../support/windows-machine.ts';

const FOLDER = 'C:\\Users\\Kim Lee\\.kube\\ekspress';
const COPY_OF_NODE = `${FOLDER}\\ekspress-exec.exe`;
const APPLIED = applyToUsers(
  readEditable(ORIGINAL, 'config'),
  [{ name: 'dev' }],
  windowsCall(COPY_OF_NODE, `${FOLDER}\\ekspress-exec.cjs`),
);

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
  home.write(APPLIED);
});
afterEach(() => home.remove());

describe('a kubeconfig that was applied on Windows and is read on another system', () => {
  it('is applied to the eyes of status and doctor, with the cluster and the profile of its original command', async () => {
    const { stdout } = await home.run('status', '-o', 'json');
    const [context] = JSON.parse(stdout).contexts;
    expect(context).toMatchObject({
      name: 'dev',
      state: 'applied',
      reason: `on Windows, through ${COPY_OF_NODE}`,
      cluster: 'dev',
      profile: 'reader',
    });
    expect((await home.run('doctor', '--timeout', '1')).stdout).toContain('dev goes through ekspress: on Windows');
  });

  it('is byte for byte what it was after revert', async () => {
    expect(await home.run('revert', 'dev')).toMatchObject({ code: 0, stderr: '' });
    expect(home.read()).toBe(ORIGINAL);
  });

  it('runs through the script of this system after apply, and goes back to the original from there', async () => {
    expect(await home.run('apply', 'dev', '--no-compare')).toMatchObject({ code: 0 });
    expect(home.read()).toContain(`command: ${home.script} # the CLI`);
    expect(home.read()).not.toContain('NODE_OPTIONS');
    await home.run('revert', 'dev');
    expect(home.read()).toBe(ORIGINAL);
  });
});
