import { type EntryKey, keysOf } from '../../cache/sealed/cache-keys.ts';
import { checkOptions } from '../../options/check-options.ts';
import {
  CALLABLE,
  type Check,
  checkedBy,
  DURATION_MS,
  either,
  fields,
  INTERNAL,
  oneOf,
  type Schema,
  SIGNAL,
  TEXT,
  that,
} from '../../options/checks.ts';
import { HOST_SCHEMA } from '../../options/host-schema.ts';
import { checkFleet } from '../../store/check-fleet.ts';
import type { FleetOptions } from '../../store/token-store.ts';
import type { TokenRequestOptions } from './auth-provider.ts';
import { checkGivenProvider, type GivenProvider } from './auth-provider.ts';
import { checkGivenCredentials, type GivenCredentials } from './given-credentials.ts';
import type { TokenManagerOptions } from './token-provider.ts';

export const TOKEN_REQUEST_SCHEMA: Schema<TokenRequestOptions> = { signal: SIGNAL };

/** The options of a call without options. */
export const NO_OPTIONS: TokenRequestOptions = {};

/** Checks the options of one call. @throws EKSAuthError INVALID_CONFIG */
export function checkRequest(owner: string, options: TokenRequestOptions): void {
  if (options !== NO_OPTIONS) checkOptions(owner, options, TOKEN_REQUEST_SCHEMA);
}

export const GIVEN_SCHEMA: Schema<GivenCredentials> = {
  credentials: checkedBy('a provider function or keys', (credentials: GivenCredentials['credentials']) =>
    checkGivenCredentials({ credentials }),
  ),
  identityKey: checkedBy('a text', (identityKey: string) => checkGivenCredentials({ identityKey })),
};

export const PROVIDER_SCHEMA: Schema<GivenProvider> = {
  authProvider: checkedBy('an AWSAuthProvider', (provider: unknown) => checkGivenProvider(provider)),
};

/** The check of the option `cache`. */
export const CACHE: Check = either(
  that('false', (value) => value === false),
  fields({ directory: TEXT, key: checkedBy('a text, bytes or a function', (key: EntryKey) => keysOf(key)) }),
);

export const FLEET: Check = checkedBy('{ name, store, secret, tenant? }', (fleet: FleetOptions) => checkFleet(fleet));

export const EXEC_POLICY: Check = oneOf('allow', 'eks-only');

export const TOKEN_MANAGER_SCHEMA: Schema<TokenManagerOptions> = {
  cache: CACHE,
  fleet: FLEET,
  execPolicy: EXEC_POLICY,
  execTimeoutMs: DURATION_MS,
  mfaCode: CALLABLE,
  onRefreshed: CALLABLE,
  onRefreshFailed: CALLABLE,
  ticker: INTERNAL,
  memory: INTERNAL,
  ...GIVEN_SCHEMA,
  ...PROVIDER_SCHEMA,
  ...HOST_SCHEMA,
};
