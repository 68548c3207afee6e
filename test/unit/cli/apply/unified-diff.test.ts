import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../../src/cli/apply/unified-diff.ts';
import { readEditable } from '../../../../src/kubeconfig/edit/edit-kubeconfig.ts';
import { pluginCall } from '../../../../src/kubeconfig/edit/edit-stanza.ts';
import { applyToUsers } from '../../../../src/kubeconfig/edit/edit-users.ts';
import { STYLES } from '../../../support/kubeconfig-styles.ts';

const call = pluginCall('/h/.kube/ekspress/ekspress-exec', '~/.kube/ekspress/ekspress-exec', false);
const plain = (_: unknown, text: string) => text;
const diff = (text: string, users = ['dev']) => {
  const before = readEditable(text, '/h/.kube/config');
  const after = applyToUsers(
    before,
    users.map((name) => ({ name })),
    call,
  );
  return unifiedDiff(before, readEditable(after, '/h/.kube/config'), plain);
};
const style = (name: string) => STYLES.find((one) => one.name === name)?.text ?? '';

describe('the diff of a dry run', () => {
  it('shows the lines that come and go, with three around them and their numbers', () => {
    const lines = diff(style('plain blocks')).split('\n');
    expect(lines.slice(0, 3)).toEqual(['--- /h/.kube/config', '+++ /h/.kube/config', '@@ -13,7 +13,9 @@']);
    expect(lines.filter((line) => line.startsWith('-      '))).toEqual(['-      command: aws']);
    expect(lines.filter((line) => line.startsWith('+      '))).toHaveLength(3);
    const [, from = '', removed = '', , added = ''] = /@@ -(\d+),(\d+) \+(\d+),(\d+) @@/.exec(lines[2] ?? '') ?? [];
    expect(style('plain blocks').split('\n')[Number(from) - 1]).toBe('    exec:');
    const body = lines.slice(3, -1);
    expect(body.filter((line) => !line.startsWith('+'))).toHaveLength(Number(removed));
    expect(body.filter((line) => !line.startsWith('-'))).toHaveLength(Number(added));
  });

  it('never shows a secret: of a variable, of the neighbour, of the user', () => {
    const env = (name: string, value: string) =>
      `      env:\n      - name: ${name}\n        value: ${value}\n      command: aws\n`;
    const stanza = (name: string, value: string) =>
      style('plain blocks')
        .replace('      command: aws\n', '')
        .replace('- dev\n', `- dev\n${env(name, value)}`);
    const shown = diff(stanza('AWS_PROFILE', 'acme-profile'));
    expect(shown).toContain('value: acme-profile');
    const secret = diff(stanza('AWS_SECRET_ACCESS_KEY', "'not # a comment'").replace('token: abc ', 'token: abcdef '));
    expect(secret).toContain('AWS_SECRET_ACCESS_KEY');
    expect(secret).toContain('token: ‹hidden›');
    expect(secret).not.toMatch(/not # a comment|abcdef/);
  });

  it('shows the change of JSON on one line and not the file', () => {
    const json = style('JSON on one line').replace(
      '"server"',
      `"certificate-authority-data":"${'A'.repeat(2000)}","server"`,
    );
    const text = diff(json);
    expect(text.length).toBeLessThan(2500);
    expect(text).toContain('/h/.kube/ekspress/ekspress-exec');
    expect(text).not.toContain('AAAAAA');
  });

  it('does not show what the installHint keeps of a stanza, which is all of it once more', () => {
    const env = `      env:\n      - name: AWS_SECRET_ACCESS_KEY\n        value: EXAMPLEKEYsecret\n`;
    const text = diff(style('plain blocks').replace('command: aws\n', `command: >-\n        aws\n${env}`));
    expect(text).toContain('(original ‹hidden›)');
    expect(text).not.toMatch(/\(original [A-Za-z0-9_-]{20}/);
  });

  it('is empty where nothing changes', () => {
    const before = readEditable(style('CRLF'), 'x');
    expect(unifiedDiff(before, before, plain)).toBe('');
  });
});
