import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome } from '../../support/cli-home.ts';
import { execOf } from '../../support/kubeconfig-judge.ts';
import { kubeconfigText } from '../../support/kubeconfig-text.ts';

let home: ManagerHome;
let plugin: string;
beforeEach(() => {
  home = makeHome();
  mkdirSync(join(home.path, 'bin'));
  plugin = join(home.path, 'bin/get-token');
  writeFileSync(
    plugin,
    `#!/bin/sh
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"from '"$1"'"}}'
`,
  );
  chmodSync(plugin, 0o755);
});
afterEach(() => home.remove());

const BLOCK = `exec:
        apiVersion: client.authentication.k8s.io/v1beta1
        command: ../bin/get-token   # of the team
        args:
          - here`;
const FLOW = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, args: [here], command: '../bin/get-token'}";

describe('A command that is relative to the folder of the kubeconfig', () => {
  it.each([
    ['in block style', BLOCK],
    ['in flow style', FLOW],
  ])('becomes absolute when it is applied %s, and comes back byte for byte', async (_title, user) => {
    const before = kubeconfigText({ user });
    home.write(before);
    expect(await home.run('apply', 'prod', '--yes')).toMatchObject({ code: 0 });
    const { command, args } = execOf(home.read(), 'admin') as { command: string; args: string[] };
    expect(command).toBe(home.script);
    expect(args).toEqual(['--', plugin, 'here']);
    // As kubectl runs it, from any folder.
    const printed = execFileSync(command, args, { cwd: '/', env: home.env, encoding: 'utf8' });
    expect(JSON.parse(printed).status.token).toBe('from here');
    expect(await home.run('revert', 'prod', '--yes')).toMatchObject({ code: 0 });
    expect(home.read()).toBe(before);
  });

  it('stays as it is where it is looked up in PATH', async () => {
    const user = BLOCK.replace('../bin/get-token   # of the team', 'get-token');
    home.write(kubeconfigText({ user }));
    expect(await home.run('apply', 'prod', '--yes')).toMatchObject({ code: 0 });
    expect(execOf(home.read(), 'admin').args).toEqual(['--', 'get-token', 'here']);
  });
});
