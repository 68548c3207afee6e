import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { MAIN } from '../../support/cli-home.ts';
import { noteSkipped } from '../../support/optional-programs.ts';
import { PATH } from '../../support/paths.ts';

const NOT_LISTED = 54_321;
const isRoot = process.getuid?.() === 0;
if (!isRoot) noteSkipped('not root: no other user');

it.skipIf(!isRoot)(
  'A user without HOME and without a passwd entry gets tokens from the environment, and is told what is missing',
  () => {
    const run = (env: Record<string, string>, ...args: string[]) =>
      spawnSync(process.execPath, [MAIN, ...args], {
        env: { PATH, ...env },
        encoding: 'utf8',
        uid: NOT_LISTED,
        gid: NOT_LISTED,
      });
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    expect(JSON.parse(run(keys, 'token', 'dev', 'us-east-1').stdout)).toMatchObject({ kind: 'ExecCredential' });
    const { status, stderr } = run({}, 'status');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'ekspress: There is no kubeconfig: HOME is not set, and this user has no entry in the passwd database.\n' +
        '  Set HOME, or name a kubeconfig in KUBECONFIG.\n',
    });
  },
);
