import { UsageError } from '../command.ts';
import { nearest } from '../command-line/option-hints.ts';

/** The shells that ekspress prints code for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The shell that a line names. @throws UsageError */
export function readShell(command: string, [word, more]: readonly string[]): (typeof SHELLS)[number] {
  const shell = SHELLS.find((one) => one === word);
  if (more !== undefined) throw new UsageError(`Unexpected argument '${more}': give one shell.`);
  if (shell !== undefined) return shell;
  const [wrong, hint] = word === undefined ? ['', ''] : [`, not '${word}'`, nearest(word, SHELLS)];
  throw new UsageError(`Expected ${command} bash, ${command} zsh or ${command} fish${wrong}.${hint}`);
}
