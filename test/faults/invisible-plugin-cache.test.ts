import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { noteSkipped, optionalProgram } from '../support/optional-programs.ts';
import { PATH } from '../support/paths.ts';
import { executable, install, NODE_ANSWER, run, SCRIPT } from '../support/script-shells.ts';
import { withValues } from '../support/sh.ts';
import { temporaryFolder } from '../support/temporary.ts';

// What another ExecCredential plugin has printed is served again only where it would print it again.

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** A plugin whose answer follows from its tag and from TEAM. */
function writePlugin(path: string, tag: string): string {
  const answer = `printf %s "${tag}|\${TEAM-unset}" | cksum | cut -d' ' -f1`;
  return executable(
    path,
    `#!/bin/sh
end=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$(${answer})'","expirationTimestamp":"'$end'"}}'
`,
  );
}

interface PluginHome {
  readonly root: string;
  readonly env: Record<string, string>;
  command: string;
  hints: string[];
}

function pluginHome(): PluginHome {
  const root = temporaryFolder('plugin');
  for (const folder of ['home', 'bin', 'more', 'store']) mkdirSync(join(root, folder));
  writePlugin(join(root, 'more/login'), 'a');
  const path = [join(root, 'bin'), join(root, 'more'), PATH].join(':');
  const env = { HOME: join(root, 'home'), PATH: path };
  return { root, env, command: 'login', hints: [] };
}

/** What the script serves from the cache; undefined where it asks Node. */
async function cached(home: PluginHome, before: readonly string[] = []): Promise<string | undefined> {
  const { script } = install(home.root);
  const words = [...before, '/bin/sh', script, ...home.hints, '--', home.command, 'x'];
  const { stdout } = await run(words, home.env);
  return stdout.startsWith(NODE_ANSWER) ? undefined : tokenIn(stdout);
}

/** Fills the cache, by the script with the real Node behind it. */
async function fill({ root, env, command, hints }: PluginHome): Promise<string> {
  const values = { ekspress_node: process.execPath, ekspress_package: packageFolder };
  const script = executable(join(root, 'with-node'), withValues(readFileSync(SCRIPT, 'utf8'), values));
  const { stdout } = await run(['/bin/sh', script, ...hints, '--', command, 'x'], env);
  return tokenIn(stdout);
}

function itself({ env, command }: PluginHome): string {
  return tokenIn(execFileSync(command, ['x'], { env, encoding: 'utf8' }));
}

function tokenIn(text: string): string {
  return JSON.parse(text).status.token;
}

interface PluginChange {
  readonly kind: string;
  readonly prepare?: (home: PluginHome) => void;
  readonly change: (home: PluginHome) => void;
}

const changes: readonly PluginChange[] = [
  { kind: 'a plugin that was replaced', change: ({ root }) => void writePlugin(join(root, 'more/login'), 'b') },
  {
    kind: 'a plugin of the same name in a folder of PATH before it',
    change: ({ root }) => void writePlugin(join(root, 'bin/login'), 'b'),
  },
  {
    kind: 'a link to another plugin',
    prepare: ({ root }) => {
      for (const tag of ['a', 'b']) writePlugin(join(root, 'store', tag), tag);
      symlinkSync('../store/a', join(root, 'bin/login'));
    },
    change: ({ root }) => {
      unlinkSync(join(root, 'bin/login'));
      symlinkSync('../store/b', join(root, 'bin/login'));
    },
  },
  {
    kind: 'a plugin by its path that was replaced',
    prepare: (home) => {
      home.command = join(home.root, 'more/login');
    },
    change: ({ root }) => void writePlugin(join(root, 'more/login'), 'b'),
  },
  {
    kind: 'another value of a declared variable',
    prepare: (home) => {
      home.hints = ['--key-env', 'TEAM'];
    },
    change: ({ env }) => {
      env.TEAM = 'b\nexport TEAM=a';
    },
  },
];

describe('the answer of a plugin', () => {
  it.each(changes.map((change) => ({ kind: change.kind, change })))('is not served after $kind', async ({ change }) => {
    const home = pluginHome();
    change.prepare?.(home);
    const first = await fill(home);
    expect(await cached(home)).toBe(first);
    change.change(home);
    expect(itself(home)).not.toBe(first);
    expect(await cached(home)).toBe(undefined);
  });

  it('is not served on another host', async () => {
    const unshare = optionalProgram('unshare');
    const home = pluginHome();
    const first = await fill(home);
    const renamed = ['--uts', '/bin/sh', '-c', 'echo elsewhere >/proc/sys/kernel/hostname && exec "$@"', 'sh'];
    if (unshare === undefined || (await run([unshare, '--uts', 'true'], home.env)).status !== 0) {
      noteSkipped('no namespaces');
      return;
    }
    expect(await cached(home)).toBe(first);
    expect(await cached(home, [unshare, ...renamed])).toBe(undefined);
  });
});
