import { EKSAuthError } from '../../errors.ts';
import { checkArgument, checkOptions } from '../../options/check-options.ts';
import { checkedLater, INTERNAL, type Schema } from '../../options/checks.ts';
import { isVariableName } from '../../plugin/plugin-hints.ts';
import { shown } from '../../text/nearest-names.ts';
import { type AssumedRoleOptions, checkAssumedRole } from './assumed-role.ts';
import { configOf, type EKSAuthConfig, type ExecStanza } from './eks-auth-config.ts';
import { ExecEnvironment } from './exec-environment.ts';
import type { CLIVersion } from './get-token-arguments.ts';
import { StanzaCommand } from './stanza-command.ts';
import { stanzaIdentityOf } from './stanza-identity.ts';
import { ASSUMED_ROLE_SCHEMA, STANZA } from './stanza-schemas.ts';

/** Options for facts that a stanza itself does not say. */
export interface ExecConfigOptions extends AssumedRoleOptions {
  /**
   * Which AWS CLI to agree with where v1 and v2 would produce different tokens. Default: the installed one, else v2. A token
   * for a given generation has a cache entry of its own, which kubectl does not look for.
   */
  readonly cliVersion?: CLIVersion | undefined;
  /** Names of variables that are part of the identity. Default: those that the stanza itself declares. */
  readonly keyEnv?: readonly string[] | undefined;
  /** @internal The key file of encrypted entries, empty for the one in memory. Default: what the stanza itself says. */
  readonly encrypt?: string | undefined;
}

/** The checks of {@link ExecConfigOptions}. */
export const EXEC_CONFIG_SCHEMA: Schema<ExecConfigOptions> = {
  cliVersion: checkedLater("'v1' or 'v2'"),
  keyEnv: checkedLater('a list of names of variables'),
  encrypt: INTERNAL,
  ...ASSUMED_ROLE_SCHEMA,
};

/**
 * Reads an `exec` stanza that gets EKS tokens: `aws eks get-token` and `aws-iam-authenticator token` in every spelling
 * that these commands accept, also behind the wrappers that hand them on (`ekspress-exec`, `eks-token-cache.sh`,
 * `k8s-token-cache`, `kcc-cache`, `kubecredcache`, `env NAME=value`, `sh -c`, `aws-vault exec … --` and other programs
 * that run the command with other credentials).
 * @throws EKSAuthError `NOT_EKS` for any other command; `INVALID_CONFIG` where the AWS command would fail with a usage
 *   message, names no cluster, or asks for a useless token (`--no-sign-request`), and for options that do not exist
 * @example
 * ```ts
 * import { parseExecConfig, TokenManager } from 'ekspress';
 *
 * const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
 * using manager = new TokenManager(parseExecConfig({ command: 'aws', args }));
 * console.log((await manager.getValidToken()).expiresAt);
 * ```
 */
export function parseExecConfig(stanza: ExecStanza, options: ExecConfigOptions = {}): EKSAuthConfig {
  checkArgument('parseExecConfig', 'stanza', stanza, STANZA);
  checkOptions('parseExecConfig', options, EXEC_CONFIG_SCHEMA);
  const config = readExecConfig(stanza, options);
  if (config !== undefined) return config;
  throw new EKSAuthError('NOT_EKS', `The command ${shown(stanza.command)} does not get EKS tokens.`, {
    remedy:
      'Use `aws eks get-token` in the kubeconfig (`aws eks update-kubeconfig` writes it), or keep the standard authentication.',
  });
}

/**
 * As {@link parseExecConfig}, but another command is not an error.
 * @returns undefined for another command
 * @throws EKSAuthError `INVALID_CONFIG`
 */
export function readExecConfig(stanza: ExecStanza, options: ExecConfigOptions = {}): EKSAuthConfig | undefined {
  checkValues(options);
  const { cliVersion } = options;
  const command = StanzaCommand.inside(stanza.command, stanza.args ?? []);
  const reading = command?.read(cliVersion);
  if (command === undefined || reading === undefined) return undefined;
  const given = stanza.env instanceof ExecEnvironment ? stanza.env : new ExecEnvironment(stanza.env ?? []);
  const env = command.assigned === undefined ? given : given.with(command.assigned);
  const said = stanzaIdentityOf(reading, { env, cliVersion });
  const identity = { ...said, ...assumedRoleOf(command, options, said.roleArn) };
  const keyEnv = options.keyEnv?.length ? Object.freeze([...options.keyEnv]) : command.keyEnv;
  return configOf({
    exec: { command: stanza.command, args: stanza.args ?? [], env },
    command,
    identity,
    keyEnv,
    encrypt: options.encrypt ?? command.encrypt,
    cliVersion,
  });
}

/**
 * The options of the role. aws-iam-authenticator has its own arguments for them, and aws-vault may have assumed the
 * role already.
 */
function assumedRoleOf({ tool, through }: StanzaCommand, options: ExecConfigOptions, roleArn: string | undefined) {
  const given = checkAssumedRole(options, roleArn);
  const [name] = Object.keys(given);
  if (name === undefined || (tool === 'aws' && !through)) return given;
  throw malformed(
    `The ${name} given to ekspress is for \`aws eks get-token\` only.`,
    'Leave it out: the command in the kubeconfig says how its role is assumed.',
  );
}

/** Whether the stanza is an AWS command for EKS tokens, also one that {@link parseExecConfig} finds malformed. */
export function isEKSExec(stanza: ExecStanza): boolean {
  return StanzaCommand.inside(stanza.command, stanza.args ?? [])?.read(undefined) !== undefined;
}

/** A JavaScript caller may pass any value. */
function checkValues({ cliVersion, keyEnv }: ExecConfigOptions): void {
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
