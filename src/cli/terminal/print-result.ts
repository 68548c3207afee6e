import { formatYAML } from '../../kubeconfig/read/format-yaml.ts';
import type { Terminal } from '../command.ts';

/** Prints a result in the wanted format. `table` makes the text of the default format. */
export function printResult({ out, options }: Terminal, value: unknown, table: () => string): void {
  if (options.output === 'json') out(`${JSON.stringify(value, undefined, 2)}\n`);
  else if (options.output === 'yaml') out(formatYAML(value));
  else out(table());
}
