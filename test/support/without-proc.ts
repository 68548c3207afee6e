import { spawnSync } from 'node:child_process';
import { noteSkipped, optionalProgram } from './optional-programs.ts';

// macOS has no /proc. Here a mount namespace hides it.

export const unshare: string = optionalProgram('unshare') ?? 'unshare';
export const mount: string = optionalProgram('mount') ?? 'mount';

/** Whether this machine lets a test hide /proc. */
export const canHide: boolean = spawnSync(unshare, ['--mount', mount, '-t', 'tmpfs', 'none', '/proc']).status === 0;
if (!canHide) noteSkipped('no mount namespaces');

/** The words that run those behind them where there is no /proc. */
export const WITHOUT_PROC: readonly string[] = [
  ...[unshare, '--mount', '/bin/sh', '-c', `${mount} -t tmpfs none /proc && exec "$@"`, 'sh'],
];
