import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome } from '../../support/cli-home.ts';

let home: ManagerHome;
beforeEach(() => {
  home = makeHome({ TZ: 'America/St_Johns', NO_COLOR: '1' });
  rmSync(join(home.path, '.kube'), { recursive: true });
});
afterEach(() => home.remove());

describe('the demo', () => {
  it('goes from a kubeconfig to pods in a home of its own, and ends with the next command', async () => {
    const { code, stdout, stderr } = await home.run('demo');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /temporary home folder, \S+[\s\S]*Your own ~\/.kube and ~\/.aws are neither read nor changed/,
    );
    expect(stdout).toMatch(/✓ minted a token in-process, good until \d\d:\d\d:\d\d GMT-[23]:30/);
    expect(stdout).toMatch(/✓ registered \.kube\/config of that home as arn:aws:eks:\S+\/dev/);
    expect(stdout).toMatch(/✓ listed 6 pods through @kubernetes\/client-node/);
    // What it shows of kubectl and aws depends on the machine: either the thing itself, or why not.
    expect(stdout).toMatch(/kubectl got its pods with that very token|skipped: kubectl on the same token/);
    expect(stdout).not.toMatch(/k8s-aws-v1\.\w/);
    expect(stdout.trimEnd().split('\n').at(-1)?.trim()).toBe('ekspress apply');
    expect(readdirSync(home.path)).toEqual([]);
  });

  it('takes no words', async () => {
    expect(await home.run('demo', 'more')).toMatchObject({ code: 2, stdout: '' });
  });
});
