import { isAbsolute, join } from 'node:path';
import type { Recorder } from '../../recording/recorder.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import { Undecidable } from '../undecidable.ts';
import { expandUser } from './paths.ts';

/** The folder of the modules, beside the names of the modules. */
const FOLDER = 'cli_legacy_plugin_path';

/**
 * The section `plugins` of the config file has the AWS CLI load Python modules of the user. Their files are recorded, because
 * they decide what the CLI prints.
 * @throws Undecidable where there is such a section
 */
export function refusePlugins({ others }: AWSProfiles, recorder: Recorder): void {
  const plugins = others.get('plugins');
  if (!plugins?.size) return;
  const named = plugins.get(FOLDER);
  const folder = typeof named === 'string' ? expandUser(named, recorder.home()) : '';
  if (!isAbsolute(folder)) recorder.keepInMemory('the plugins of the AWS CLI lie in no certain folder');
  else {
    for (const [name, module] of plugins) {
      if (name === FOLDER || typeof module !== 'string') continue;
      const path = join(folder, ...module.split('.'));
      recorder.program(`${path}.py`);
      recorder.program(join(path, '__init__.py'));
    }
  }
  throw new Undecidable('the AWS CLI has plugins');
}
