import type { Changes } from './changes.ts';
import type { ClusterAuth } from './cluster-auth.ts';

/** The outcome of a call. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** What {@link callHealed} needs for a second attempt. */
export interface Healing {
  readonly auth: ClusterAuth;
  readonly changes: Changes;
}

/**
 * Makes a call of client-node, and repeats it once where the server refused its token or the kubeconfig has changed.
 * Only for calls that have no effect when they fail, such as opening a stream or a web socket.
 * @throws EKSAuthError TOKEN_REJECTED, the reason why there is no token, or the error of the call itself
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

/**
 * Recognises a 401 in the errors of client-node. API clients set `code`, watches set `statusCode`, and web sockets only
 * have a message.
 */
export function isUnauthorized(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  return code === 401 || statusCode === 401 || message === 'Unexpected server response: 401';
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPROTO']);

/** Whether a request failed before any of it was sent: no connection, or an untrusted certificate. */
export function failedToConnect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return UNREACHABLE.has(code) || /CERT|^ERR_TLS|ISSUER|UNABLE_TO_VERIFY/.test(code) || failedToConnect(error.cause);
}
