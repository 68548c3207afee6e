import { EKSAuthError } from '../../errors.ts';
import type { GetTokenArguments } from '../arguments/get-token-arguments.ts';
import { Undecidable } from '../undecidable.ts';
import type { Settings } from './settings.ts';

interface UnusualSetting {
  readonly variable?: string;
  readonly key?: string;
  /** Values that leave the token as it is. */
  readonly harmless: RegExp;
}

/**
 * Settings with which the AWS CLI may fail, load code of others, or ask another place: none of them is worth a
 * guess, so any value that is not known to be harmless leaves the decision to the CLI itself.
 */
const UNUSUAL: readonly UnusualSetting[] = [
  { variable: 'AWS_DATA_PATH', key: 'data_path', harmless: /^$/ },
  { variable: 'BOTOCORE_EXPERIMENTAL__PLUGINS', harmless: /^(?:DISABLED)?$/ },
  { key: 'api_versions', harmless: /^$/ },
  { key: 'sts', harmless: /^$/ },
  { key: 'parameter_validation', harmless: /^true$/i },
  {
    variable: 'AWS_DEFAULTS_MODE',
    key: 'defaults_mode',
    harmless: /^(?:legacy|standard|in-region|cross-region|mobile)$/i,
  },
  { variable: 'AWS_RETRY_MODE', key: 'retry_mode', harmless: /^(?:legacy|standard|adaptive)$/ },
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
];

/** @throws Undecidable */
export function refuseUnusualSettings(settings: Settings): void {
  for (const { variable, key, harmless } of UNUSUAL) {
    const fromEnvironment = variable === undefined ? undefined : settings.env(variable);
    const value = fromEnvironment ?? (key === undefined ? undefined : settings.section.get(key));
    if (value === undefined || (typeof value === 'string' && harmless.test(value))) continue;
    throw new Undecidable(`${fromEnvironment === undefined ? `"${key}" in the profile` : variable} is set`);
  }
  if (settings.files.others.get('plugins')?.size) throw new Undecidable('the AWS CLI has plugins');
}

/** Options with effects that cannot be foreseen. @throws EKSAuthError, Undecidable */
export function refuseUnusualArguments({ others }: GetTokenArguments): void {
  for (const name of ['query', 'cli-auto-prompt']) if (others.has(name)) throw new Undecidable(`--${name} is given`);
  for (const name of ['cli-read-timeout', 'cli-connect-timeout']) {
    const seconds = others.get(name);
    if (typeof seconds === 'string' && !/^\d+$/.test(seconds)) throw new Undecidable(`--${name} is no number`);
  }
  const endpoint = others.get('endpoint-url');
  // Only its scheme is looked at: the STS client inside `get-token` does not get to see it.
  if (typeof endpoint !== 'string' || /^[a-z][a-z0-9+.-]*:/i.test(endpoint)) return;
  throw new EKSAuthError('INVALID_CONFIG', `--endpoint-url ${endpoint} is no URL.`, {
    remedy: 'Remove --endpoint-url from the kubeconfig: it has no effect on the token.',
  });
}
