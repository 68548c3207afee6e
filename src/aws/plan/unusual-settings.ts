import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import type { INIValue } from '../ini/raw-config-parser.ts';
import type { CLIVersion, GetTokenArguments } from '../stanza/get-token-arguments.ts';
import { Undecidable } from '../undecidable.ts';
import type { Settings } from './settings.ts';

interface UnusualSetting {
  readonly variable?: VariableName;
  readonly key?: string;
  /** Values that leave the token as it is, perhaps with one generation only. */
  readonly harmless: RegExp | Readonly<Record<CLIVersion, RegExp>>;
}

/** Matches no value at all. */
const NOTHING = /(?!)/;

/**
 * Settings with which the AWS CLI may fail, load foreign code, or ask another server. A value that is not known to be
 * harmless leaves the decision to the CLI itself.
 */
const UNUSUAL: readonly UnusualSetting[] = [
  { key: 'data_path', harmless: /^$/ },
  { variable: 'BOTOCORE_EXPERIMENTAL__PLUGINS', harmless: /^(?:DISABLED)?$/ },
  { key: 'api_versions', harmless: NOTHING },
  { key: 'sts', harmless: /^$/ },
  { key: 'parameter_validation', harmless: /^true$/i },
  {
    variable: 'AWS_DEFAULTS_MODE',
    key: 'defaults_mode',
    harmless: /^(?:legacy|standard|in-region|cross-region|mobile)$/i,
  },
  {
    variable: 'AWS_RETRY_MODE',
    key: 'retry_mode',
    harmless: { v1: /^(?:legacy|standard|adaptive)$/, v2: /^(?:standard|adaptive)$/ },
  },
  { variable: 'AWS_MAX_ATTEMPTS', key: 'max_attempts', harmless: /^[1-9]\d?$/ },
  { variable: 'AWS_METADATA_SERVICE_TIMEOUT', key: 'metadata_service_timeout', harmless: /^\d{1,3}$/ },
  { variable: 'AWS_METADATA_SERVICE_NUM_ATTEMPTS', key: 'metadata_service_num_attempts', harmless: /^\d{1,3}$/ },
  {
    variable: 'AWS_EC2_METADATA_SERVICE_ENDPOINT',
    key: 'ec2_metadata_service_endpoint',
    harmless: /^$|^https?:\/\/[a-z0-9.:[\]-]+(?:\/[\w./-]*)?$/i,
  },
  {
    variable: 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE',
    key: 'ec2_metadata_service_endpoint_mode',
    harmless: /^ipv[46]$/i,
  },
  { variable: 'AWS_CSM_PORT', key: 'csm_port', harmless: /^\d+$/ },
  {
    variable: 'AWS_REQUEST_CHECKSUM_CALCULATION',
    key: 'request_checksum_calculation',
    harmless: /^when_(?:supported|required)$/i,
  },
  {
    variable: 'AWS_RESPONSE_CHECKSUM_VALIDATION',
    key: 'response_checksum_validation',
    harmless: /^when_(?:supported|required)$/i,
  },
  {
    variable: 'AWS_ACCOUNT_ID_ENDPOINT_MODE',
    key: 'account_id_endpoint_mode',
    harmless: /^(?:preferred|disabled|required)$/,
  },
  {
    variable: 'AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES',
    key: 'request_min_compression_size_bytes',
    harmless: /^[1-9]\d{0,5}$/,
  },
  {
    variable: 'AWS_S3_DISABLE_EXPRESS_SESSION_AUTH',
    key: 's3_disable_express_session_auth',
    harmless: /^(?:true|false)$/i,
  },
  { variable: 'AWS_SIGV4A_SIGNING_REGION_SET', key: 'sigv4a_signing_region_set', harmless: /^$/ },
  { variable: 'AWS_AUTH_SCHEME_PREFERENCE', key: 'auth_scheme_preference', harmless: /^(?:sigv4)?$/ },
  { variable: 'AWS_CLI_AUTO_PROMPT', key: 'cli_auto_prompt', harmless: /^(?:off|on-partial)$/i },
  { key: 'cli_timestamp_format', harmless: /^(?:wire|iso8601)$/ },
  { key: 'cli_binary_format', harmless: /^(?:base64|raw-in-base64-out)$/ },
  {
    variable: 'AWS_S3_US_EAST_1_REGIONAL_ENDPOINT',
    key: 's3_us_east_1_regional_endpoint',
    harmless: /^(?:legacy|regional)$/,
  },
  // v2 prints in that encoding, and fails if it does not know the encoding.
  { variable: 'AWS_CLI_OUTPUT_ENCODING', harmless: /^utf-?8$/i },
  // Python opens that file with each connection that it prepares.
  { variable: 'SSLKEYLOGFILE', harmless: /^$/ },
];

