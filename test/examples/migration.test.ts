import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openSandbox } from '../support/example-sandbox.ts';

const ORIGINAL = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--output', 'json'];

/** What each tool's instructions leave in a kubeconfig. */
const TOOLS: readonly (readonly [tool: string, command: string, args: readonly string[]])[] = [
  ['eks-token-cache.sh', '/home/me/.kube/eks-token-cache.sh', ['dev', 'us-east-1']],
  ['k8s-token-cache', 'k8s-token-cache', ['aws', ...ORIGINAL]],
  ['kcc-cache', '/usr/local/bin/kcc-cache', ['aws', ...ORIGINAL]],
  ['kubecredcache', 'kubecredcache', ['aws', ...ORIGINAL]],
];

describe('the migration from another tool, as the guide says,', () => {
  it('works: status names the tool, apply takes over, and kubectl gets its pods', async () => {
    await using sandbox = await openSandbox();
    const path = join(sandbox.home, '.kube', 'config');
    for (const [tool, command, args] of TOOLS) {
      const list = args.map((arg) => `\n      - ${arg}`).join('');
      const wrapped = sandbox.eks.kubeconfig().replace(/args:[\s\S]*$/, `args:${list}\n      command: ${command}\n`);
      await writeFile(path, wrapped);
      const status = await sandbox.type('ekspress status');
      expect(status.output, tool).toContain(tool);
      const applied = await sandbox.type('ekspress apply-all --yes && kubectl get pods --all-namespaces');
      expect(applied, tool).toMatchObject({ status: 0, output: expect.stringMatching(/coredns|no kubectl/) });
      const { exec } = parse(await readFile(path, 'utf8')).users[0].user;
      expect(exec.command, tool).toBe(join(sandbox.home, '.kube', 'ekspress', 'ekspress-exec'));
      expect(exec.args.slice(0, 1), tool).toEqual(['aws']);
      expect(exec.args, tool).toEqual(
        expect.arrayContaining(['get-token', '--cluster-name', 'dev', '--region', 'us-east-1']),
      );
    }
  });
});
