import type { World } from './world.ts';
import { type Change, FILE_KEYS, plainKeys } from './world-change.ts';

/** What the AWS CLI alone can decide about. */
const UNDECIDED: readonly (readonly [name: string, value: string])[] = [
  ['BOTOCORE_EXPERIMENTAL__PLUGINS', 'a=b'],
  ['AWS_RETRY_MODE', 'bold'],
  ['AWS_MAX_ATTEMPTS', 'many'],
  ['AWS_DEFAULTS_MODE', 'none'],
  ['AWS_CSM_PORT', 'x'],
  ['AWS_METADATA_SERVICE_TIMEOUT', 'x'],
  ['AWS_METADATA_SERVICE_NUM_ATTEMPTS', 'x'],
  ['AWS_REQUEST_CHECKSUM_CALCULATION', 'x'],
  ['AWS_RESPONSE_CHECKSUM_VALIDATION', 'x'],
  ['AWS_ACCOUNT_ID_ENDPOINT_MODE', 'x'],
  ['AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES', 'x'],
  ['AWS_S3_DISABLE_EXPRESS_SESSION_AUTH', 'x'],
  ['AWS_SIGV4A_SIGNING_REGION_SET', 'x'],
  ['AWS_AUTH_SCHEME_PREFERENCE', 'x'],
  ['AWS_CLI_AUTO_PROMPT', 'on'],
  ['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT', 'x'],
  ['SSLKEYLOGFILE', '/nowhere/keys'],
  ['AWS_DEFAULT_OUTPUT', 'off'],
  ['AWS_CA_BUNDLE', ''],
  ['REQUESTS_CA_BUNDLE', ''],
];

/** The same where the credentials are not in the files. */
const OLD_FILES: readonly (readonly [name: string, value: string])[] = [
  ['AWS_CREDENTIAL_FILE', '/nowhere'],
  ['BOTO_CONFIG', '/etc/passwd'],
];

const leftToCLI =
  (scene: string, fits: (world: World) => boolean) =>
  ([name, value]: readonly [name: string, value: string]): Change => ({
    kind: `${name} that only the CLI can decide about`,
    relevant: 'yes',
    scene,
    fits,
    prepare: (world) => world.installAWS('more', '2.36.7'),
    change: (world) => world.set(name, value),
  });

export const undecidedChanges: readonly Change[] = [
  ...UNDECIDED.map(leftToCLI(FILE_KEYS, (world) => plainKeys(world) && !world.has('network'))),
  ...OLD_FILES.map(leftToCLI('an instance', (world) => world.has('instance'))),
  {
    kind: 'data of AWS in AWS_DATA_PATH',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => plainKeys(world) && !world.has('network'),
    prepare: (world) => {
      world.installAWS('more', '2.36.7');
      world.write('data/partitions.json', '{"partitions":[]}');
    },
    change: (world) => world.set('AWS_DATA_PATH', `${world.home}/data`),
  },
];
