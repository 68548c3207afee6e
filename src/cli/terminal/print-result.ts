import { formatYAML } from '../../kubeconfig/read/format-yaml.ts';
import { escapeUnseen } from '../../text/foreign-text.ts';
import type { Terminal } from '../command.ts';

/** Prints a result in the wanted format. `table` makes the text of the default format. */
export function printResult({ out, options }: Terminal, value: unknown, table: () => string): void {
  if (options.output === 'json') out(`${formatJSON(value, 2)}\n`);
  else if (options.output === 'yaml') out(formatYAML(value));
  else out(table());
}

/** JSON whose names have no effect on a terminal: `JSON.stringify` leaves C1 controls and bidirectional characters as they are. */
export function formatJSON(value: unknown, indent?: number): string {
  return escapeUnseen(JSON.stringify(value, undefined, indent), 'json');
}
