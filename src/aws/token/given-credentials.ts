import { EKSAuthError } from '../../errors.ts';
import { type Host, withEnvironment } from '../../host.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import { isMisspelt, nearNames } from '../../text/nearest-names.ts';
import { roleOptionsOf } from '../stanza/assumed-role.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { parseExecConfig } from '../stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../stanza/stanza.ts';

/** AWS keys as the AWS SDK for JavaScript hands them out. */
export interface AWSCredentials {
  /** The id of the key. It is not a secret. */
  readonly accessKeyId: string;
  /** Signs requests in this process. It is never sent. */
  readonly secretAccessKey: string;
  /** The session token of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** When temporary credentials end: no token outlives them. */
  readonly expiration?: Date | undefined;
}

/** Any credential provider of the AWS SDK for JavaScript, such as `fromTemporaryCredentials(…)`, or a function of yours. */
export type AWSCredentialProvider = () => Promise<AWSCredentials>;

/** Keys that the caller passes, instead of those that the AWS CLI would find. */
export interface GivenCredentials {
  /**
   * What clients of the AWS SDK for JavaScript take: a provider, asked at each mint, or the keys themselves. Tokens made
   * with it stay in memory, unless {@link GivenCredentials.identityKey} is given: nothing else says whose they are.
   * Default: the credentials that the AWS CLI finds.
   */
  readonly credentials?: AWSCredentialProvider | AWSCredentials | undefined;
  /**
   * Names the identity behind `credentials` (a role's ARN, say), so that other processes which give the same name may
   * share the token on disk. kubectl never takes such a token. Default: the tokens are not shared.
   */
  readonly identityKey?: string | undefined;
}

/** The fields of keys, as messages write them. */
const KEYS = '{ accessKeyId, secretAccessKey, sessionToken?, expiration? }';
const KEY_FIELDS = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration'];
const PASS_KEYS = `Pass ${KEYS}.`;

/** Variables that could name another identity, region or endpoint than the caller's. */
const SILENCED = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SECURITY_TOKEN',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
];

/**
 * Refuses a value that no client of the AWS SDK accepts, before a call waits for a token.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkGivenCredentials({ credentials, identityKey }: GivenCredentials): void {
  const odd = oddFieldOf(credentials);
  if (odd !== undefined) throw new EKSAuthError('INVALID_CONFIG', odd, { remedy: PASS_KEYS });
  if (credentials !== undefined && typeof credentials !== 'function' && !areKeys(credentials)) {
    const message = `The credentials given to ekspress are neither a provider function nor keys, but ${nameOf(credentials)}.`;
    throw new EKSAuthError('INVALID_CONFIG', message, {
      remedy: `Pass a provider such as \`fromNodeProviderChain()\`, or ${KEYS}.`,
    });
  }
  if (identityKey === undefined || (typeof identityKey === 'string' && identityKey !== '')) return;
  throw new EKSAuthError('INVALID_CONFIG', 'The identityKey given to ekspress is not a text, or is empty.', {
    remedy: 'Name the identity behind the credentials, for example by the ARN of its role, or leave identityKey out.',
  });
}

function areKeys(keys: unknown): keys is AWSCredentials {
  const { accessKeyId, secretAccessKey } = (keys ?? {}) as Partial<AWSCredentials>;
  return [accessKeyId, secretAccessKey].every((key) => typeof key === 'string' && key !== '');
}

/**
 * A field that looks like a slip for one of the keys: without its session token a signature is worthless. Keys of the AWS
 * SDK may have further fields.
 */
function oddFieldOf(keys: unknown): string | undefined {
  if (!areKeys(keys)) return undefined;
  const odd = Object.keys(keys).find(
    (name) => !KEY_FIELDS.includes(name) && (/token/i.test(name) || isMisspelt(name, KEY_FIELDS)),
  );
  if (odd === undefined) return undefined;
  const near = /token/i.test(odd) ? 'sessionToken' : nearNames(odd, KEY_FIELDS)[0];
  return `The credentials given to ekspress have no field ${JSON.stringify(odd)}. Did you mean ${JSON.stringify(near)}?`;
}

/** The type of a value that may be a secret, never its content. */
function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Promise) return 'a promise: pass the function itself, without calling it';
  return typeof value === 'object' ? 'an object without accessKeyId and secretAccessKey' : `a ${typeof value}`;
}

/**
 * The same cluster with the caller's keys, as if they stood in the environment of a command without a profile.
 * A role of the configuration is still assumed, with these keys.
 * @throws EKSAuthError NO_CREDENTIALS where the provider fails or hands out no keys
 */
export async function withGivenCredentials(
  config: EKSAuthConfig,
  host: Host,
  provider: NonNullable<GivenCredentials['credentials']>,
  signal?: AbortSignal,
): Promise<{ readonly config: EKSAuthConfig; readonly host: Host }> {
  const keys = await ask(provider, signal);
  const {
    clusterName = config.clusterId,
    region = host.env.AWS_REGION || host.env.AWS_DEFAULT_REGION,
    roleArn,
    cliVersion,
  } = config;
  const stanza = stanzaForCluster({ clusterName: clusterName ?? '', region: region || undefined, roleArn });
  const silenced = Object.fromEntries(SILENCED.map((name) => [name, undefined]));
  return {
    config: parseExecConfig(stanza, { cliVersion, ...roleOptionsOf(config) }),
    host: withEnvironment(host, {
      ...silenced,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      ...(keys.sessionToken && { AWS_SESSION_TOKEN: keys.sessionToken }),
      ...(keys.expiration && { AWS_CREDENTIAL_EXPIRATION: new Date(keys.expiration).toISOString() }),
    }),
  };
}

async function ask(
  provider: NonNullable<GivenCredentials['credentials']>,
  signal: AbortSignal | undefined,
): Promise<AWSCredentials> {
  if (typeof provider !== 'function') return endingProperly(provider);
  let keys: AWSCredentials;
  try {
    // The provider gets no signal, and may never answer.
    keys = await unlessAborted(Promise.resolve(provider()), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    const message = 'The credentials provider that was given to ekspress failed.';
    throw new EKSAuthError('NO_CREDENTIALS', message, { remedy: 'See the cause of this error.', cause });
  }
  const odd = oddFieldOf(keys);
  if (areKeys(keys) && odd === undefined) return endingProperly(keys);
  const message = odd ?? 'The credentials provider that was given to ekspress handed out no keys.';
  throw new EKSAuthError('NO_CREDENTIALS', message, { remedy: `Let it resolve to ${KEYS}.` });
}

/** A JavaScript caller may pass any value as the expiration. */
function endingProperly(keys: AWSCredentials): AWSCredentials {
  if (!keys.expiration || !Number.isNaN(new Date(keys.expiration).getTime())) return keys;
  throw new EKSAuthError('NO_CREDENTIALS', 'The credentials that were given to ekspress name no valid end.', {
    remedy: 'Let `expiration` be a Date, or leave it out for keys that do not end.',
  });
}
