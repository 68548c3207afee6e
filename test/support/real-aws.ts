import { spawnSync } from 'node:child_process';
import { everyProgram, OUTER_PATH } from './optional-programs.ts';

/**
 * The first AWS CLI of version 1 on PATH. It takes endpoints from variables and writes kubeconfigs as the newest ones of
 * both generations do; a version 2 that comes with a distribution may be too old for that.
 */
export function realAWS(): string | undefined {
  const env = { ...process.env, PATH: OUTER_PATH };
  return everyProgram('aws').find((file) =>
    /^aws-cli\/1\./.test(spawnSync(file, ['--version'], { encoding: 'utf8', env }).stdout ?? ''),
  );
}
