import type { Environment } from '../../host.ts';
import { NAME_TAIL_LENGTH, PLUGIN_TOOL, SAFE_CHARACTERS } from '../rules.ts';
import { type CacheKey, keyOf, unreadable, withSuffixes } from './key.ts';
import { encodeText } from './safe-text.ts';
import { declaredVariable, digest, isSecretName } from './variable-words.ts';

/** What decides the output of an ExecCredential plugin, as far as it can be known from outside. */
export interface PluginFacts {
  /** As written in the kubeconfig. */
  readonly command: string;
  readonly args: readonly string[];
  /** Names of the variables that the user declared as part of the identity (`--key-env`). */
  readonly keyEnv: readonly string[];
  /** `spec.cluster` of KUBERNETES_EXEC_INFO as JSON. Undefined if the kubeconfig has no provideClusterInfo. */
  readonly cluster?: string | undefined;
  readonly env: Environment;
}

/** The key of a plugin's output. A pure function: the same facts give the same key in every process. */
export function pluginKey({ command, args, keyEnv, cluster, env }: PluginFacts): CacheKey {
  const secret = secretArguments(args);
  const extra = [
    ...args.map((arg, index) => `arg=${encodeText(secret[index] ? digest(arg) : arg)}`),
    ...keyEnv.map((name) => encodeText(declaredVariable(name, env))),
    ...(cluster === undefined ? [] : [`cluster=${comparable(cluster)}`]),
  ];
  const tails = args.map((arg, index) => (secret[index] ? '' : arg.slice(-NAME_TAIL_LENGTH)));
  const server = /"server":"(?:https:\/\/)?([^"]*)/.exec(cluster ?? '')?.[1];
  const stem = [PLUGIN_TOOL, command.slice(command.lastIndexOf('/') + 1), ...tails, ...(server ? [server] : [])];
  const words = [PLUGIN_TOOL, encodeText(command), '', '', '', extra.join('&')];
  return keyOf(words, withSuffixes(stem.join('~'), { env }), env, trouble(command, args));
}

function trouble(command: string, args: readonly string[]): string | undefined {
  const relative = command.includes('/') && !command.startsWith('/');
  return relative ? 'the command depends on the working directory' : unreadable([command, ...args]);
}

/** Which arguments may be secrets by the name of their flag. Those are never written down. */
function secretArguments(args: readonly string[]): readonly boolean[] {
  return args.map((arg, index) => {
    const before = args[index - 1] ?? '';
    const flag = arg.startsWith('-') ? (arg.split('=', 1)[0] ?? '') : '';
    const named = before.startsWith('-') && !before.includes('=') && !arg.startsWith('-') ? before : '';
    return (arg.includes('=') && isSecretName(flag)) || isSecretName(named);
  });
}

const COMPARABLE = new RegExp(`^[${SAFE_CHARACTERS.replace('/', '\\/')}{}[\\]']+$`);

/**
 * The JSON as a word of an identity. With single quotes sh can compare it. JSON with other characters is a digest, which
 * only Node compares, and so is JSON that may hold a secret.
 */
function comparable(json: string): string {
  const text = json.replaceAll('"', "'");
  const secret = /:\/\/[^/"]*@|secret|password|token/i.test(json);
  return !secret && !json.includes("'") && COMPARABLE.test(text) ? text : encodeText(digest(json));
}
