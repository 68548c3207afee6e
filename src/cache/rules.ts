import type { EKSAuthErrorCode } from '../errors.ts';
import type { Environment } from '../host.ts';

// The rules of the shared cache, once: the TypeScript reader imports them, and scripts/render-exec.mjs writes them into
// the sh reader. So this file imports no code (types only) and holds nothing but constants and pure functions.

/** First field of every entry. A reader that meets another version takes the entry for absent. */
export const FORMAT_VERSION = 1;

/** What makes a token another one, besides the words of the command. `presence`: a secret, whose value stays out. */
export interface IdentityVariable {
  readonly name: string;
  readonly kind: 'value' | 'path' | 'presence';
}

const values = (...names: string[]): IdentityVariable[] => names.map((name) => ({ name, kind: 'value' }));
const paths = (...names: string[]): IdentityVariable[] => names.map((name) => ({ name, kind: 'path' }));
const presence = (...names: string[]): IdentityVariable[] => names.map((name) => ({ name, kind: 'presence' }));

/**
 * The closed list of environment variables that decide an identity, in the order of their fields: those that botocore,
 * the AWS SDKs and aws-iam-authenticator consult for a profile, region, endpoint or credential. Changing the list or
 * its order needs a new {@link FORMAT_VERSION}. A secret enters by presence only: its access key id names it already.
 */
export const IDENTITY_VARIABLES: readonly IdentityVariable[] = [
  ...paths('HOME'),
  ...values('AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'),
  ...values('AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY', 'AWS_CREDENTIAL_EXPIRATION'),
  ...presence('AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'),
  ...paths('AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_CREDENTIAL_FILE', 'BOTO_CONFIG'),
  ...paths('AWS_DATA_PATH', 'AWS_LOGIN_CACHE_DIRECTORY', 'AWS_IAM_AUTHENTICATOR_CACHE_FILE'),
  ...values('AWS_ROLE_ARN', 'AWS_ROLE_SESSION_NAME', 'DEFAULT_ROLE', 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID'),
  ...paths('AWS_WEB_IDENTITY_TOKEN_FILE'),
  ...values('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'),
  ...presence('AWS_CONTAINER_AUTHORIZATION_TOKEN'),
  ...paths('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'),
  ...values('AWS_EC2_METADATA_DISABLED', 'AWS_EC2_METADATA_V1_DISABLED'),
  ...values('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE'),
  ...values('AWS_STS_REGIONAL_ENDPOINTS', 'AWS_DEFAULTS_MODE', 'AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'),
  ...values('AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_SSO', 'AWS_ENDPOINT_URL_SSO_OIDC'),
  ...values('AWS_ENDPOINT_URL_SIGNIN', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'),
];

/** Variables that add a readable `~<value>` to an entry's file name, after the region, profile and role. */
export const NAME_VARIABLES: readonly string[] = ['AWS_ROLE_ARN', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];

/** Longest file name, in bytes and without `.json`: beyond it a digest takes over, which sh cannot compute. */
export const MAX_NAME_LENGTH = 200;

/**
 * The characters that stand for themselves in an entry and that sh compares (the hyphen comes last, for bracket
 * expressions). Everything else is `%`-encoded, and `%` is
 * none of them: such an entry never matches in sh and is left to Node.
 */
export const SAFE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@+=,-';

/** The characters of a bearer token: those of a header value without quotes, backslashes and blanks (RFC 6750). */
export const TOKEN_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=-';

/** Of each argument of another plugin so many characters, its last, stand in the file name. */
export const NAME_TAIL_LENGTH = 16;

/** An entry larger than this many bytes is not ours. A server accepts at most 4096 bytes of token. */
export const MAX_ENTRY_BYTES = 65_536;

/** Seconds of its life that a token must have left to be a hit, where K8S_TOKEN_CACHE_REFRESH_MARGIN says nothing. */
export const DEFAULT_MARGIN_SECONDS = 60;

/** EKS accepts a token until 15 minutes after its X-Amz-Date (aws-iam-authenticator, `presignedURLExpiration`). */
export const TOKEN_LIFE_SECONDS = 15 * 60;

/** Clients are told 14 minutes, as the AWS CLI does: the last one is for a request under way. */
export const TELL_LIFE_SECONDS = 14 * 60;

/** First word of the identity of what another ExecCredential plugin printed. */
export const PLUGIN_TOOL = 'exec';

/** How long what another plugin printed is kept where it says nothing about its end. */
export const PLUGIN_LIFE_SECONDS = 60 * 60;

/** The longest that it is kept, whatever it says: nobody can list what would make it another one. */
export const MAX_PLUGIN_LIFE_SECONDS = 24 * 60 * 60;

/** Seconds before the end of the signing credentials until which clients are told. */
export const CREDENTIAL_MARGIN_SECONDS = 60;

/** When a token ends, and what clients are told. */
export interface Lifetime {
  readonly tellUntil: Date;
  readonly endsAt: Date;
}

/**
 * The true end of a token's life and the earlier moment that clients are told: a token ends 15 minutes after it was
 * signed or with the credentials that signed it; clients are told 14 minutes, or a minute before the credentials end.
 */
export function lifetime(mintedAt: Date, credentialsExpireAt: Date | undefined): Lifetime {
  const minted = mintedAt.getTime();
  const credentials = credentialsExpireAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const tellUntil = Math.min(minted + TELL_LIFE_SECONDS * 1000, credentials - CREDENTIAL_MARGIN_SECONDS * 1000);
  const endsAt = Math.min(minted + TOKEN_LIFE_SECONDS * 1000, credentials);
  return { tellUntil: new Date(tellUntil), endsAt: new Date(endsAt) };
}

const MARGIN_UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/**
 * Seconds of life that a token must have left to be served from a cache: K8S_TOKEN_CACHE_REFRESH_MARGIN as a duration
 * (`30s`, `1m30s`, `1.5m`; units h, m, s, ms), else {@link DEFAULT_MARGIN_SECONDS}; also where it is malformed.
 */
export function refreshMarginSeconds(env: Environment): number {
  const text = env.K8S_TOKEN_CACHE_REFRESH_MARGIN ?? '';
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return DEFAULT_MARGIN_SECONDS;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(h|ms|m|s)/g)) {
    seconds += Number(amount) * (MARGIN_UNITS[unit] ?? 0);
  }
  return seconds;
}

