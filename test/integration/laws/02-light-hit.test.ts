import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getEKSToken } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';

const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
const strace = optionalProgram('strace');

/** A home whose cache holds a token that a service has minted, and a `node` on PATH that notes its start and fails. */
async function homeWithToken(): Promise<{ home: FakeHome; token: string; started: string }> {
  const home = new FakeHome().withStaticKeys();
  const { token } = await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env: home.env });
  const started = join(home.directory, 'node-started');
  writeFileSync(join(home.directory, 'bin', 'node'), `#!/bin/sh\n: > '${started}'\nexit 1\n`, { mode: 0o755 });
  return { home, token, started };
}

describe('a hit', () => {
  it('starts no Node', async () => {
    const { home, token, started } = await homeWithToken();
    const { status, stdout, stderr } = await run([SCRIPT, ...WORDS], home.env);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).status.token).toBe(token);
    expect(existsSync(started)).toBe(false);
    // The other way round: what is not a hit asks Node.
    await run([SCRIPT, ...WORDS.slice(0, -1), 'other'], home.env);
    expect(existsSync(started)).toBe(true);
  });

  it.skipIf(!strace)('takes no lock and touches no network', async () => {
    const { home, token } = await homeWithToken();
    const trace = join(home.directory, 'trace');
    mkdirSync(join(home.directory, 'empty'));
    const traced = [strace ?? '', '-f', '-o', trace, '-e', 'trace=network,file'];
    const { stdout } = await run([...traced, SCRIPT, ...WORDS], home.env);
    expect(JSON.parse(stdout).status.token).toBe(token);
    const calls = readFileSync(trace, 'utf8').split('\n');
    expect(calls.some((call) => call.includes('eks-tokens'))).toBe(true);
    expect(calls.filter((call) => /\.lock\b|\blink(at)?\(/.test(call))).toEqual([]);
    // Some shells ask a cache daemon of the C library for their user.
    expect(calls.filter((call) => /\b(socket|connect|sendto)\(/.test(call) && !/AF_UNIX|nscd/.test(call))).toEqual([]);
  });
});
