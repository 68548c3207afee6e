import type { CachedToken } from '../../cache/entry/shared-token.ts';
import { failureSeconds, refreshMarginSeconds, TELL_LIFE_SECONDS, TOKEN_LIFE_SECONDS } from '../../cache/rules.ts';
import type { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import { withEnvironment } from '../../host.ts';
import { checkExecInfo } from '../plan/make-plan.ts';
import { bringsKeys } from '../stanza/brought-by-stanza.ts';
import { thisProcess } from './caller.ts';
import { FailureMemory } from './failure-memory.ts';
import { type Attempt, attemptIn, makeToken } from './make-token.ts';
import { clusterLabel, type SharedEntry, sharedEntryOf } from './shared-entry.ts';
import type { ObtainedToken, ObtainRequest } from './token-request.ts';

/**
 * The margin for a token that only has to be the same as before. It is negative: a token then counts until its true
 * end, which is later than the end that clients are told.
 */
const UNTIL_ITS_END = TELL_LIFE_SECONDS - TOKEN_LIFE_SECONDS;

/**
 * The token of the shared entry, else a new one. Of all processes that want the same entry one makes the token, the
 * others wait for it.
 * @throws EKSAuthError
 */
export async function sharedOrMade(request: ObtainRequest): Promise<ObtainedToken> {
  const { config, cache, given, signal } = request;
  const host = withEnvironment(request.host, config.exec.env.toEnvironment());
  const { env, logger } = host;
  const job = { ...request, host, outside: request.host, marginSeconds: refreshMarginSeconds(env) };
  // Without a name for the caller's credentials it is unknown to which identity an entry would belong.
  const nameless = given?.credentials !== undefined && given.identityKey === undefined;
  // Entries are found by the id of a key. An untrusted kubeconfig can name an id without its secret.
  const namesKey = request.execPolicy === 'eks-only' && bringsKeys(config);
  if (cache === undefined || nameless || namesKey) return (await makeToken(job, attemptIn(env))).obtained;
  const entry = sharedEntryOf(config, env, given?.identityKey);
  const { key, command } = entry;

  const caller = request.caller === 'own' ? thisProcess() : request.caller;
  const failures = caller && new FailureMemory({ config, host, caller }, cache, entry);
  let reason = '';
  const shared = async (): Promise<ObtainedToken | undefined> => {
    if (request.fresh) return undefined;
    const read = await cache.read(key, { command, marginSeconds: job.marginSeconds, env });
    if (!read.hit) reason = read.reason;
    else if (isRefused(read.entry, request)) reason = 'refused by the server';
    else {
      // The AWS CLI reads this variable last, so a value that it cannot read fails only where a token would be printed.
      if (config.command.tool === 'aws') checkExecInfo(env.KUBERNETES_EXEC_INFO);
      const { token, mintedAt, expiresAt } = read.entry;
      const isCurrent = () => isStillShared(request, cache, token);
      return { token, mintedAt, expiresAt, shared: true, via: 'cache', isCurrent };
    }
    await failures?.throwIfRemembered();
    return undefined;
  };
  const made = async (): Promise<ObtainedToken> => {
    const attempt = attemptIn(env);
    try {
      const { obtained, unattended } = await makeToken(job, attempt);
      const { token, mintedAt, expiresAt } = obtained;
      // The token of another machine stays in memory: this process has not read what decides whether the token is still
      // current.
      if (obtained.shared && obtained.via !== 'fleet') {
        const minted = { token, mintedAt, expiresAt, unattended, ...madeBy(attempt, entry) };
        await cache.store(key, minted, await attempt.recorder.finish());
      }
      return obtained;
    } catch (error) {
      if (caller !== undefined && error instanceof EKSAuthError && isOurs(error, attempt)) {
        failures?.told(error);
        const seconds = failureSeconds(env, error.code);
        const failure = { error, seconds, asker: caller.name, ...madeBy(attempt, entry) };
        await cache.storeFailure(key, failure, await attempt.recorder.finish());
      }
      throw error;
    }
  };

  const found = await shared();
  if (found !== undefined) return found;
  logger.debug('no shared token', { cluster: clusterLabel(config), reason });
  return cache.exclusively(key, { done: shared, work: made, signal });
}

function isRefused({ token, mintedAt }: CachedToken, { refused, newerThan }: ObtainRequest): boolean {
  return token === refused || (newerThan !== undefined && mintedAt <= newerThan);
}

/**
 * Whether all that led to a failure was read by us. What cures the failure of another program is unknown, so that program is
 * asked again at once.
 */
function isOurs({ code }: EKSAuthError, { ranCommand = false }: Attempt): boolean {
  return !ranCommand && code !== 'EXEC_FAILED';
}

/** If the original command took part, the entry is a hit only for callers that would run the same command. */
function madeBy({ byCommand }: Attempt, { command }: SharedEntry): { readonly command?: string } {
  return byCommand ? { command } : {};
}

/** Whether the shared cache would hand out this very token now, until its true end. */
async function isStillShared(request: ObtainRequest, cache: TokenCache, token: string): Promise<boolean> {
  const { env } = withEnvironment(request.host, request.config.exec.env.toEnvironment());
  const { key, command } = sharedEntryOf(request.config, env, request.given?.identityKey);
  const read = await cache.read(key, { command, marginSeconds: UNTIL_ITS_END, env });
  return read.hit && read.entry.token === token;
}
