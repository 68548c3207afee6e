import { shown } from '../../text/nearest-names.ts';
import { ArgumentsError, type ArgumentTable, type OptionKind, parseKnownArguments } from './argparse.ts';

/** The two generations of the AWS CLI. */
export type CLIVersion = 'v1' | 'v2';

/** The arguments of `aws … eks get-token …`, after abbreviations and repetitions. */
export interface GetTokenArguments {
  readonly clusterName?: string;
  readonly clusterId?: string;
  readonly roleArn?: string;
  readonly region?: string;
  readonly profile?: string;
  /** Options given that have an effect beyond the formatting of the answer, or may make the CLI fail. */
  readonly others: ReadonlyMap<string, string | true>;
  /** Why the installed CLI alone decides what the arguments mean. Absent where all releases agree. */
  readonly disputed?: string;
}

const COMMON_OPTIONS: Readonly<Record<string, OptionKind>> = {
  debug: 'flag',
  'endpoint-url': 'value',
  'no-verify-ssl': 'flag',
  'no-paginate': 'flag',
  query: 'value',
  profile: 'value',
  region: 'value',
  version: 'flag',
  color: ['on', 'off', 'auto'],
  'no-sign-request': 'flag',
  'ca-bundle': 'value',
  'cli-read-timeout': 'value',
  'cli-connect-timeout': 'value',
};

/** The global options of aws-cli 1.45 and 2.36. */
const AWS_GLOBAL_OPTIONS: Readonly<Record<CLIVersion, ArgumentTable>> = {
  v1: { positionals: 1, options: { ...COMMON_OPTIONS, output: ['json', 'text', 'table'], 'v2-debug': 'flag' } },
  v2: {
    positionals: 1,
    options: {
      ...COMMON_OPTIONS,
      output: ['json', 'text', 'table', 'yaml', 'yaml-stream', 'off'],
      'cli-binary-format': ['base64', 'raw-in-base64-out'],
      'no-cli-pager': 'flag',
      'cli-auto-prompt': 'flag',
      'no-cli-auto-prompt': 'flag',
      'cli-error-format': ['legacy', 'json', 'yaml', 'text', 'table', 'enhanced'],
    },
  },
};

const SERVICE: ArgumentTable = { positionals: 1, options: {} };

const GET_TOKEN: ArgumentTable = {
  positionals: 0,
  options: { 'cluster-name': 'value', 'role-arn': 'value', 'cluster-id': 'value' },
};

/**
 * Reads the arguments after `aws` as that generation of the CLI does.
 * @returns `undefined` for any other command than `eks get-token`
 * @throws ArgumentsError where the CLI ends with a usage message
 */
export function parseGetTokenArguments(args: readonly string[], version: CLIVersion): GetTokenArguments | undefined {
  const main = parseKnownArguments(args, AWS_GLOBAL_OPTIONS[version]);
  if (main.flags.has('version') || main.positional !== 'eks') return undefined;
  const service = parseKnownArguments(main.rest, SERVICE);
  if (service.positional !== 'get-token') return undefined;
  const own = parseKnownArguments(service.rest, GET_TOKEN);
  if (own.rest.length > 0) throw unknownOptions(own.rest);
  const disputed = main.disputed ?? service.disputed ?? own.disputed;
  const [region, profile] = [main.values.get('region'), main.values.get('profile')];
  const [clusterName, clusterId] = [own.values.get('cluster-name'), own.values.get('cluster-id')];
  const roleArn = own.values.get('role-arn');
  const others = new Map<string, string | true>();
  for (const flag of main.flags) others.set(flag, true);
  for (const [name, value] of main.values) if (name !== 'region' && name !== 'profile') others.set(name, value);
  return {
    ...(disputed !== undefined && { disputed }),
    ...(clusterName !== undefined && { clusterName }),
    ...(clusterId !== undefined && { clusterId }),
    ...(roleArn !== undefined && { roleArn }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    others,
  };
}

/** Names an option. A word without its option is not named, as it may be a secret. */
function unknownOptions(rest: readonly string[]): ArgumentsError {
  const option = rest.find((argument) => argument.startsWith('-'));
  if (option === undefined) return new ArgumentsError('a word that belongs to no option');
  return new ArgumentsError(`unknown option ${shown(option.replace(/=.*$/s, ''))}`);
}
