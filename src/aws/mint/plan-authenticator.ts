import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import type { MintContext } from '../context/mint-context.ts';
import { type STSEndpoint, stsEndpoint } from '../endpoint/sts-endpoint.ts';
import { type PlainProfile, plainProfile } from '../ini/plain-profiles.ts';
import { readTextFile } from '../ini/read-text-file.ts';
import { awsFiles } from '../plan/paths.ts';
import type { CredentialSource } from '../plan/plan.ts';
import { checkRegion } from '../plan/region.ts';
import { type AuthenticatorSDK, installedAuthenticator } from '../program/authenticator-release.ts';
import { refuseWrapperScript } from '../program/wrapper-script.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';
import { ArgumentsError } from '../stanza/argparse.ts';
import type { AuthenticatorArguments } from '../stanza/authenticator-arguments.ts';
import { Undecidable } from '../undecidable.ts';

/** What aws-iam-authenticator signs with. */
export interface AuthenticatorPlan {
  readonly cluster: string;
  readonly sts: STSEndpoint;
  /** The keys that were found. They sign the token, or assume the role. */
  readonly keys: SigningKeys;
  readonly source: CredentialSource;
  readonly role?: AuthenticatorRole;
}

/** The role that aws-iam-authenticator assumes. */
export interface AuthenticatorRole {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  /** The session name of the keys becomes that of the role, where they have one. */
  readonly forwardSessionName: boolean;
  /** The beginning of a session name that is generated. */
  readonly generatedPrefix: '' | 'aws-go-sdk-';
}

/**
 * With any of these variables, whatever its value, the SDK of aws-iam-authenticator may not follow the plain rules
 * below.
 */
