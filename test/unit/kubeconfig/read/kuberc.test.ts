import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowingCommand, isAllowed, pluginPolicy } from '../../../../src/kubeconfig/read/kuberc.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ekspress-kuberc-'));
  mkdirSync(join(home, '.kube', 'ekspress'), { recursive: true });
  writeFileSync(join(home, '.kube', 'ekspress', 'ekspress-exec'), '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => rmSync(home, { recursive: true }));

async function allows(entry: string, more: Record<string, string> = {}): Promise<boolean | 'no policy'> {
  const text = `credentialPluginPolicy: Allowlist # not AllowAll\ncredentialPluginAllowlist:\n- command: ${entry}\n`;
  writeFileSync(join(home, '.kube', 'kuberc'), text);
  const env = { HOME: home, PATH: '/usr/bin:/bin', ...more };
  const policy = await pluginPolicy(env);
  return policy ? isAllowed(policy, join(home, '.kube/ekspress/ekspress-exec'), env) : 'no policy';
}

describe("kubectl's policy about plugins", () => {
  it('takes an entry without a path for the program of that name on PATH', async () => {
    expect(await allows('ekspress-exec')).toBe(false);
    expect(await allows('ekspress-exec', { PATH: join(home, '.kube/ekspress') })).toBe(true);
  });

  it('compares cleaned whole paths', async () => {
    expect(await allows(`${home}/.kube/../.kube/./ekspress//ekspress-exec`)).toBe(true);
    expect(await allows(`${home}/elsewhere/ekspress-exec`)).toBe(false);
  });

  it('is extended by a command of kubectl that names every entry, as that command replaces the list', async () => {
    await allows('aws');
    const policy = await pluginPolicy({ HOME: home });
    expect(policy && allowingCommand(policy, '/home/me/my tools/ekspress-exec')).toBe(
      "kubectl kuberc set --section credentialplugin --policy Allowlist --allowlist-entry command=aws --allowlist-entry command='/home/me/my tools/ekspress-exec'",
    );
    // The command takes commas for the ends of entries, and knows no entries with the older key.
    expect(policy && allowingCommand(policy, '/a,b')).toBeUndefined();
    expect(policy && allowingCommand({ ...policy, key: 'name' }, '/a')).toBeUndefined();
  });

  it('is off with KUBECTL_KUBERC=false and KUBERC=off', async () => {
    expect(await allows('aws', { KUBECTL_KUBERC: 'false' })).toBe('no policy');
    expect(await allows('aws', { KUBERC: 'off' })).toBe('no policy');
  });
});
