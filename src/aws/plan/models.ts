import { join } from 'node:path';
import type { Recorder } from '../../recording/recorder.ts';
import { Undecidable } from '../undecidable.ts';
import { expandUser, expandVariables } from './paths.ts';

/** The data that the AWS CLI would read from such a folder in place of its own: regions, host names and parameters. */
const DECIDING = ['sts', 'eks', 'endpoints.json', 'partitions.json', 'sdk-default-configuration.json'];

/**
 * The AWS CLI searches `~/.aws/models` and the folders of AWS_DATA_PATH before its own data.
 * @throws Undecidable where one of them has data that a token depends on
 */
export async function refuseModels(recorder: Recorder): Promise<void> {
  const home = recorder.home();
  const named = (recorder.variable('AWS_DATA_PATH') ?? '').split(process.platform === 'win32' ? ';' : ':');
  const folders = named.map((folder) => expandUser(expandVariables(folder, recorder), home));
  for (const folder of [...folders, join(home, '.aws', 'models')]) {
    if (folder === '' || (await recorder.isAbsent(folder))) continue;
    for (const name of DECIDING) {
      const path = join(folder, name);
      if ((await recorder.look(path)) === 'absent') continue;
      recorder.keepInMemory(`${path} holds data that only the AWS CLI reads`);
      throw new Undecidable(`${path} may lead the AWS CLI elsewhere`);
    }
  }
}
