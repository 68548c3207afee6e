/**
 * The script in the stanzas that `ekspress apply --portable` writes. It runs ekspress where ekspress is installed, and
 * the original command elsewhere. It is in the kubeconfigs of users, so it must never change.
 */
export const PORTABLE_SCRIPT =
  'p=$HOME/.kube/ekspress/ekspress-exec; if [ -x "$p" ]; then exec "$p" "$@"; fi; exec "$@"';

/** The words between `sh` and the original command. */
export const PORTABLE_WORDS: readonly string[] = ['-c', PORTABLE_SCRIPT, 'ekspress'];

/** The file name of a command, without its folder and without the endings that Windows adds. */
export function programName(command: string): string {
  const file = command.slice(Math.max(command.lastIndexOf('/'), command.lastIndexOf('\\')) + 1);
  return file.replace(/\.(?:exe|cmd|bat)$/i, '');
}

/**
 * Whether a stanza is the portable one: `sh -c '…' ekspress aws …`. The word after the script may differ: to `sh` it is
 * only a name.
 */
export function isPortable({
  command,
  args,
}: {
  readonly command: string;
  readonly args: readonly unknown[];
}): boolean {
  const [flag, script] = PORTABLE_WORDS;
  return (
    programName(command) === 'sh' && args[0] === flag && args[1] === script && args.length >= PORTABLE_WORDS.length
  );
}

/** Stands for the portable call, which `sh` runs. */
export const PORTABLE: unique symbol = Symbol('portable');

/** What a command line runs: the file name of its program, or {@link PORTABLE}. */
export function programOf([command = '', ...args]: readonly string[]): string | typeof PORTABLE {
  return isPortable({ command, args }) ? PORTABLE : programName(command);
}
