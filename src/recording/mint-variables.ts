// The environment variables that the code of a mint can name. The script of the exec plugin is rendered from this list, so
// this file imports nothing and holds nothing but constants.

/**
 * How the value of a variable is written down. `value` and `path`: as it is. `url`: as a digest if it has a user or a
 * query, which may hold a secret. `proxy`: without its user. `presence`: as empty or not, because the access key id
 * beside such a secret identifies it. `secret`: as a digest.
 */
export type VariableKind = 'value' | 'path' | 'url' | 'proxy' | 'presence' | 'secret';

/** When a variable decides whose token it is: `always`, or (`network`) only where the mint asked a server. */
export type VariableGroup = 'always' | 'network';

const LIST = [
  { kind: 'path', group: 'always', names: ['HOME'] },
  { kind: 'value', group: 'always', names: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'] },
  { kind: 'value', group: 'always', names: ['AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY', 'AWS_CREDENTIAL_EXPIRATION'] },
  {
    kind: 'presence',
    group: 'always',
    names: ['AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'],
  },
  {
    kind: 'path',
    group: 'always',
    names: ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_CREDENTIAL_FILE', 'BOTO_CONFIG'],
  },
  {
    kind: 'path',
    group: 'always',
    names: ['AWS_DATA_PATH', 'AWS_LOGIN_CACHE_DIRECTORY', 'AWS_IAM_AUTHENTICATOR_CACHE_FILE'],
  },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_ROLE_ARN', 'AWS_ROLE_SESSION_NAME', 'DEFAULT_ROLE', 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID'],
  },
  { kind: 'path', group: 'always', names: ['AWS_WEB_IDENTITY_TOKEN_FILE'] },
  { kind: 'value', group: 'always', names: ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'] },
  { kind: 'url', group: 'always', names: ['AWS_CONTAINER_CREDENTIALS_FULL_URI'] },
  { kind: 'secret', group: 'always', names: ['AWS_CONTAINER_AUTHORIZATION_TOKEN'] },
  { kind: 'path', group: 'always', names: ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'] },
  { kind: 'value', group: 'always', names: ['AWS_EC2_METADATA_DISABLED', 'AWS_EC2_METADATA_V1_DISABLED'] },
  { kind: 'url', group: 'always', names: ['AWS_EC2_METADATA_SERVICE_ENDPOINT'] },
  { kind: 'value', group: 'always', names: ['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE'] },
  { kind: 'value', group: 'always', names: ['AWS_METADATA_SERVICE_NUM_ATTEMPTS', 'AWS_METADATA_SERVICE_TIMEOUT'] },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_STS_REGIONAL_ENDPOINTS', 'AWS_DEFAULTS_MODE', 'AWS_USE_FIPS_ENDPOINT'],
  },
  { kind: 'value', group: 'always', names: ['AWS_USE_DUALSTACK_ENDPOINT', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] },
  {
    kind: 'url',
    group: 'always',
    names: ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_SSO', 'AWS_ENDPOINT_URL_SSO_OIDC'],
  },
  { kind: 'url', group: 'always', names: ['AWS_ENDPOINT_URL_SIGNIN', 'AWS_ENDPOINT_URL_EKS'] },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_CLI_AUTO_PROMPT', 'AWS_CLI_FILE_ENCODING', 'BOTOCORE_EXPERIMENTAL__PLUGINS'],
  },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_MAX_ATTEMPTS', 'AWS_RETRY_MODE', 'AWS_CSM_PORT', 'AWS_AUTH_SCHEME_PREFERENCE'],
  },
  { kind: 'value', group: 'always', names: ['AWS_ACCOUNT_ID_ENDPOINT_MODE', 'AWS_REQUEST_CHECKSUM_CALCULATION'] },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_RESPONSE_CHECKSUM_VALIDATION', 'AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES'],
  },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_IMDS_USE_IPV6', 'AWS_S3_DISABLE_EXPRESS_SESSION_AUTH', 'AWS_SIGV4A_SIGNING_REGION_SET'],
  },
  {
    kind: 'value',
    group: 'always',
    names: ['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT', 'AWS_DEFAULT_OUTPUT', 'AWS_CLI_OUTPUT_ENCODING'],
  },
  { kind: 'value', group: 'always', names: ['AWS_SDK_LOAD_CONFIG', 'AWS_ENABLE_ENDPOINT_DISCOVERY'] },
  { kind: 'path', group: 'always', names: ['SSLKEYLOGFILE'] },
  { kind: 'proxy', group: 'network', names: ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'] },
  { kind: 'value', group: 'network', names: ['no_proxy', 'NO_PROXY', 'REQUEST_METHOD'] },
  { kind: 'path', group: 'network', names: ['AWS_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'] },
] as const;

/** The name of a variable that a mint may read. */
export type VariableName = (typeof LIST)[number]['names'][number];

/** One variable of the closed list. */
export interface MintVariable {
  readonly name: VariableName;
  readonly kind: VariableKind;
  readonly group: VariableGroup;
}

/**
 * The closed list of the variables that a mint may read, in the order in which an entry has them. An entry holds only
 * variables that are set. So after a new name is added to the list, entries stay valid where that variable is not set.
 */
export const MINT_VARIABLES: readonly MintVariable[] = LIST.flatMap(({ kind, group, names }) =>
  names.map((name) => ({ name, kind, group })),
);
