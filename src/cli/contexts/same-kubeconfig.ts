import { shellOption } from '../../text/shell-word.ts';
import type { GlobalOptions } from '../command.ts';

/** A command of the manager in backticks that reads a kubeconfig. */
const READS_ONE = /`ekspress (?:status|apply|revert|kubeconfig|whoami|login|token|warm|doctor)(?: [^`]*)?`/g;

/**
 * A message whose commands read the file that this line has named with `--kubeconfig`: without the option they would answer
 * for the contexts of another file.
 */
export function withKubeconfig(text: string, { kubeconfig }: Pick<GlobalOptions, 'kubeconfig'>): string {
  if (kubeconfig === undefined) return text;
  return text.replace(READS_ONE, (command) =>
    / --(?:kubeconfig|help)\b/.test(command)
      ? command
      : `${command.slice(0, -1)} ${shellOption('--kubeconfig', kubeconfig)}\``,
  );
}
