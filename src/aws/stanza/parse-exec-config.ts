import { EKSAuthError } from '../../errors.ts';
import { isVariableName } from '../../plugin/plugin-hints.ts';
import { shown } from '../../text/nearest-names.ts';
import { UsageError } from './argparse.ts';
import type { AuthenticatorArguments } from './authenticator-arguments.ts';
import { configOf, type EKSAuthConfig, type ExecStanza, type StanzaIdentity } from './eks-auth-config.ts';
import { ExecEnvironment } from './exec-environment.ts';
import type { CLIVersion, GetTokenArguments } from './get-token-arguments.ts';
import { StanzaCommand } from './stanza-command.ts';
import { unwrapCommand } from './unwrap-command.ts';

/** What a stanza does not say itself. */
export interface ExecConfigOptions {
  /**
   * Which AWS CLI to agree with where v1 and v2 would produce different tokens. Default: the installed one, else v2. A token
   * for a given generation has a cache entry of its own, which kubectl does not look for.
   */
  readonly cliVersion?: CLIVersion | undefined;
  /** Names of variables that are part of the identity. Default: those that the stanza itself declares. */
  readonly keyEnv?: readonly string[] | undefined;
}

/**
 * Reads an `exec` stanza that gets EKS tokens: `aws eks get-token` and `aws-iam-authenticator token` in every spelling
 * that these commands accept, also behind the wrappers that hand them on (`ekspress-exec`, `eks-token-cache.sh`,
 * `k8s-token-cache`, `kcc-cache`, `kubecredcache`, `aws-vault exec … --`).
 * @throws EKSAuthError `NOT_EKS` for any other command; `INVALID_CONFIG` where the AWS command would fail with a usage
 *   message, names no cluster, or asks for a useless token (`--no-sign-request`), and for options that do not exist
 */
export function parseExecConfig(stanza: ExecStanza, options: ExecConfigOptions = {}): EKSAuthConfig {
  const config = readExecConfig(stanza, options);
  if (config !== undefined) return config;
  throw new EKSAuthError('NOT_EKS', `The command ${shown(stanza.command)} does not get EKS tokens.`, {
    remedy:
      'Use `aws eks get-token` in the kubeconfig (`aws eks update-kubeconfig` writes it), or keep the standard authentication.',
  });
}

/**
 * The same for callers who know what to do with any other command.
 * @returns undefined for another command
 * @throws EKSAuthError `INVALID_CONFIG`
 */
export function readExecConfig(stanza: ExecStanza, options: ExecConfigOptions = {}): EKSAuthConfig | undefined {
  checkOptions(options);
  const { cliVersion } = options;
  const command = commandOf(stanza);
  const reading = command && readingOf(command, cliVersion);
  if (command === undefined || reading === undefined) return undefined;
  const env = stanza.env instanceof ExecEnvironment ? stanza.env : new ExecEnvironment(stanza.env ?? []);
  const identity =
    reading.tool === 'aws' ? identityOfAWS(reading.said, cliVersion) : identityOfAuthenticator(reading.said, env);
  const keyEnv = options.keyEnv?.length ? Object.freeze([...options.keyEnv]) : command.keyEnv;
  return configOf({
    exec: { command: stanza.command, args: stanza.args ?? [], env },
    command,
    identity,
    keyEnv,
    cliVersion,
  });
}

/** Whether the stanza is an AWS command for EKS tokens, also one that {@link parseExecConfig} finds malformed. */
export function isEKSExec(stanza: ExecStanza): boolean {
  const command = commandOf(stanza);
  return command !== undefined && readingOf(command, undefined) !== undefined;
}

function commandOf({ command, args }: ExecStanza): StanzaCommand | undefined {
  const unwrapped = unwrapCommand(command, args ?? []);
  return unwrapped && new StanzaCommand(unwrapped);
}

type Reading =
  | { readonly tool: 'aws'; readonly said: GetTokenArguments | UsageError }
  | { readonly tool: 'aws-iam-authenticator'; readonly said: AuthenticatorArguments | UsageError };

