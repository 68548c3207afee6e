import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../src/cluster/registry/registry.ts';
import { kubeconfigText } from '../../support/kubeconfig-text.ts';
import { root } from '../../support/pages.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder('pipe');
  writeFileSync(join(home, 'config'), kubeconfigText());
});

/** A call of the manager in a line of sh, which gets the two paths as arguments. */
const ekspress = '"$1" "$2"';

/** Runs a line of sh in the home folder. */
async function sh(line: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { HOME: home, PATH: process.env.PATH };
  return promisify(execFile)('sh', ['-c', line, 'sh', process.execPath, join(root, 'dist/cli/main.js')], {
    env,
    cwd: home,
  }).then(
    (done) => ({ status: 0, ...done }),
    ({ code, stdout, stderr }) => ({ status: code, stdout, stderr }),
  );
}

describe('A kubeconfig from a pipe', () => {
  it.each([
    ['--kubeconfig -', `cat config | ${ekspress} status -o json --kubeconfig -`],
    ['--kubeconfig /dev/stdin', `cat config | ${ekspress} status -o json --kubeconfig /dev/stdin`],
    ['KUBECONFIG', `cat config | KUBECONFIG=/dev/fd/0 ${ekspress} status -o json`],
    ['a FIFO', `mkfifo fifo; cat config > fifo & ${ekspress} status -o json --kubeconfig fifo`],
    ['a slow writer', `(sleep 1; cat config) | ${ekspress} status -o json --kubeconfig -`],
  ])('is read by the manager with %s', async (_title, line) => {
    const { stdout, stderr } = await sh(line);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).contexts).toMatchObject([{ name: 'prod' }]);
  });

  it('is not edited by apply', async () => {
    const { status, stderr } = await sh(`cat config | ${ekspress} apply prod --yes --kubeconfig -`);
    expect(status).toBe(1);
    expect(stderr).toContain('/dev/stdin is the standard input, which cannot be edited.');
  });

  it('is not edited by apply where the standard input is a file that the user opened for reading', async () => {
    const before = readFileSync(join(home, 'config'), 'utf8');
    const { status, stderr } = await sh(`${ekspress} apply prod --yes --kubeconfig - < config`);
    expect(status).toBe(1);
    expect(stderr).toContain('/dev/stdin is the standard input, which cannot be edited.');
    expect(readFileSync(join(home, 'config'), 'utf8')).toBe(before);
  });

  it('is not edited by apply through a FIFO', async () => {
    const { stderr } = await sh(`mkfifo fifo; cat config > fifo & ${ekspress} apply prod --yes --kubeconfig fifo`);
    expect(stderr).toContain('fifo is a pipe, which cannot be edited.');
  });

  it('is registered by the library, which then does not wait for changes', async () => {
    await using registry = new ClusterRegistry({ env: { HOME: home } });
    const fifo = join(home, 'fifo');
    await promisify(execFile)('mkfifo', [fifo]);
    const closed = once(spawn('sh', ['-c', 'sleep 0.2; cat config > fifo'], { cwd: home }), 'close');
    const cluster = await registry.registerByPath(fifo);
    expect(cluster.context).toBe('prod');
    expect((await registry.registerByPath(fifo, { id: 'again' })).server).toBe(cluster.server);
    await closed;
  });
});
