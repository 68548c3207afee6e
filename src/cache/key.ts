import { createHash } from 'node:crypto';
import type { Environment } from '../host.ts';
import { IDENTITY_VARIABLES, type IdentityVariable, MAX_NAME_LENGTH, NAME_VARIABLES } from './rules.ts';
import { encodeText } from './safe-text.ts';

/** Everything that decides whose token it is and for which cluster. */
export interface IdentityFacts {
  readonly tool: 'aws' | 'aws-iam-authenticator';
  /** Cluster name or id: what the token is bound to. */
  readonly cluster: string;
  /** Region, profile and role as the FLAGS of the command say; what the environment says is in `env`. */
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  /** The generation of the AWS CLI that the caller asked for: the other one may decide for another identity. */
  readonly cliVersion?: string;
  /** Further words that decide the identity, each complete (`external-id=…`). */
  readonly extra?: readonly string[];
  /** The environment of the command: the process's, overlaid by the stanza's. */
  readonly env: Environment;
}

/** Where an entry lies, and what it must say to be the right one. */
export interface CacheKey {
  /** Compared as a whole with what the entry says. */
  readonly identity: string;
  /** A hint: two identities may share a name, then each miss costs a mint. */
  readonly fileName: string;
  /** Why this identity cannot be told from others by what is written down. Nothing is read or stored for it. */
  readonly unusable?: string;
}

/** The key of the shared entry for these facts. Pure; the same facts give the same key in every process. */
export function cacheKey(facts: IdentityFacts): CacheKey {
  const { tool, cluster, region, profile, roleArn, cliVersion, env } = facts;
  const extra = [...(facts.extra ?? []), ...(cliVersion === undefined ? [] : [`cli-version=${cliVersion}`])];
  const flags = [cluster, region, profile, roleArn];
  const words = [tool, ...flags.map(flag), extra.map(flag).join('&')];
  return keyOf(words, fileName(facts), env, unreadable([...flags, ...extra]));
}

/**
 * The key for the words that an identity begins with, already encoded.
 * @param trouble - why it cannot be told from others, if that is known
 */
export function keyOf(words: readonly string[], name: string, env: Environment, trouble: string | undefined): CacheKey {
  const identity = [...words, ...IDENTITY_VARIABLES.map((variable) => variableField(variable, env))].join('|');
  const unusable = trouble ?? ambiguity(env);
  return { identity, fileName: `${fitted(name)}.json`, ...(unusable !== undefined && { unusable }) };
}

/** An absent flag is empty; one that is given and empty is a lone `%`, which sh never compares. */
function flag(value: string | undefined): string {
  if (value === undefined) return '';
  return value === '' ? '%' : encodeText(value);
}

/** Empty if unset, else `=` and the value (of a secret: `=1` if it has one), so that unset and empty differ. */
function variableField({ name, kind }: IdentityVariable, env: Environment): string {
  const value = variableIn(env, name);
  if (value === undefined) return '';
  return kind === 'presence' ? `=${value && 1}` : `=${encodeText(value)}`;
}

function variableIn(env: Environment, name: string): string | undefined {
  // On Windows the AWS tools and we find the home directory by USERPROFILE where HOME is unset.
  if (name === 'HOME' && process.platform === 'win32') return env.HOME || env.USERPROFILE;
  return env[name];
}

/** Node has no other string for bytes that are not UTF-8, whichever they were. */
export function unreadable(words: readonly (string | undefined)[]): string | undefined {
  return words.some((value) => value?.includes('\uFFFD')) ? 'an argument is not valid UTF-8' : undefined;
}

/** Two different environments would have the same identity if one of these were let pass. */
function ambiguity(env: Environment): string | undefined {
  for (const { name, kind } of IDENTITY_VARIABLES) {
    const value = variableIn(env, name);
    if (value === undefined || kind === 'presence') continue;
    if (value.includes('\uFFFD')) return `${name} is not valid UTF-8`;
    if (kind === 'path' && isRelative(value)) return `${name} depends on the working directory`;
  }
  return undefined;
}

function isRelative(path: string): boolean {
  const absolute = process.platform === 'win32' ? /^([A-Za-z]:|[\\/~])/ : /^[/~]/;
  return path !== '' && !absolute.test(path);
}

/** `<cluster>_<region>[_<profile>]`, then `~<value>` for what else commonly tells identities apart. */
function fileName(facts: IdentityFacts): string {
  const region = facts.region || facts.env.AWS_REGION || facts.env.AWS_DEFAULT_REGION || 'default';
  const name = withSuffixes(`${facts.cluster}_${region}`, facts);
  return facts.cliVersion === undefined ? name : `${name}~cli-${facts.cliVersion}`;
}

/** What else commonly tells identities apart, behind what a name begins with. */
export function withSuffixes(stem: string, facts: Pick<IdentityFacts, 'profile' | 'roleArn' | 'env'>): string {
  const { env } = facts;
  const profile = facts.profile || env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
  let name = profile ? `${stem}_${profile}` : stem;
  const suffixes = [facts.roleArn, facts.profile ? undefined : env.AWS_ACCESS_KEY_ID];
  for (const variable of NAME_VARIABLES) suffixes.push(env[variable]);
  // A directory chosen by a variable may serve several homes.
  if (env.EKS_TOKEN_CACHE_DIR || env.K8S_TOKEN_CACHE_FILE) suffixes.push(variableIn(env, 'HOME'));
  for (const suffix of suffixes) if (suffix) name += `~${suffix}`;
  return name;
}

/** No separators of paths, drives or streams; short enough for every file system. */
function fitted(name: string): string {
  const parts = name.split('~').map((part) => encodeText(part).replaceAll('/', '%2F').replaceAll(':', '%3A'));
  const encoded = parts.join('~');
  if (encoded.length <= MAX_NAME_LENGTH) return encoded;
  const digest = createHash('sha256').update(encoded).digest('hex').slice(0, 32);
  return `${encoded.slice(0, MAX_NAME_LENGTH - digest.length - 1)}~${digest}`;
}
