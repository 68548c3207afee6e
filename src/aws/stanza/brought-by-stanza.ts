import { MINT_VARIABLES } from '../../recording/mint-variables.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';

const KEY_IDS = ['AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY'];
/** The variables that hold keys: their ids, and the secrets whose presence alone is compared. */
const KEYS: ReadonlySet<string> = new Set([
  ...KEY_IDS,
  ...MINT_VARIABLES.filter(({ kind }) => kind === 'presence').map(({ name }) => name),
]);
const READ: ReadonlySet<string> = new Set(MINT_VARIABLES.map(({ name }) => name.toUpperCase()));
/** The variables of a mint that choose among what the machine has, and bring nothing of their own. */
const CHOICES: ReadonlySet<string> = new Set([
  ...['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_STS_REGIONAL_ENDPOINTS'],
  ...['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_MAX_ATTEMPTS', 'AWS_RETRY_MODE'],
  ...['AWS_CLI_AUTO_PROMPT', 'AWS_DEFAULT_OUTPUT', 'AWS_CLI_FILE_ENCODING', 'AWS_CLI_OUTPUT_ENCODING'],
  ...['AWS_SDK_LOAD_CONFIG', 'AWS_DEFAULTS_MODE', 'AWS_EC2_METADATA_DISABLED'],
]);

/** In capitals: on Windows the case of names does not count. */
const namesOf = ({ exec }: EKSAuthConfig): readonly string[] => exec.env.names().map((name) => name.toUpperCase());

/**
 * Whether the variables of a stanza hold keys. An id is not a secret, so a token that was made with a key may not go to
 * every stanza that names the id of the key.
 */
export function bringsKeys(config: EKSAuthConfig): boolean {
  return namesOf(config).some((name) => KEYS.has(name));
}

/**
 * The first variable of a stanza by which it may have other credentials than the machine: keys, files, servers that hand
 * out credentials, and the way to them.
 */
export function broughtCredentials(config: EKSAuthConfig): string | undefined {
  return namesOf(config).find((name) => READ.has(name) && !CHOICES.has(name));
}
