import { programName } from '../../plugin/portable-script.ts';

/** The words of a program that runs an AWS command, apart from the words of that command. */
export interface SplitCommand {
  readonly before: readonly string[];
  readonly inside: readonly string[];
}

/**
 * Programs that run the AWS command in their arguments with other credentials, each with the words that must follow its
 * name.
 */
const RUNNERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['op', ['plugin', 'run']],
  ['saml2aws', ['exec']],
  ['aws-sso', ['exec']],
  ['granted', []],
  ['assume', []],
  ['awsume', []],
  ['aws2-wrap', []],
  ['docker', ['run']],
  ['podman', ['run']],
  ['nerdctl', ['run']],
]);

/** An image whose entry point is `aws`. */
const CLI_IMAGE = /(?:^|\/)aws-cli(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;
/** Words of sh in which nothing is expanded. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/**
 * Splits `saml2aws exec -- aws eks get-token …` and similar commands.
 * @returns undefined where the program is none of these, or runs no AWS command
 */
export function splitRunner(words: readonly string[]): SplitCommand | undefined {
  const [command = '', ...args] = words;
  const verbs = RUNNERS.get(programName(command));
  if (!verbs?.every((verb, index) => args[index] === verb)) return undefined;
  for (let at = 1 + verbs.length; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const program = programName(word);
    if (program === 'aws' || program === 'aws-iam-authenticator')
      return { before: words.slice(0, at), inside: words.slice(at) };
    if (CLI_IMAGE.test(word)) return { before: words.slice(0, at + 1), inside: ['aws', ...words.slice(at + 1)] };
    // `assume role --exec "aws eks get-token …"`
    const inside = /^aws /.test(word) && at === words.length - 1 ? plainWords(word) : undefined;
    if (inside !== undefined) return { before: words.slice(0, at), inside };
  }
  return undefined;
}

/** A command with variables in front of it. */
export interface AssignedCommand {
  readonly assigned: readonly { readonly name: string; readonly value: string }[];
  readonly inside: readonly string[];
}

/**
 * Reads `env NAME=value aws …`, which is the same as `aws …` with these variables.
 * @returns undefined where `env` has options
 */
export function readEnv([command = '', ...args]: readonly string[]): AssignedCommand | undefined {
  return /^(?:\/usr)?(?:\/bin\/)?env$/.test(command) ? readAssignments(args) : undefined;
}

/**
 * Reads `sh -c "NAME=value aws …"` where sh has nothing to expand.
 * @returns undefined for any other script
 */
export function readShell([command = '', flag, script = '', ...more]: readonly string[]): AssignedCommand | undefined {
  if (!/^(?:\/bin\/)?sh$/.test(command) || flag !== '-c' || more.length > 0) return undefined;
  const words = plainWords(script);
  const read = words && readAssignments(words);
  if (read?.inside[0] !== 'exec') return read;
  return { ...read, inside: read.inside.slice(1) };
}

function readAssignments(words: readonly string[]): AssignedCommand | undefined {
  const assigned: { name: string; value: string }[] = [];
  for (const [index, word] of words.entries()) {
    const [, name, value = ''] = ASSIGNMENT.exec(word) ?? [];
    if (name === undefined) return word.startsWith('-') ? undefined : { assigned, inside: words.slice(index) };
    assigned.push({ name, value });
  }
  return undefined;
}

function plainWords(script: string): readonly string[] | undefined {
  const words = script.split(' ').filter((word) => word !== '');
  return words.every((word) => PLAIN_WORD.test(word)) ? words : undefined;
}
