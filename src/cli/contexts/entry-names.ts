import { sharedEntryOf } from '../../aws/token/shared-entry.ts';
import { filesToRead } from '../../cache/sealed/cache-keys.ts';
import { type Environment, overlaid } from '../../host.ts';
import type { DescribedContext } from './describe-context.ts';

/** The names of the entries of a context in the shared cache: the plain one, and the encrypted one where its key is there. */
export function entryNamesOf(context: DescribedContext, env: Environment): readonly string[] {
  const config = context.config ?? context.behind;
  if (config === undefined) return [];
  const { key } = sharedEntryOf(config, overlaid(env, config.exec.env.toEnvironment()));
  const files = config.encrypt === undefined ? 'plain' : filesToRead(config.encrypt, env);
  return [key.fileName, ...(typeof files === 'string' ? [] : [files.nameOf(key, 'entry')])];
}
