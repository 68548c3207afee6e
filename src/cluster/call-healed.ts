import type { Changes } from './changes.ts';
import type { ClusterAuth } from './cluster-auth.ts';

/** How a call has ended. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** What calls are healed with. */
export interface Healing {
  readonly auth: ClusterAuth;
  readonly changes: Changes;
}

/**
 * Makes a call of client-node, and makes it once more with another token where the server refused the first one, or where
 * the kubeconfig says something else by now. For calls that have done nothing yet when they fail: a stream that has not
 * begun, a web socket that did not open.
 * @throws EKSAuthError TOKEN_REJECTED, why there is no token, or whatever the call itself fails with
 */
export async function callHealed<T>({ auth, changes }: Healing, call: () => Promise<T>): Promise<T> {
  const count = changes.count();
  let { result: outcome, token } = await auth.traced(() => outcomeOf(call));
  if ('error' in outcome && (await changes.since(count))) {
    ({ result: outcome, token } = await auth.traced(() => outcomeOf(call)));
  }
  if (token !== undefined && isRefused(outcome)) {
    await auth.heal(token, async () => {
      outcome = await outcomeOf(call);
      return !isRefused(outcome);
    });
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

function isRefused(outcome: Outcome<unknown>): boolean {
  return 'error' in outcome && isUnauthorized(outcome.error);
}

/** How client-node says 401: `code` in its API clients, `statusCode` in watches, only a message where `ws` was refused. */
export function isUnauthorized(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  return code === 401 || statusCode === 401 || message === 'Unexpected server response: 401';
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPROTO']);

/** Whether a request has failed before any of it was sent: no connection, or a certificate of somebody else. */
export function failedToConnect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return UNREACHABLE.has(code) || /CERT|^ERR_TLS|ISSUER|UNABLE_TO_VERIFY/.test(code) || failedToConnect(error.cause);
}
