import { createHash, generateKeyPairSync } from 'node:crypto';
import { LOGIN_SESSION } from './sign-in-service.ts';

/** What a request to AWS meets, and the settings of the caller. */
export interface RetrySituation {
  readonly leaf: keyof typeof LEAVES;
  /** Given to each request of {@link Leaf.troubled}. */
  readonly answer: keyof typeof ANSWERS;
  /** Of how many requests. */
  readonly times: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A line of the profile. */
  readonly profile?: string;
}

/** Where credentials come from. `${STUB}` stands for the servers, `${HOME}` for the home folder. */
export interface Leaf {
  /** The path of the requests in trouble. */
  readonly troubled: string;
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

const BASE = '[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base/secret\n';
const CORP = '[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n';
const SSO_FILE = '.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json';

const LOGIN_FILE = `.aws/login/cache/${createHash('sha256').update(LOGIN_SESSION).digest('hex')}.json`;
const LOGIN = {
  accessToken: {
    accessKeyId: 'ASIAOLD',
    secretAccessKey: 'sEXAMPLEKEY',
    sessionToken: 't',
    accountId: '123456789012',
    expiresAt: '2020-01-01T00:00:00Z',
  },
  tokenType: 'aws_sigv4',
  clientId: 'arn:aws:signin:::devtools/same-device',
  refreshToken: 'refresh-EXAMPLEKEY',
  idToken: 'a.b.c',
  dpopKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'sec1' }),
};
const REGISTERED = {
  startUrl: 'https://corp.awsapps.com/start',
  region: 'us-east-1',
  accessToken: 'old',
  expiresAt: '2020-01-01T00:00:00Z',
  clientId: 'client',
  clientSecret: 'sEXAMPLEKEY',
  registrationExpiresAt: '2049-01-01T00:00:00Z',
  refreshToken: 'refresh-EXAMPLEKEY',
};

export const LEAVES: Readonly<
  Record<'role' | 'web identity' | 'sso' | 'sso refresh' | 'login refresh' | 'container' | 'imds', Leaf>
> = {
  role: {
    troubled: '/sts',
    config: `[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nrole_session_name = me\n${BASE}`,
  },
  'web identity': {
    troubled: '/sts',
    config:
      '[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ${HOME}/jwt\nrole_session_name = pod\n',
    files: { jwt: 'header.payload.signature' },
  },
  sso: {
    troubled: '/sso',
    config: `[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n${CORP}`,
    files: {
      [SSO_FILE]:
        '{"startUrl":"https://corp.awsapps.com/start","region":"us-east-1","accessToken":"at","expiresAt":"2049-01-01T00:00:00Z"}',
    },
  },
  'sso refresh': {
    troubled: '/oidc',
    config: `[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n${CORP}`,
    files: { [SSO_FILE]: JSON.stringify(REGISTERED) },
  },
  'login refresh': {
    troubled: '/signin',
    config: `[profile p]\nlogin_session = ${LOGIN_SESSION}\n`,
    files: { [LOGIN_FILE]: JSON.stringify(LOGIN) },
  },
  container: {
    troubled: '/container',
    config: '[profile p]\nregion = us-west-2\n',
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: '${STUB}/container' },
  },
  imds: {
    troubled: '/imds',
    config: '[profile p]\nregion = us-west-2\n',
    env: { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: '${STUB}/imds/' },
  },
};

const xml = (code: string, message = 'No') =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

/** Each with a status, and a body for STS; the others get the code as JSON. `cut` ends the connection. */
export const ANSWERS = {
  throttling: { status: 400, code: 'Throttling' },
  'throttling exception': { status: 400, code: 'ThrottlingException' },
  'request limit': { status: 503, code: 'RequestLimitExceeded' },
  'too many requests': { status: 429, code: 'TooManyRequestsException' },
  'slow down': { status: 400, code: 'SlowDown' },
  'internal failure': { status: 500, code: 'InternalFailure' },
  unavailable: { status: 503, code: 'ServiceUnavailable' },
  'bad gateway': { status: 502, code: '' },
  'limit of bandwidth': { status: 509, code: 'BandwidthLimitExceeded' },
  'request timeout': { status: 400, code: 'RequestTimeout' },
  'provider out of reach': { status: 400, code: 'IDPCommunicationError' },
  'access denied': { status: 403, code: 'AccessDenied' },
  'not found': { status: 404, code: 'NoSuchEntity' },
  cut: undefined,
} as const;

export function bodyOf(answer: { readonly code: string }, leaf: Leaf): string {
  if (answer.code === '') return '<html>Bad Gateway</html>';
  if (leaf.troubled === '/sts') return xml(answer.code);
  // The two services of logins call their codes `error`.
  return JSON.stringify({ __type: answer.code, error: answer.code, message: 'No' });
}

const ALWAYS = 99;
const SETTINGS: readonly Pick<RetrySituation, 'env' | 'profile'>[] = [
  {},
  ...['1', '2', '3', '4', '5', '0', 'x', ''].map((AWS_MAX_ATTEMPTS) => ({ env: { AWS_MAX_ATTEMPTS } })),
  ...['2', '4', '0'].map((count) => ({ profile: `max_attempts = ${count}` })),
  { env: { AWS_MAX_ATTEMPTS: '2' }, profile: 'max_attempts = 4' },
  ...['legacy', 'standard', 'adaptive', 'odd'].map((AWS_RETRY_MODE) => ({ env: { AWS_RETRY_MODE } })),
  ...['legacy', 'standard'].map((mode) => ({ profile: `retry_mode = ${mode}` })),
  { env: { AWS_RETRY_MODE: 'standard', AWS_MAX_ATTEMPTS: '4' } },
  { env: { AWS_RETRY_MODE: 'legacy', AWS_MAX_ATTEMPTS: '2' } },
];

const LISTED: readonly RetrySituation[] = [
  ...SETTINGS.map((settings) => ({ leaf: 'role', answer: 'throttling', times: ALWAYS, ...settings }) as const),
  ...(Object.keys(ANSWERS) as RetrySituation['answer'][]).flatMap((answer) => [
    { leaf: 'role', answer, times: ALWAYS } as const,
    { leaf: 'role', answer, times: 2 } as const,
  ]),
  ...(['web identity', 'sso', 'sso refresh', 'login refresh', 'container', 'imds'] as const).flatMap((leaf) =>
    (['throttling', 'too many requests', 'internal failure', 'cut', 'access denied', 'not found'] as const).flatMap(
      (answer) => [
        { leaf, answer, times: ALWAYS },
        { leaf, answer, times: 1 },
        { leaf, answer, times: ALWAYS, env: { AWS_MAX_ATTEMPTS: '2' } },
      ],
    ),
  ),
];

/** The situations by their names. */
export const RETRY_SITUATIONS: Readonly<Record<string, RetrySituation>> = Object.fromEntries(
  LISTED.map((situation) => {
    const { leaf, answer, times, env = {}, profile } = situation;
    const settings = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...(profile ? [profile] : [])];
    return [[leaf, times === ALWAYS ? `always ${answer}` : `${answer} x ${times}`, ...settings].join(', '), situation];
  }),
);
