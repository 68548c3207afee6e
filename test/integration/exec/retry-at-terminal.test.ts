import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TokenManager } from 'ekspress';
import { afterEach, describe, expect, it } from 'vitest';
import { optionalProgram } from '../../support/optional-programs.ts';
import { GET_TOKEN, PLUGIN, PluginWorld, run } from '../../support/plugin-home.ts';

// A person at a terminal types a command again. kubectl asks its plugin several times for one command.

const terminal = optionalProgram('script');
const KUBECTL =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true}}\n';
const WAYS = [
  { name: 'plain', hints: [] as string[] },
  { name: 'encrypted', hints: ['--encrypt'] },
];

const opened: PluginWorld[] = [];
afterEach(() => {
  for (const world of opened.splice(0)) world.remove();
});

/** An account without any credentials, and a client under a name that is not that of a shell. */
function world(hints: readonly string[]) {
  const home = new PluginWorld(null);
  opened.push(home);
  const client = join(home.home, 'client');
  symlinkSync('/bin/sh', client);
  const XDG_RUNTIME_DIR = join(home.home, 'run');
  mkdirSync(XDG_RUNTIME_DIR, { mode: 0o700 });
  const env = {
    ...home.env,
    XDG_RUNTIME_DIR,
    AWS_EC2_METADATA_DISABLED: 'true',
    KUBERNETES_EXEC_INFO: KUBECTL,
    SHELL: '/bin/sh',
    TERM: 'dumb',
  };
  const words = [PLUGIN, ...hints, ...GET_TOKEN].join(' ');
  const asks = (times: number) => `'${client}' -c '${`${words}; `.repeat(times)} :'`;
  /** What one command that asks so often shows: `full` for an attempt of its own, `again` for a remembered failure. */
  const shown = async (times: number, typed: boolean) => {
    const line = asks(times);
    const { stdout, stderr } = await run(
      typed ? [terminal ?? '', '-qec', line, '/dev/null'] : ['/bin/sh', '-c', line],
      env,
    );
    const lines = `${stdout}${stderr}`.split(/\r?\n/).filter((text) => /NO_CREDENTIALS/.test(text));
    return lines.map((text) => (/ Next: | a moment ago/.test(text) ? 'again' : 'full'));
  };
  return { home, env, shown };
}

describe.skipIf(!terminal).each(WAYS)('a command that fails, with $name entries', ({ hints }) => {
  it('makes one attempt at a terminal, however often kubectl asks for it, and the next command makes its own', async () => {
    const { shown } = world(hints);
    expect(await shown(3, true)).toEqual(['full', 'again', 'again']);
    expect(await shown(2, true)).toEqual(['full', 'again']);
  });

  it('is remembered for the next one in a script', async () => {
    const { shown } = world(hints);
    expect(await shown(2, false)).toEqual(['full', 'again']);
    expect(await shown(1, false)).toEqual(['again']);
    expect(await shown(1, true)).toEqual(['full']);
  });
});

describe.skipIf(!terminal)('a failure that a service remembers', () => {
  it('does not answer the command of a person', async () => {
    const { env, shown } = world([]);
    const manager = new TokenManager({ clusterName: 'dev', region: 'us-east-1' }, { env });
    await expect(manager.getValidToken()).rejects.toThrow();
    expect(await shown(2, true)).toEqual(['full', 'again']);
  });
});
