import { EKSAuthError } from '../../errors.ts';
import { APPLY_ALL } from '../../text/apply-words.ts';

/**
 * Refuses Windows: `kubeconfig` writes the path of a sh script, which kubectl on Windows cannot start.
 * @throws EKSAuthError INVALID_CONFIG on Windows
 */
export function requirePosix(): void {
  if (process.platform !== 'win32') return;
  throw new EKSAuthError('INVALID_CONFIG', 'ekspress-exec is a POSIX script, which kubectl on Windows cannot start.', {
    remedy: `Run it inside WSL; or write the contexts with \`aws eks update-kubeconfig\`, and then run \`${APPLY_ALL}\`.`,
  });
}