/** How long a failure is remembered, in seconds, where EKS_TOKEN_ERROR_TTL says nothing; 0 there turns it off. */
const FAILURE_SECONDS = 30;

/** The same for a failure of the network, which may be over the next moment. */
const NETWORK_FAILURE_SECONDS = 5;

/** Seconds for which a failure is remembered instead of tried again. */
export function failureSeconds(env: Environment, code: EKSAuthErrorCode): number {
  const text = env.EKS_TOKEN_ERROR_TTL ?? '';
  const seconds = Math.min(/^\d+$/.test(text) ? Number(text) : FAILURE_SECONDS, TELL_LIFE_SECONDS);
  return code === 'NETWORK' ? Math.min(seconds, NETWORK_FAILURE_SECONDS) : seconds;
}

/**
 * Names of programs that run other programs: their second call is another program's first, and does not mean that a
 * server refused the token.
 * @public Only the rendered script uses it.
 */
export const NO_CLIENTS: readonly string[] = [
  ...['sh', 'bash', 'dash', 'ash', 'zsh', 'fish', 'ksh*', 'mksh', 'yash', 'busybox', 'pwsh', 'nu', 'elvish', 'xonsh'],
  ...['python*', 'perl*', 'ruby*', 'php*', 'lua*', 'tclsh*', 'expect', 'R'],
  ...[
    'make',
    'gmake',
    'xargs',
    'env',
    'timeout',
    'watch',
    'parallel',
    'entr',
    'time',
    'hyperfine',
    'sudo',
    'su',
    'doas',
  ],
];

/**
 * Variables that are meant for other programs of Node: they may keep ours from starting, print on its stderr or slow it
 * down. Node is started without them; the original command gets them back.
 */
export const NODE_VARIABLES: readonly string[] = [
  ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE'],
  ...['NODE_PENDING_DEPRECATION', 'NODE_REDIRECT_WARNINGS', 'NODE_V8_COVERAGE'],
];

/** Prefix of the names under which {@link NODE_VARIABLES} are kept for the original command. */
export const SET_ASIDE = 'EKSPRESS_';

// What the Node half of the exec plugin tells the script by its exit status. Node itself ends with 1 where a module is
// missing or its own syntax is too new for it, so 1 says nothing about credentials.

/** The failure is explained on stderr and final. A number on stdout is the exit status of another plugin. */
export const EXIT_FAILED = 77;

/** Not an EKS command that ekspress knows: the original command answers, unless a policy forbids unknown ones. */
export const EXIT_NOT_RECOGNISED = 71;

/** An EKS command that the original has to answer. After any other status the script does as after {@link EXIT_NOT_RECOGNISED}. */
export const EXIT_CANNOT_DECIDE = 70;
