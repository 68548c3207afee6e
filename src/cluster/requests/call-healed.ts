import { SilentConnection } from '../transport/watch-answer.ts';
import type { Changes } from './changes.ts';
import type { ClusterAuth, Outcome } from './cluster-auth.ts';
import { serverTimeIn } from './is-refusal.ts';
import { withServerWords } from './server-words.ts';

/** What {@link callHealed} needs for a second attempt. */
export interface Healing {
  readonly auth: ClusterAuth;
  readonly changes: Changes;
}

/**
 * Makes a call of client-node. Repeats it once if the server has refused its token, the kubeconfig has changed or its
 * connection has fallen silent. Use it only for calls that have no effect when they fail, such as opening a stream or a
 * web socket.
 * @throws EKSAuthError TOKEN_REJECTED, TIMEOUT, the reason why there is no token, or the error of the call itself with the words of the server
 */
export async function callHealed<T>({ auth, changes }: Healing, call: () => Promise<T>): Promise<T> {
  const count = changes.count();
  let { outcome, passage } = await auth.attempt(call);
  if ('error' in outcome && (outcome.error instanceof SilentConnection || (await changes.since(count)))) {
    ({ outcome, passage } = await auth.attempt(call));
  }
  if (passage !== undefined && passage.token === undefined && isRefused(outcome)) auth.certificateRefused(passage);
  else if (passage !== undefined && isRefused(outcome)) {
    const resend = async (): Promise<boolean> => {
      ({ outcome, passage } = await auth.attempt(call));
      return !isRefused(outcome);
    };
    await auth.heal(passage, resend, { serverTime: () => serverTimeIn(passage?.date) });
  }
  if ('error' in outcome) throw withServerWords(outcome.error, passage?.serverError);
  return outcome.value;
}

function isRefused(outcome: Outcome<unknown>): boolean {
  return 'error' in outcome && isUnauthorized(outcome.error);
}

/**
 * Recognises a 401 in the errors of client-node. API clients set `code`, watches set `statusCode`, and web sockets only
 * have a message.
 */
export function isUnauthorized(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  return code === 401 || statusCode === 401 || message === 'Unexpected server response: 401';
}
