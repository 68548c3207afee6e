import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';
import { isMapping } from '../../system/mapping.ts';
import { readText } from '../../system/read-file.ts';
import type { PlainExecStanza } from '../read/exec-stanza.ts';
import { commandOfNames, isTransparentCache, TOKEN_CACHE_SCRIPT } from '../read/other-caches.ts';
import type { OriginalWords } from './edit-values.ts';

/** How another cache has wrapped a stanza. */
export interface Wrapping {
  readonly tool: string;
  /** The original command. Undefined if the stanza does not hold it. */
  readonly original: OriginalWords | undefined;
  /** Whether the tool drops words of the original command. */
  readonly lossy: boolean;
}

/** The most backups that are read. */
const MOST_BACKUPS = 5_000;

/** The other tool that a stanza runs through. Undefined if there is none. */
export function wrappingOf({ command, args }: PlainExecStanza, env: Environment): Wrapping | undefined {
  const tool = basename(command);
  if (isTransparentCache(tool)) {
    const [original, ...rest] = args;
    return { tool, original: original === undefined ? undefined : { command: original, args: rest }, lossy: false };
  }
  const script = env.EKS_TOKEN_CACHE_SCRIPT;
  if (tool !== TOKEN_CACHE_SCRIPT && (!script || resolve(script) !== command)) return undefined;
  return { tool, original: commandOfNames(args), lossy: true };
}

/**
 * The original command in a backup of the manager of `eks-token-cache.sh`, if exactly one of its backups has the same
 * cluster, region and profile. Its file names can collide, so a name alone is not enough.
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

/** The name with letters and digits only. It is not known how the tool replaces other characters in file names. */
function plain(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '');
}

async function readJSON(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(path));
  } catch {
    return undefined;
  }
}

/** The first value in a backup that looks like an exec, under any key. */
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
