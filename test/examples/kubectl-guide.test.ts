import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openSandbox, type Sandbox } from '../support/example-sandbox.ts';

const kubeconfigOf = (sandbox: Sandbox) => join(sandbox.home, '.kube', 'config');
/** What kubectl shows, where there is one. */
const NAMESPACES = /kube-system|no kubectl/;

describe('the kubectl guide', () => {
  it('gives a way out that works when the folder of the script is gone, as the installHint does', async () => {
    await using sandbox = await openSandbox();
    expect(await sandbox.type('ekspress apply-all --yes')).toMatchObject({ status: 0 });
    await rm(join(sandbox.home, '.kube', 'ekspress'), { recursive: true });
    const broken = await sandbox.type('kubectl get namespaces');
    if (!broken.output.includes('no kubectl')) {
      expect(broken).toMatchObject({ status: 1, output: expect.stringContaining('no such file or directory') });
    }
    const guide = await readFile(new URL('../../docs/guides/kubectl.md', import.meta.url), 'utf8');
    const [line = ''] = /^mkdir -p .*ekspress-exec$/m.exec(guide) ?? [];
    const { exec } = parse(await readFile(kubeconfigOf(sandbox), 'utf8')).users[0].user;
    expect(exec.installHint).toContain(line);
    const mended = await sandbox.type(`${line} && kubectl get namespaces`);
    expect(mended).toMatchObject({ status: 0, output: expect.stringMatching(NAMESPACES) });
    await rm(join(sandbox.home, '.kube', 'ekspress'), { recursive: true });
    expect(await sandbox.type('ekspress revert --all --yes')).toMatchObject({ status: 0 });
    expect(await readFile(kubeconfigOf(sandbox), 'utf8')).toBe(sandbox.eks.kubeconfig());
  });

  it('gives a form for Windows that kubectl takes, and apply names its preview there instead of breaking kubectl', async () => {
    await using sandbox = await openSandbox();
    const before = await readFile(kubeconfigOf(sandbox), 'utf8');
    const asWindows = `data:text/javascript,Object.defineProperty(process,'platform',{value:'win32'})`;
    const refused = await sandbox.type(`NODE_OPTIONS="--import=${asWindows}" ekspress apply-all --yes`);
    expect(refused).toMatchObject({
      status: 1,
      output: expect.stringMatching(/POSIX script[\s\S]*ekspress apply --preview/),
    });
    expect(await readFile(kubeconfigOf(sandbox), 'utf8')).toBe(before);
    const form = before.replace('- --region', '- token\n      - --\n      - aws\n      - --region');
    await writeFile(kubeconfigOf(sandbox), form.replace('command: aws', 'command: ekspress'));
    expect(await sandbox.type('kubectl get namespaces')).toMatchObject({
      status: 0,
      output: expect.stringMatching(NAMESPACES),
    });
  });
});
