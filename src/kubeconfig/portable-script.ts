/**
 * The third argument of `sh` in a stanza that `ekspress apply --portable` has written: where ekspress is installed it
 * answers, elsewhere the original command runs. Written into files of users: it never changes.
 */
export const PORTABLE_SCRIPT =
  'p=$HOME/.kube/ekspress/ekspress-exec; if [ -x "$p" ]; then exec "$p" "$@"; fi; exec "$@"';

/** The words between `sh` and the original command. */
export const PORTABLE_WORDS: readonly string[] = ['-c', PORTABLE_SCRIPT, 'ekspress'];
