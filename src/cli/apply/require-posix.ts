import { EKSAuthError } from '../../errors.ts';

/**
 * Refuses Windows: `apply` writes the path of a sh script, which kubectl on Windows cannot start.
 * @throws EKSAuthError INVALID_CONFIG on Windows
 */
export function requirePosix(): void {
  if (process.platform !== 'win32') return;
  throw new EKSAuthError('INVALID_CONFIG', 'ekspress-exec is a POSIX script, which kubectl on Windows cannot start.', {
    remedy:
      'Run apply inside WSL; or write `command: ekspress` into the exec of the user, and `token, --` before its own command in args (docs/guides/kubectl.md).',
  });
}
