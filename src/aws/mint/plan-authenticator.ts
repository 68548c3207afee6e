import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/variables.ts';
import type { MintContext } from '../context/mint-context.ts';
import { type STSEndpoint, stsEndpoint } from '../endpoint/sts-endpoint.ts';
import { INISyntaxError } from '../ini/raw-config-parser.ts';
import { readTextFile } from '../ini/read-text-file.ts';
import { awsFiles } from '../plan/paths.ts';
import { checkRegion } from '../plan/region.ts';
import { refuseWrapperScript } from '../program/wrapper-script.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';
import { ArgumentsError } from '../stanza/argparse.ts';
import { Undecidable } from '../undecidable.ts';

/** What aws-iam-authenticator signs with. */
export interface AuthenticatorPlan {
  readonly cluster: string;
  readonly sts: STSEndpoint;
  readonly keys: SigningKeys;
}

/** Any of these, set to anything, may lead its SDK elsewhere than to the plain rules below. */
const DECIDING_VARIABLES: readonly VariableName[] = [
  ...(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'] as const),
  ...(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_SSO', 'AWS_ENDPOINT_URL_SSO_OIDC'] as const),
  ...(['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_SDK_LOAD_CONFIG'] as const),
  ...(['AWS_ENABLE_ENDPOINT_DISCOVERY', 'DEFAULT_ROLE'] as const),
];

/** Keys of the default profile that do nothing to keys from the environment. */
const HARMLESS_KEYS = new Set([
  'region',
  'output',
  'cli_pager',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
]);

/**
 * aws-iam-authenticator has the order of credentials of the Go SDK, which is not that of the AWS CLI. Certain is only
 * its beginning: keys in the environment, a region by flag or environment, no role.
 * @throws Undecidable for everything else
 */
export async function planAuthenticator(mint: MintContext): Promise<AuthenticatorPlan> {
  const { config, recorder, memory, programs } = mint;
  const { command } = config;
  const said = command.authenticatorArguments();
  const given = said instanceof ArgumentsError ? undefined : said;
  // The original command reads it, and its token is for what the file said then.
  if (given?.config !== undefined) await recorder.look(given.config);
  refuseWrapperScript(command, recorder, memory.programs, programs);
  const decisive = DECIDING_VARIABLES.find((name) => recorder.variable(name) !== undefined);
  if (decisive !== undefined) throw new Undecidable(`${decisive} is set for aws-iam-authenticator`);
  if (given?.role !== undefined)
    throw new Undecidable('aws-iam-authenticator assumes the role, under a session name of its own');
  if (!given || given.others.size > 0) throw new Undecidable('aws-iam-authenticator has more to do than sign');
  const cluster = given.clusterId ?? recorder.variable('KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID');
  const accessKeyId = recorder.variable('AWS_ACCESS_KEY_ID') || recorder.variable('AWS_ACCESS_KEY');
  const secretAccessKey = recorder.variable('AWS_SECRET_ACCESS_KEY') || recorder.variable('AWS_SECRET_KEY');
  const region = given.region || recorder.variable('AWS_REGION') || recorder.variable('AWS_DEFAULT_REGION');
  if (!cluster) {
    throw new EKSAuthError('INVALID_CONFIG', '`aws-iam-authenticator token` names no cluster.', {
      remedy: 'Add `-i <cluster>` to the args in the kubeconfig.',
    });
  }
  if (!accessKeyId || !secretAccessKey)
    throw new Undecidable('aws-iam-authenticator looks for credentials in its own order');
  if (!region) throw new Undecidable('aws-iam-authenticator looks for a region in its own order');
  checkRegion(region, 'the arguments or the environment');
  await refuseDecidingFiles(mint);
  const sessionToken = recorder.variable('AWS_SESSION_TOKEN');
  return {
    cluster,
    sts: stsEndpoint(region, { fips: false, dualstack: false, legacyGlobal: false, olderRelease: true }),
    keys: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  };
}

async function refuseDecidingFiles({ recorder, memory }: MintContext): Promise<void> {
  const { config, credentials } = awsFiles(recorder);
  const texts: (string | undefined)[] = [];
  for (const path of [config, credentials]) {
    texts.push(await readTextFile(path, recorder));
  }
  const section = parse(memory, texts).get('default');
  const decisive = [...(section?.keys() ?? [])].find((key) => !HARMLESS_KEYS.has(key));
  if (decisive !== undefined)
    throw new Undecidable(`"${decisive}" of the default profile may matter to aws-iam-authenticator`);
}

function parse(memory: MintContext['memory'], [config, credentials]: readonly (string | undefined)[]) {
  try {
    return memory.profiles.read(config, credentials).profiles;
  } catch (error) {
    if (error instanceof INISyntaxError) throw new Undecidable(`an AWS file is malformed: ${error.message}`);
    throw error;
  }
}
