import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { longProcesses } from './processes.mjs';
import { openSandbox, plugin, words } from './sandbox.mjs';

/** A miss of the exec plugin (sh, Node, a minted and stored token) compared with the command that it replaces. */
export async function pluginMiss() {
  const sandbox = openSandbox();
  try {
    const { env } = sandbox;
    const before = () => rmSync(sandbox.cache, { recursive: true, force: true });
    const [command, ...args] = words;
    const hasAws = spawnSync(command, args, { env, stdio: 'ignore' }).status === 0;
    const commands = [[process.execPath, '-e', '0'], [plugin, ...words], ...(hasAws ? [words] : [])];
    const [node, miss, aws] = longProcesses(commands, { env, before });
    return [
      { what: 'node -e 0', ms: node },
      { what: 'plugin, miss', ms: miss, ratio: miss / node, of: 'node -e 0' },
      hasAws
        ? {
            what: 'plugin, miss',
            ms: miss,
            ratio: miss / aws,
            of: 'aws eks get-token',
            limit: '<= 0.33',
            note: `${aws.toFixed(0)} ms`,
          }
        : { what: 'aws eks get-token', note: 'not measured: no aws' },
    ];
  } finally {
    sandbox.close();
  }
}
