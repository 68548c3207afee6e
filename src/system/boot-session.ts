const SYSCTL = '/usr/sbin/sysctl';

let asked: { readonly id: string | undefined } | undefined;

/**
 * The id of this boot of macOS. The name of a Mac does not identify it, because a network may change that name. Undefined on other
 * systems. The system is asked once for a process.
 */
export function macBootSession(): string | undefined {
  if (process.platform !== 'darwin') return undefined;
  asked ??= { id: ask() };
  return asked.id;
}

function ask(): string | undefined {
  // Readers of the cache on other systems do without this module of Node: it costs them a millisecond.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { stdout } = spawnSync(SYSCTL, ['-n', 'kern.bootsessionuuid'], {
    env: {},
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 5_000,
  });
  return stdout?.trim() || undefined;
}
