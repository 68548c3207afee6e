import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getEKSToken } from '../../../../src/aws/token/eks-token.ts';
import { FakeHome } from '../../../support/fake-aws-home.ts';

describe('Python code that the AWS CLI loads', () => {
  const tokenOf = async (home: FakeHome, env: Record<string, string> = {}) =>
    (await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env: { ...home.env, ...env } })).token;

  it('decides whose token it prints: another module of its plugins, or another PYTHONPATH, gets none of the cache', async () => {
    const home = new FakeHome().withStaticKeys().withAws();
    const folder = join(home.directory, 'plugins');
    mkdirSync(folder);
    const module = join(folder, 'who.py');
    writeFileSync(module, 'admin = True');
    home.withConfig(`[plugins]\ncli_legacy_plugin_path = ${folder}\nwho = who\n`);
    const first = await tokenOf(home);
    expect(await tokenOf(home)).toBe(first);
    writeFileSync(module, 'admin = False');
    const second = await tokenOf(home);
    expect(second).not.toBe(first);
    const third = await tokenOf(home, { PYTHONPATH: '/opt/code' });
    expect(third).not.toBe(second);
    expect(await tokenOf(home, { PYTHONPATH: '/opt/code' })).toBe(third);
    expect(await tokenOf(home, { PYTHONPATH: '/srv/code' })).not.toBe(third);
    expect(home.awsCalls).toBe(4);
  });

  it('is no matter for a token that is made without it', async () => {
    const home = new FakeHome().withStaticKeys();
    expect(await tokenOf(home, { PYTHONPATH: '/opt/code' })).toBe(await tokenOf(home));
  });
});
