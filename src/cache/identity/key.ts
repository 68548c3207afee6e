import { createHash } from 'node:crypto';
import type { Environment } from '../../host.ts';
import { setting } from '../../text/setting.ts';
import { IDENTITY_VARIABLES, MAX_NAME_LENGTH, NAME_VARIABLES, NETWORK_VARIABLES } from '../rules.ts';
import { encodeText } from './safe-text.ts';
import { ambiguousVariable, variableIn, variableWords } from './variable-words.ts';

/** Everything that decides the identity and the cluster of a token. */
export interface IdentityFacts {
  readonly tool: 'aws' | 'aws-iam-authenticator';
  /** The cluster name or id that the token is bound to. */
  readonly cluster: string;
  /** Region, profile and role as the flags of the command give them. Those of the environment are in `env`. */
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  /** The profile of a program that gives the tool its credentials. Only the file name has it as a separate part. */
  readonly wrapperProfile?: string | undefined;
  /** The generation of the AWS CLI that the caller asked for. The two generations may choose different identities. */
  readonly cliVersion?: string;
  /** Further parts of the identity, each with its name (`external-id=…`). */
  readonly extra?: readonly string[];
  /** The environment of the command: that of the process, overridden by the stanza's `env`. */
  readonly env: Environment;
}

/** The file name of an entry, and the identity that the entry must have. */
export interface CacheKey {
  /** Compared as a whole with the identity in the entry. */
  readonly identity: string;
  /** The proxies and bundles of certificates, as an entry whose mint used the network records them. */
  readonly network: string;
  /** Two identities may share a file name. Then each of them replaces the other's entry. */
  readonly fileName: string;
  /** Why the words of this identity are ambiguous. Then nothing is read or stored for it. */
  readonly unusable?: string;
}

/**
 * With a blank value these variables decide even where no server is asked: the AWS CLI then fails, or trusts every
 * server.
 */
const CA_BUNDLES = ['AWS_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'] as const;

/** The key of the shared entry for these facts. A pure function: the same facts give the same key in every process. */
export function cacheKey(facts: IdentityFacts): CacheKey {
  const { tool, cluster, region, profile, roleArn, cliVersion, env } = facts;
  const extra = [
    ...(facts.extra ?? []),
    ...(cliVersion === undefined ? [] : [`cli-version=${cliVersion}`]),
    ...CA_BUNDLES.filter((name) => env[name]?.trim() === '').map((name) => `blank=${name}`),
  ];
  const flags = [cluster, region, profile, roleArn];
  const words = [tool, ...flags.map(flag), extra.map(flag).join('&')];
  return keyOf(words, fileName(facts), env, unreadable([...flags, ...extra]));
}

/**
 * The key for the first words of an identity, which are already encoded.
 * @param trouble - why these words are ambiguous, if they are
 */
export function keyOf(words: readonly string[], name: string, env: Environment, trouble: string | undefined): CacheKey {
  const identity = `${words.join('|')}|${variableWords(IDENTITY_VARIABLES, env)}`;
  const network = variableWords(NETWORK_VARIABLES, env);
  const unusable = trouble ?? ambiguousVariable(env);
  return { identity, network, fileName: `${fileNamePart(name)}.json`, ...(unusable !== undefined && { unusable }) };
}

/** The word of a flag. An absent flag is empty. A flag with an empty value is a lone `%`, which sh never compares. */
function flag(value: string | undefined): string {
  if (value === undefined) return '';
  return value === '' ? '%' : encodeText(value);
}

/** Why words cannot be compared. Node replaces all bytes that are not UTF-8 by the same character. */
export function unreadable(words: readonly (string | undefined)[]): string | undefined {
  return words.some((value) => value?.includes('\uFFFD')) ? 'an argument is not valid UTF-8' : undefined;
}

/** `<cluster>_<region>[_<profile>]`, then a `~<value>` for each of the other facts in which identities often differ. */
function fileName(facts: IdentityFacts): string {
  const region = facts.region || facts.env.AWS_REGION || facts.env.AWS_DEFAULT_REGION || 'default';
  const profile = facts.profile ?? facts.wrapperProfile;
  const name = withSuffixes(`${facts.cluster}_${region}`, { ...facts, ...(profile !== undefined && { profile }) });
  return facts.cliVersion === undefined ? name : `${name}~cli-${facts.cliVersion}`;
}

/** A file name: the stem, the profile, and a `~<value>` for each of the other facts in which identities often differ. */
export function withSuffixes(stem: string, facts: Pick<IdentityFacts, 'profile' | 'roleArn' | 'env'>): string {
  const { env } = facts;
  const profile = facts.profile || env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
  let name = profile ? `${stem}_${profile}` : stem;
  const suffixes = [facts.roleArn, facts.profile ? undefined : env.AWS_ACCESS_KEY_ID];
  for (const variable of NAME_VARIABLES) suffixes.push(env[variable]);
  // A directory that a variable names may be shared by several home directories.
  const named = setting(env, 'CACHE_DIR') || env.K8S_TOKEN_CACHE_FILE || env.KUBECACHEDIR;
  if (named) suffixes.push(variableIn(env, 'HOME'));
  for (const suffix of suffixes) if (suffix) name += `~${suffix}`;
  return name;
}

/** The name without the separators of paths, drives and streams, and short enough for every file system. */
function fileNamePart(name: string): string {
  const parts = name.split('~').map((part) => encodeText(part).replaceAll('/', '%2F').replaceAll(':', '%3A'));
  const encoded = parts.join('~');
  if (encoded.length <= MAX_NAME_LENGTH) return encoded;
  const digest = createHash('sha256').update(encoded).digest('hex').slice(0, 32);
  return `${encoded.slice(0, MAX_NAME_LENGTH - digest.length - 1)}~${digest}`;
}
