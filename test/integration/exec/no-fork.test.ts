import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { optionalProgram } from '../../support/optional-programs.ts';
import { NOWHERE, PATH } from '../../support/paths.ts';
import { prepare } from '../../support/prepare-hit-case.ts';
import { install, NODE_ANSWER, run, shells } from '../../support/script-shells.ts';

const strace = optionalProgram('strace');

// Every kind of check that a hit may have to pass: the role's name is encoded, the host is compared, stamps are there.
const ROLE = 'arn:aws:iam::111122223333:role/admin';
const KUBERNETES_EXEC_INFO =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}}\n';
const words = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--role', ROLE];

it.skipIf(!strace).each(shells)(
  'A hit on Linux starts no process, and writes nothing before the answer: $name',
  async ({ command }) => {
    const { world, env, remove } = await prepare({
      title: '',
      verdict: 'hit',
      words,
      stored: { hostBound: true, sources: ['.aws/sso/cache/a.json'] },
    });
    try {
      const { script } = install(world.root);
      const trace = join(world.root, 'trace');
      const traced = [strace ?? '', '-f', '-o', trace, '-e', 'trace=process,openat,open,creat,network,write'];
      const { stdout } = await run([...traced, ...command, script, ...words], {
        PATH: PATH,
        LC_ALL: 'C.UTF-8',
        KUBERNETES_EXEC_INFO,
        ...env,
      });
      expect(stdout).toContain('k8s-aws-v1');
      // Some shells look their user up when they start; the C library asks a cache daemon for it.
      const calls = readFileSync(trace, 'utf8')
        .split('\n')
        .filter((call) => !/AF_UNIX|nscd/.test(call));
      expect(calls.filter((call) => /\b(fork|vfork|clone|clone3|socket|connect)\(/.test(call))).toEqual([]);
      expect(calls.filter((call) => /\bexecve\(/.test(call))).toHaveLength(1);
      const answered = calls.findIndex((call) => /\bwrite\(1, /.test(call));
      expect(answered).toBeGreaterThan(0);
      const writing = (call: string) => /O_WRONLY|O_RDWR|O_CREAT|creat\(/.test(call) && !/\/dev\/(tty|null)/.test(call);
      expect(calls.slice(0, answered).filter(writing)).toEqual([]);
      // Then it notes who has asked.
      const written = calls.slice(answered).filter(writing);
      expect(written).toEqual([expect.stringContaining('.json.asked')]);
    } finally {
      remove();
    }
  },
);

it('A hit without a PATH is a hit', async () => {
  const { world, env, remove } = await prepare({ title: '', verdict: 'hit', words });
  try {
    const { script } = install(world.root);
    const { stdout } = await run(['/bin/sh', script, ...words], { PATH: NOWHERE, ...env });
    expect(stdout).toContain('k8s-aws-v1');
    expect(stdout).not.toContain(NODE_ANSWER);
  } finally {
    remove();
  }
});
