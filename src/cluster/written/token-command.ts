import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { TokenManagerOptions } from '../../aws/token/token-provider.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, hostFrom } from '../../host.ts';
import { originalPlugin } from '../../plugin/original-plugin.ts';
import { ownProgram } from '../../plugin/own-programs.ts';
import { writeHints } from '../../plugin/plugin-hints.ts';
import { recordedNode } from '../../plugin/recorded-node.ts';
import { findProgram } from '../../system/find-program.ts';
import type { Mapping } from '../../system/mapping.ts';
import { shown } from '../../text/nearest-names.ts';
import type { EKSIdentity } from '../requests/eks-identity.ts';

const API_VERSION = 'client.authentication.k8s.io/v1beta1';

/**
 * The `exec` stanza that gets the tokens of an identity in another process, through the programs of this package.
 *
 * The exec plugin is called where it can say all of the identity. Its fallback is the original command, so it is not called
 * where that would be another identity (a role with an external id, a session name, a duration or session tags) or may not be run (a
 * kubeconfig that is not trusted), nor where no shell starts it: `ekspress token` is, which makes the token itself or fails.
 * @param id of the cluster, for errors
 * @param packageFolder of this package, if the caller has named it
 * @throws EKSAuthError INVALID_CONFIG where no command can say the identity
 */
export function tokenCommand(id: string, { config, options }: EKSIdentity, packageFolder?: string): Mapping {
  if (options.credentials !== undefined || options.authProvider !== undefined) throw unsayable(id);
  const { env } = hostFrom(options);
  const plugin = ownProgram('plugin', packageFolder);
  const words = pluginWords(config, options);
  const variables = [...variablesOf(config), ...cacheVariables(options)];
  const role = roleOptions(config);
  const mayRun = options.execPolicy !== 'eks-only';
  if (role.length === 0 && mayRun && hasShellAndNode(env)) {
    return { exec: { apiVersion: API_VERSION, command: plugin, args: words, env: variables } };
  }
  const alone = mayRun ? [] : ['--in-process'];
  const manager = ownProgram('manager', packageFolder);
  const args = [manager, 'token', ...role, ...alone, '--', plugin, ...words];
  return { exec: { apiVersion: API_VERSION, command: recordedNode(env), args, env: variables } };
}

/** The hints of the plugin, then the original command. */
function pluginWords(config: EKSAuthConfig, { cache }: TokenManagerOptions): readonly string[] {
  const { command, args } = originalPlugin(config.exec.command, config.exec.args);
  // Another process does not have the key of this one. What it keeps is then encrypted with the key in memory.
  const sealed = typeof cache === 'object' && cache.key !== undefined ? '' : undefined;
  const hints = { keyEnv: config.keyEnv ?? [], encrypt: config.encrypt ?? sealed, dashes: false };
  return [...writeHints(hints), command, ...args];
}

function variablesOf({ exec: { env } }: EKSAuthConfig): readonly Mapping[] {
  return env.names().map((name) => ({ name, value: env.get(name) ?? '' }));
}

function cacheVariables({ cache }: TokenManagerOptions): readonly Mapping[] {
  const directory = typeof cache === 'object' ? cache.directory : undefined;
  return directory === undefined ? [] : [{ name: 'EKSPRESS_CACHE_DIR', value: directory }];
}

/** What the AWS CLI has no flags for. */
function roleOptions(config: EKSAuthConfig): readonly string[] {
  // aws-iam-authenticator has arguments for them, which stand among its words.
  if (config.command.tool !== 'aws') return [];
  const { externalId, sessionName, durationSeconds, tags = {}, transitiveTagKeys = [] } = config;
  return [
    ...(externalId === undefined ? [] : ['--external-id', externalId]),
    ...(sessionName === undefined ? [] : ['--session-name', sessionName]),
    ...(durationSeconds === undefined ? [] : ['--duration-seconds', String(durationSeconds)]),
    ...Object.entries(tags).flatMap(([key, value]) => ['--tag', `Key=${key},Value=${value}`]),
    ...transitiveTagKeys.flatMap((key) => ['--transitive-tag-key', key]),
  ];
}

/** Whether the plugin, a shell script that looks for Node in PATH, can run. */
function hasShellAndNode(env: Environment): boolean {
  return process.platform !== 'win32' && findProgram('node', env) !== undefined;
}

function unsayable(id: string): EKSAuthError {
  const message = `The tokens of cluster ${shown(id)} are made with credentials or by an authProvider that this process was given. No command in a kubeconfig can get them.`;
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy:
      'Pass { token: true } for a file with the token of now, which lives for minutes; or register the cluster with a profile or roleArn in place of these.',
  });
}