/** The arguments where they ask for a token; also where the tool would not understand the rest of them. */
function readingOf(command: StanzaCommand, cliVersion: CLIVersion | undefined): Reading | undefined {
  const { tool, args } = command;
  if (tool === 'aws') {
    const said = getTokenArguments(command, cliVersion);
    const asks = said instanceof UsageError ? args.includes('eks') && args.includes('get-token') : said;
    return said && asks ? { tool, said } : undefined;
  }
  const said = command.authenticatorArguments();
  const asks = said instanceof UsageError ? args.includes('token') : said;
  return said && asks ? { tool, said } : undefined;
}

/** v2 where it understands the arguments, else v1; an option that only one of them has says which one is meant. */
function getTokenArguments(
  command: StanzaCommand,
  cliVersion: CLIVersion | undefined,
): GetTokenArguments | UsageError | undefined {
  const first = command.getTokenArguments(cliVersion ?? 'v2');
  if (cliVersion !== undefined || !(first instanceof UsageError)) return first;
  const second = command.getTokenArguments('v1');
  return second instanceof UsageError ? first : second;
}

function identityOfAWS(said: GetTokenArguments | UsageError, cliVersion: CLIVersion | undefined): StanzaIdentity {
  if (said instanceof UsageError) {
    throw malformed(
      `The AWS CLI${cliVersion ? ` ${cliVersion}` : ''} would not accept these arguments: ${said.message}.`,
      'Correct the args in the kubeconfig, or write them anew with `aws eks update-kubeconfig`.',
    );
  }
  const { others, clusterName, clusterId, ...rest } = said;
  if (others.has('no-sign-request')) {
    throw malformed(
      '`--no-sign-request` makes a token that no cluster accepts.',
      'Remove `--no-sign-request` from the kubeconfig.',
    );
  }
  if (clusterName !== undefined && clusterId !== undefined) {
    throw malformed('`--cluster-name` and `--cluster-id` exclude each other.', 'Keep one of them in the kubeconfig.');
  }
  if (!clusterName && !clusterId) {
    throw malformed(
      '`aws eks get-token` names no cluster.',
      'Add `--cluster-name <name>` to the args in the kubeconfig.',
    );
  }
  return { ...(clusterName && { clusterName }), ...(clusterId && { clusterId }), ...rest };
}

function identityOfAuthenticator(said: AuthenticatorArguments | UsageError, env: ExecEnvironment): StanzaIdentity {
  if (said instanceof UsageError) {
    throw malformed(
      `aws-iam-authenticator would not accept these arguments: ${said.message}.`,
      'Correct the args in the kubeconfig.',
    );
  }
  const { role: roleArn, externalId, sessionName, region } = said;
  const clusterName = said.clusterId ?? env.get('KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID');
  if (!clusterName && !said.others.has('config')) {
    throw malformed(
      '`aws-iam-authenticator token` names no cluster.',
      'Add `-i <cluster>` to the args in the kubeconfig.',
    );
  }
  return {
    ...(clusterName && { clusterName }),
    ...(region && { region }),
    ...(roleArn && { roleArn }),
    ...(externalId && { externalId }),
    ...(sessionName && { sessionName }),
  };
}

/** From JavaScript an option may be anything. */
function checkOptions({ cliVersion, keyEnv }: ExecConfigOptions): void {
  if (cliVersion !== undefined && cliVersion !== 'v1' && cliVersion !== 'v2') {
    throw malformed('The cliVersion given to ekspress is neither v1 nor v2.', "Pass 'v1' or 'v2', or leave it out.");
  }
  if (keyEnv !== undefined && !(Array.isArray(keyEnv) && keyEnv.every((name) => isVariableName(String(name))))) {
    throw malformed(
      'The keyEnv given to ekspress is not a list of names of environment variables.',
      "Pass names such as ['VAULT_ADDR'].",
    );
  }
}

function malformed(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}
