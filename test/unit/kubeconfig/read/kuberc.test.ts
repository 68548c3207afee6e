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

  const head = 'apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n';
  const deny = `${head}credentialPluginPolicy: DenyAll\n`;
  it.each([
    ['a second document', `${deny}---\n${head}`],
    ['a key that stands twice', `${deny}aliases: []\naliases: []\n`],
    ['a tag', `${deny}x: !!set {a}\n`],
    ['text that is not YAML', `${deny}x: [\n`],
    ['another encoding', Buffer.from(`\ufeff${deny}`, 'utf16le')],
    ['a policy that kubectl does not know', `${head}credentialPluginPolicy: Some\n`],
    ['a list without its policy', `${head}credentialPluginAllowlist:\n- command: aws\n`],
  ])('cannot be judged and allows nothing in a file with %s', async (_what, text) => {
    writeFileSync(join(home, '.kube', 'kuberc'), text);
    const policy = await pluginPolicy({ HOME: home });
    expect(policy).toMatchObject({ policy: 'unclear' });
    expect(policy && isAllowed(policy, '/usr/bin/env', { HOME: home })).toBe(false);
  });

  it('cannot be judged in a folder, and is not there without a file', async () => {
    expect(await pluginPolicy({ HOME: home })).toBeUndefined();
    mkdirSync(join(home, '.kube', 'kuberc'));
    expect(await pluginPolicy({ HOME: home })).toMatchObject({ policy: 'unclear' });
  });

  it.each([
    ['that is empty', ''],
    ['of several documents without the key', `${head}---\n${head}`],
    ['that allows all', `${head}credentialPluginPolicy: AllowAll\n`],
    ['with aliases only, one name twice', `${head}aliases: []\naliases: []\n`],
  ])('is not seen in a file %s', async (_what, text) => {
    writeFileSync(join(home, '.kube', 'kuberc'), text);
    expect(await pluginPolicy({ HOME: home })).toBeUndefined();
  });
});
