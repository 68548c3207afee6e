/**
 * The third argument of `sh` in a stanza that `ekspress apply --portable` has written: where ekspress is installed it
 * answers, elsewhere the original command runs. Written into files of users: it never changes.
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
 * Whether a stanza is the portable one: `sh -c '…' ekspress aws …`. To `sh` the word after the script is only a name, so
 * another one there changes nothing.
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
