import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';
import { isMapping } from '../../system/mapping.ts';
import type { PlainExecStanza } from '../read/exec-stanza.ts';
import type { OriginalWords } from './edit-values.ts';

/** A stanza that another cache has wrapped. */
export interface Wrapping {
  readonly tool: string;
  /** What it runs in the end; undefined where the stanza does not say. */
  readonly original: OriginalWords | undefined;
  /** Whether words of the original were lost when it was wrapped. */
  readonly lossy: boolean;
}

/** They run the words in their arguments as they stand. */
const TRANSPARENT = new Set(['k8s-token-cache', 'kcc-cache', 'kubecredcache']);
/** Takes `<cluster> <region> [profile]`, whatever else the original had. */
const TOKEN_CACHE_SCRIPT = 'eks-token-cache.sh';
/** Nobody has more clusters. */
const MOST_BACKUPS = 5_000;

/** Which other tool a stanza runs through; undefined for none. */
export function wrappingOf({ command, args }: PlainExecStanza, env: Environment): Wrapping | undefined {
  const tool = basename(command);
  if (TRANSPARENT.has(tool)) {
    const [original, ...rest] = args;
    return { tool, original: original === undefined ? undefined : { command: original, args: rest }, lossy: false };
  }
  const script = env.EKS_TOKEN_CACHE_SCRIPT;
  if (tool !== TOKEN_CACHE_SCRIPT && (!script || resolve(script) !== command)) return undefined;
  const [cluster, region, profile] = args;
  if (!cluster || !region) return { tool, original: undefined, lossy: true };
  const named = profile === undefined || profile === '' || profile === 'default' ? [] : ['--profile', profile];
  const words = ['eks', 'get-token', '--cluster-name', cluster, '--region', region, ...named];
  return { tool, original: { command: 'aws', args: words }, lossy: true };
}

/**
 * The original that the manager of `eks-token-cache.sh` has put aside for this user, where exactly one of its backups
 * names the same cluster, region and profile: its file names can collide, so a name alone says nothing.
 */
export async function originalFromBackups(
  exec: PlainExecStanza,
  user: string,
  env: Environment,
): Promise<OriginalWords | undefined> {
  const folder = join(homeDirectory(env), '.kube', 'cache', 'eks-token-cache', 'backups');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const matching: { readonly own: boolean; readonly words: OriginalWords }[] = [];
  for (const name of names.slice(0, MOST_BACKUPS)) {
    const words = execIn(await readJSON(join(folder, name)));
    if (!words || !matches(words, exec)) continue;
    matching.push({ own: plain(name.slice(0, -'.json'.length)) === plain(user), words });
  }
  const own = matching.filter((one) => one.own);
  const candidates = own.length > 0 ? own : matching;
  const distinct = new Map(candidates.map(({ words }) => [JSON.stringify(words), words]));
  return distinct.size === 1 ? [...distinct.values()][0] : undefined;
}

/** Letters and digits only: whatever an unknown rule for file names has made of the others. */
function plain(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '');
}

async function readJSON(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The first thing in a backup that looks like an exec, however it is called. */
function execIn(value: unknown, depth = 0): OriginalWords | undefined {
  if (!isMapping(value) || depth > 3) return undefined;
  const { command, args, env } = value;
  if (typeof command === 'string' && (args === undefined || args === null || Array.isArray(args))) {
    return { command, args: args ?? [], ...(Array.isArray(env) && { env }) };
  }
  for (const part of Object.values(value)) {
    const found = execIn(part, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function matches({ args, env }: OriginalWords, { args: wrapped }: PlainExecStanza): boolean {
  const [cluster, region, profile = 'default'] = wrapped;
  const words = args.map(String);
  const variable = (env ?? []).find((one) => isMapping(one) && one.name === 'AWS_PROFILE');
  const named = optionOf(words, 'profile') ?? (isMapping(variable) ? String(variable.value) : 'default');
  const given = optionOf(words, 'cluster-name') ?? optionOf(words, 'cluster-id');
  return given === cluster && (optionOf(words, 'region') ?? region) === region && named === (profile || 'default');
}

function optionOf(words: readonly string[], option: string): string | undefined {
  const joined = words.find((word) => word.startsWith(`--${option}=`));
  if (joined !== undefined) return joined.slice(option.length + 3);
  const index = words.indexOf(`--${option}`);
  return index === -1 ? undefined : words[index + 1];
}
