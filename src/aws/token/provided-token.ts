import { EKSAuthError } from '../../errors.ts';
import type { Logger } from '../../host.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import { signedAt } from '../command/exec-credential.ts';
import type { AWSAuthProvider, GivenProvider, TokenRequestOptions } from './auth-provider.ts';
import { isBearer, type Token } from './token.ts';
import type { ObtainedToken, ObtainRequest } from './token-request.ts';
import { withinLife } from './within-life.ts';

/**
 * A token of the caller's provider, with the end that clients are told.
 * @throws EKSAuthError that of the provider, or NO_CREDENTIALS where it fails or hands out no token that is valid
 */
export async function providedToken(request: ObtainRequest, provider: AWSAuthProvider): Promise<ObtainedToken> {
  const { config, host, fresh, refused, signal } = request;
  const own: TokenRequestOptions = { signal };
  let token = await ask(fresh ? () => provider.refreshToken(own) : () => provider.getToken(own), signal);
  if (token.token === refused) token = await ask(() => provider.refreshToken(own), signal);
  const now = host.now();
  if (token.expiresAt <= now) throw unusable(`a token that ended at ${token.expiresAt.toISOString()}`);
  const signed = { token: token.token, mintedAt: signedAt(token.token) ?? now, claimedEnd: token.expiresAt };
  const origin = { job: { config, host, marginSeconds: 0 }, via: 'provider', isCurrent: async () => true } as const;
  // The time of the answer, so that a token which the provider hands out again is asked for less often than at each call.
  return { ...withinLife(signed, origin), mintedAt: now, shared: false };
}

/** Tells the caller's provider, if there is one, which token was refused. Its failure is logged: a newer token may still do. */
export async function invalidateGiven({ authProvider }: GivenProvider, token: string, logger: Logger): Promise<void> {
  try {
    await authProvider?.invalidate(token);
  } catch (error) {
    // Its message is not ours, and may quote the token.
    logger.warn('the authProvider could not invalidate a token', { error: nameOf(error) });
  }
}

async function ask(call: () => Promise<Token>, signal: AbortSignal | undefined): Promise<Token> {
  let answer: unknown;
  try {
    // The provider may ignore the signal, and never answer.
    answer = await unlessAborted((async () => call())(), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof EKSAuthError) throw cause;
    const message = 'The authProvider that was given to ekspress failed.';
    throw new EKSAuthError('NO_CREDENTIALS', message, { remedy: 'See the cause of this error.', cause });
  }
  const { token, expiresAt } = (answer ?? {}) as Partial<Token>;
  if (typeof token !== 'string' || !isBearer(token)) throw unusable('no token that a header can hold');
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime())) throw unusable('a token without a valid end');
  return answer as Token;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function unusable(what: string): EKSAuthError {
  return new EKSAuthError('NO_CREDENTIALS', `The authProvider that was given to ekspress handed out ${what}.`, {
    remedy: 'Let getToken and refreshToken resolve to { token, expiresAt }, such as new Token(text, date).',
  });
}
