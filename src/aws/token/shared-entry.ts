import { isAbsolute } from 'node:path';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { type CacheKey, cacheKey } from '../../cache/identity/key.ts';
import { declaredVariable } from '../../cache/identity/variable-words.ts';
import { keysOf, keysOfFile } from '../../cache/sealed/cache-keys.ts';
import { TokenCache } from '../../cache/store/token-cache.ts';
import { type Environment, type Host, withEnvironment } from '../../host.ts';
import { ArgumentsError } from '../stanza/argparse.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import type { StanzaCommand } from '../stanza/stanza-command.ts';
import type { TokenManagerOptions } from './token-provider.ts';
import type { ObtainRequest } from './token-request.ts';

/** The shared entry of a configuration, and the command word that belongs to it. */
export interface SharedEntry {
  readonly key: CacheKey;
  /** The word that names the original command, after wrappers such as our own plugin. */
  readonly command: string;
}

/**
 * The shared entry for this configuration in this environment: the same for the library and for the exec plugin,
 * however the stanza is spelled or wrapped.
 * @param env - the process's variables overlaid by the stanza's
 * @param identityKey - whose token it is where the caller brings the keys
 */
export function sharedEntryOf(config: EKSAuthConfig, env: Environment, identityKey?: string): SharedEntry {
  const { clusterName, clusterId, region, profile, roleArn, keyEnv = [], cliVersion } = config;
  const { externalId, sessionName, durationSeconds, tags, transitiveTagKeys } = config;
  const { tool, command, through = [] } = config.command;
  const extra = [
    ...through.map((word) => `through=${word}`),
    ...(externalId === undefined ? [] : [`external-id=${externalId}`]),
    ...(sessionName === undefined ? [] : [`session-name=${sessionName}`]),
    ...(durationSeconds === undefined ? [] : [`duration-seconds=${durationSeconds}`]),
    ...(tags === undefined ? [] : [`tags=${JSON.stringify(Object.entries(tags))}`]),
    ...(transitiveTagKeys === undefined ? [] : [`transitive-tag-keys=${JSON.stringify(transitiveTagKeys)}`]),
    ...authenticatorWords(config.command),
    ...keyEnv.map((name) => declaredVariable(name, env)),
    ...(identityKey === undefined ? [] : [`identity-key=${identityKey}`]),
  ];
  const key = cacheKey({
    tool,
    cluster: clusterName ?? clusterId ?? '',
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(roleArn !== undefined && { roleArn }),
    ...(cliVersion !== undefined && { cliVersion }),
    ...(extra.length > 0 && { extra }),
    wrapperProfile: vaultProfile(through),
    env,
  });
  const unusable = unusableFor(config.command);
  return { key: unusable === undefined ? key : { ...key, unusable }, command };
}

/** Drops a token that a server has refused from the shared cache. */
export async function dropShared({ config, host, cache, given }: ObtainRequest, token: string): Promise<void> {
  if (cache === undefined) return;
  const { env } = withEnvironment(host, config.exec.env.toEnvironment());
  await cache.drop(sharedEntryOf(config, env, given?.identityKey).key, token);
}

function unusableFor(stanza: StanzaCommand): string | undefined {
  const { tool, command } = stanza;
  if (command.includes('/') && !isAbsolute(command)) return 'the command depends on the working directory';
  const said = tool === 'aws' ? stanza.getTokenArguments('v2') : undefined;
  return said instanceof ArgumentsError ? undefined : said?.disputed;
}

/**
 * The profile in `aws-vault exec <profile> …`. As part of the file name it keeps two profiles from replacing each
 * other's entries.
 */
function vaultProfile([, verb, profile]: readonly string[]): string | undefined {
  return verb === 'exec' && profile !== undefined && !profile.startsWith('-') ? profile : undefined;
}

/**
 * Further facts that decide the token of aws-iam-authenticator: a file with settings, another session name, a cache of
 * its own.
 */
function authenticatorWords(command: StanzaCommand): string[] {
  const said = command.tool === 'aws-iam-authenticator' ? command.authenticatorArguments() : undefined;
  if (said === undefined || said instanceof ArgumentsError) return [];
  return [...said.others].sort().map((name) => (name === 'config' ? `config=${said.config ?? ''}` : name));
}

/**
 * The shared cache, if the options want one. Nothing is read or made yet.
 * @param encrypt - the key file that the stanza names. A key of the caller takes precedence
 * @throws EKSAuthError INVALID_CONFIG for a key that cannot be one
 */
export function sharedCacheOf(
  { cache }: Pick<TokenManagerOptions, 'cache'>,
  { env, now, logger }: Host,
  encrypt?: string,
): TokenCache | undefined {
  if (cache === false) return undefined;
  const own = cache?.key === undefined ? undefined : keysOf(cache.key);
  const keys = own ?? (encrypt === undefined ? undefined : keysOfFile(encrypt, env));
  return new TokenCache({ directory: cache?.directory ?? cacheDirectory(env), now, logger, keys });
}

/** How messages and logs call a cluster with its identity: `cluster dev in us-east-1 with profile acme`. */
export function clusterLabel(config: EKSAuthConfig): string {
  const { clusterName, clusterId, region, profile, roleArn } = config;
  const parts = [
    `cluster ${clusterName ?? clusterId}`,
    region && `in ${region}`,
    profile && `with profile ${profile}`,
    roleArn && `as ${roleArn}`,
  ];
  return parts.filter(Boolean).join(' ');
}