const DECIDING_VARIABLES: readonly VariableName[] = [
  ...(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_SSO', 'AWS_ENDPOINT_URL_SSO_OIDC'] as const),
  ...(['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_ENABLE_ENDPOINT_DISCOVERY'] as const),
];

/** Settings of a profile that have no effect beyond their own. */
const HARMLESS_KEYS = new Set([
  ...['region', 'output', 'cli_pager', 'sts_regional_endpoints'],
  ...['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'],
]);

/**
 * aws-iam-authenticator has the order of credentials of the Go SDK, which is not that of the AWS CLI. These parts of it
 * are certain: keys of the environment or of a plain profile, a region by flag, environment or that profile, and a role
 * on top.
 * @throws Undecidable for everything else
 */
export async function planAuthenticator(mint: MintContext): Promise<AuthenticatorPlan> {
  const { config, recorder, memory, programs } = mint;
  const { command } = config;
  const said = command.authenticatorArguments();
  const given = said instanceof ArgumentsError ? undefined : said;
  // The original command reads this file, so its token depends on what the file said then.
  if (given?.config !== undefined) await recorder.look(given.config);
  refuseWrapperScript(command, recorder, memory.programs, programs);
  const decisive = DECIDING_VARIABLES.find((name) => recorder.variable(name) !== undefined);
  if (decisive !== undefined) throw new Undecidable(`${decisive} is set for aws-iam-authenticator`);
  const { 'forward-session-name': forward = false, ...others } = Object.fromEntries(
    [...(given?.others ?? [])].map((name) => [name, true]),
  );
  if (!given || Object.keys(others).length > 0) throw new Undecidable('aws-iam-authenticator has more to do than sign');
  if (forward && given.sessionName !== undefined)
    throw new Undecidable('aws-iam-authenticator takes one way to name a session only');
  const cluster = given.clusterId ?? recorder.variable('KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID');
  if (!cluster) {
    throw new EKSAuthError('INVALID_CONFIG', '`aws-iam-authenticator token` names no cluster.', {
      remedy: 'Add `-i CLUSTER` to the args in the kubeconfig.',
    });
  }
  const profile = await profileOf(mint);
  const sts = await endpointOf(mint, given, profile);
  const role = await roleOf(mint, given, forward);
  return { cluster, sts, ...keysOf(mint, profile), ...(role && { role }) };
}

interface NamedProfile {
  readonly name: string;
  readonly read: PlainProfile | undefined;
}

async function profileOf(mint: MintContext): Promise<NamedProfile> {
  const { recorder } = mint;
  const named = recorder.variable('AWS_PROFILE') || recorder.variable('AWS_DEFAULT_PROFILE');
  const name = named || 'default';
  // In this path the CLI expands `~` and `$NAME`, and reads no file for an empty value. The SDKs do neither.
  for (const variable of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'] as const) {
    const path = recorder.variable(variable);
    if (path !== undefined && !/^[^~$]+$/.test(path)) throw new Undecidable(`${variable} is read in two ways`);
  }
  const { config, credentials } = awsFiles(recorder);
  const read = plainProfile(name, {
    config: await readTextFile(config, recorder),
    credentials: await readTextFile(credentials, recorder),
  });
  if (named && read === undefined) throw new Undecidable(`aws-iam-authenticator finds no profile "${name}"`);
  const decisive = [...(read?.values.keys() ?? [])].find((key) => !HARMLESS_KEYS.has(key));
  if (decisive !== undefined)
    throw new Undecidable(`"${decisive}" of the profile "${name}" may matter to aws-iam-authenticator`);
  return { name, read };
}

function keysOf({ recorder }: MintContext, { name, read }: NamedProfile): Pick<AuthenticatorPlan, 'keys' | 'source'> {
  const accessKeyId = recorder.variable('AWS_ACCESS_KEY_ID') || recorder.variable('AWS_ACCESS_KEY');
  const secretAccessKey = recorder.variable('AWS_SECRET_ACCESS_KEY') || recorder.variable('AWS_SECRET_KEY');
  if (accessKeyId && secretAccessKey) {
    const keys = withToken({ accessKeyId, secretAccessKey }, recorder.variable('AWS_SESSION_TOKEN'));
    return { keys, source: { kind: 'environment' } };
  }
  const elsewhere = accessKeyId || secretAccessKey || recorder.variable('AWS_WEB_IDENTITY_TOKEN_FILE');
  const { values, keysIn } = read ?? {};
  const [id, secret] = [values?.get('aws_access_key_id'), values?.get('aws_secret_access_key')];
  if (elsewhere || !keysIn || !id || !secret)
    throw new Undecidable('aws-iam-authenticator looks for credentials in its own order');
  const keys = withToken({ accessKeyId: id, secretAccessKey: secret }, values?.get('aws_session_token'));
  return { keys, source: { kind: keysIn, profile: name } };
}

function withToken(keys: SigningKeys, sessionToken: string | undefined): SigningKeys {
  return sessionToken ? { ...keys, sessionToken } : keys;
}

/** Version 1 of the SDK uses the global endpoint for the oldest regions, unless `--region` or a setting says otherwise. */
async function endpointOf(
  mint: MintContext,
  given: AuthenticatorArguments,
  { read }: NamedProfile,
): Promise<STSEndpoint> {
  const { recorder } = mint;
  const variable = given.region
    ? undefined
    : recorder.variable('AWS_REGION') || recorder.variable('AWS_DEFAULT_REGION');
  const region = given.region || variable || read?.values.get('region');
  if (!region) throw new Undecidable('aws-iam-authenticator looks for a region in its own order');
  checkRegion(region, given.region ? undefined : variable ? 'the environment' : 'the profile');
  if (/fips|global/.test(region)) throw new Undecidable(`the releases of aws-iam-authenticator disagree on ${region}`);
  const settings = { fips: false, dualstack: false, olderRelease: true } as const;
  const regional = stsEndpoint(region, { ...settings, legacyGlobal: false });
  const ruled = recorder.variable('AWS_STS_REGIONAL_ENDPOINTS') || read?.values.get('sts_regional_endpoints');
  if (ruled && !/^(?:regional|legacy)$/.test(ruled))
    throw new Undecidable('only some releases of aws-iam-authenticator take this for sts_regional_endpoints');
  const legacy = stsEndpoint(region, { ...settings, legacyGlobal: true });
  if (given.region || ruled === 'regional' || legacy.url === regional.url) return regional;
  return (await sdkOf(mint)) === 1 ? legacy : regional;
}

async function roleOf(
  mint: MintContext,
  given: AuthenticatorArguments,
  forwardSessionName: boolean,
): Promise<AuthenticatorRole | undefined> {
  const roleArn = given.role ?? mint.recorder.variable('DEFAULT_ROLE');
  if (!roleArn) return undefined;
  const { externalId, sessionName } = given;
  if (roleArn.length < 20 || [externalId, sessionName].some((text) => text !== undefined && text.length < 2))
    throw new Undecidable('some releases of aws-iam-authenticator refuse so short a value');
  const generatedPrefix = sessionName === undefined && (await sdkOf(mint)) === 1 ? '' : 'aws-go-sdk-';
  return {
    roleArn,
    ...(externalId !== undefined && { externalId }),
    ...(sessionName !== undefined && { sessionName }),
    forwardSessionName,
    generatedPrefix,
  };
}

/** The SDK of the newest release is assumed where no program may be asked: role and cluster do not depend on it. */
async function sdkOf(mint: MintContext): Promise<AuthenticatorSDK> {
  const { config, recorder, memory, programs, releases, signal } = mint;
  if (!programs) return 2;
  mint.onVersion?.();
  const { command } = config.command;
  return installedAuthenticator({ command, recorder, programs: memory.programs, notes: releases, signal });
}
