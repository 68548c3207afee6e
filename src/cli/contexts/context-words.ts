import { shellOption, shellWord } from '../../text/shell-word.ts';

/** A context as the argument of a command of `ekspress` that is pasted into a shell. */
export function contextArgument(name: string): string {
  return name.startsWith('-') ? shellOption('--context', name) : shellWord(name);
}