/** Forms of the answer that the CLI can print: the form does not change the identity of the token. */
const PRINTABLE: Readonly<Record<CLIVersion, RegExp>> = {
  v1: /^(?:json|text|table)$/,
  v2: /^(?:json|text|table|yaml|yaml-stream)$/,
};

/** Settings of S3 that every client of the CLI looks at, also that of STS. */
const S3_CHECKED: Readonly<Record<string, RegExp>> = {
  addressing_style: /^(?:auto|virtual|path)$/,
  us_east_1_regional_endpoint: /^(?:legacy|regional)$/,
};

/** @throws Undecidable */
export function refuseUnusualSettings(settings: Settings, { others }: GetTokenArguments): void {
  for (const { variable, key, harmless } of UNUSUAL) {
    const fromEnvironment = variable === undefined ? undefined : settings.env(variable);
    const value = fromEnvironment ?? (key === undefined ? undefined : settings.section.get(key));
    const rule = harmless instanceof RegExp ? harmless : harmless[settings.version];
    if (value === undefined || (typeof value === 'string' && rule.test(value))) continue;
    throw new Undecidable(`${fromEnvironment === undefined ? `"${key}" in the profile` : variable} is set`);
  }
  if (settings.sectionBeforeFlag?.has('api_versions'))
    throw new Undecidable('"api_versions" is set in the profile that --profile replaces');
  refuseS3Settings(settings.section.get('s3'));
  if (!others.has('output')) refuseUnknownOutput(settings);
}

function refuseS3Settings(s3: INIValue | undefined): void {
  // The CLI ignores a word here, but not an empty value.
  if (s3 === '') throw new Undecidable('"s3" in the profile is empty');
  if (s3 === undefined || typeof s3 === 'string') return;
  for (const [key, harmless] of Object.entries(S3_CHECKED)) {
    const value = s3.get(key);
    if (value !== undefined && !harmless.test(value)) throw new Undecidable(`"${key}" of s3 is set in the profile`);
  }
}

function refuseUnknownOutput(settings: Settings): void {
  const output = settings.env('AWS_DEFAULT_OUTPUT') ?? settings.section.get('output');
  if (output === undefined || (typeof output === 'string' && PRINTABLE[settings.version].test(output))) return;
  throw new Undecidable('the output format is none that holds a token');
}

/** Options with effects that cannot be foreseen. @throws EKSAuthError, Undecidable */
export function refuseUnusualArguments({ others, disputed }: GetTokenArguments, recorded: boolean): void {
  if (disputed !== undefined) throw new Undecidable(disputed);
  for (const name of ['query', 'cli-auto-prompt']) if (others.has(name)) throw new Undecidable(`--${name} is given`);
  if (others.get('output') === 'off') throw new Undecidable('--output off prints no token');
  if (others.has('cli-error-format') && !recorded) throw new Undecidable('--cli-error-format is new');
  for (const name of ['cli-read-timeout', 'cli-connect-timeout']) {
    const seconds = others.get(name);
    if (typeof seconds === 'string' && !/^\d+$/.test(seconds)) throw new Undecidable(`--${name} is not a number`);
  }
  const endpoint = others.get('endpoint-url');
  // Only the scheme is checked: `get-token` does not pass the URL to its STS client.
  if (typeof endpoint !== 'string' || /^[a-z][a-z0-9+.-]*:/i.test(endpoint)) return;
  // Newer releases of Python ignore these characters.
  if (/^[\0-\x20]/.test(endpoint)) throw new Undecidable('--endpoint-url begins with a blank');
  throw new EKSAuthError('INVALID_CONFIG', 'The value of --endpoint-url is not a URL.', {
    remedy: 'Remove --endpoint-url from the kubeconfig: it has no effect on the token.',
  });
}
