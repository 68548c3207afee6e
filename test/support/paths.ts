import { join } from 'node:path';

/** PATH of programs that tests start: node, npm, git, sh and coreutils, nothing else. */
export const PATH: string = process.env.EKSPRESS_TEST_PATH ?? '';

/** A folder that does not exist, inside of the folder of the run: what is written there by mistake goes with the run. */
export const NOWHERE: string = join(process.env.EKSPRESS_TEST_FOLDER ?? '', 'nowhere');
