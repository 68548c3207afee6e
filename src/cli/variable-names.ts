import { isVariableName } from '../plugin/plugin-hints.ts';
import { UsageError } from './command.ts';

/** The names given with `--key-env`, without duplicates. @throws UsageError */
export function readVariableNames(given: readonly string[]): readonly string[] {
  const names = given.flatMap((list) => list.split(','));
  const odd = names.find((name) => !isVariableName(name));
  if (odd !== undefined)
    throw new UsageError(`'${odd}' is not a name of a variable; --key-env takes NAME or NAME,NAME.`);
  return [...new Set(names)];
}
