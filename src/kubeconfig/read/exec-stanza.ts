import { EKSAuthError } from '../../errors.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import { kindOfValue } from './plain-scalar.ts';
import { remedyAt, updateKubeconfig } from './text-remedy.ts';

/** The user of an `exec`, in messages. */
export interface ExecOwner {
  described(): Sentence;
  readonly place: string;
}

/** The part of a user's `exec` that decides what is run. Its values are texts, as kubectl demands. */
export interface PlainExecStanza {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

/** The fields of a user's `exec` that say how to call its command. */
export interface PluginSettings {
  readonly apiVersion?: string | undefined;
  /** `Never`, `IfAvailable` or `Always`. */
  readonly interactiveMode?: string | undefined;
  readonly provideClusterInfo: boolean;
  /** What to tell where the command is not installed. */
  readonly installHint?: string | undefined;
}

/** About the most that Linux accepts as arguments and environment of a program. */
const MAX_COMMAND_CHARS = 128 * 1024;

/**
 * Reads a user's `exec` field.
 * @param owner - the name of the user in error messages
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function readExecStanza(exec: unknown, owner: ExecOwner): PlainExecStanza {
  if (!isMapping(exec)) throw invalid(owner, 'exec is not a mapping');
  const command = text(exec.command);
  if (command === '') throw invalid(owner, 'exec has no command');
  if (command === undefined) throw unquoted(owner, 'exec.command', exec.command);
  const args = listOf(exec.args, owner, 'args', (item) => text(item));
  const env = listOf(exec.env, owner, 'env', (item) => {
    if (!isMapping(item)) return undefined;
    const [name, value] = [text(item.name), text(item.value)];
    return name && value !== undefined ? { name, value } : undefined;
  });
  let length = command.length;
  for (const arg of args) length += arg.length;
  for (const { name, value } of env) length += name.length + value.length;
  if (length > MAX_COMMAND_CHARS) throw invalid(owner, 'exec is longer than any command line');
  return { command, args, env };
}

/** Reads the rest of a user's `exec` field, which {@link readExecStanza} has accepted. */
export function readPluginSettings(exec: unknown): PluginSettings {
  const { apiVersion, interactiveMode, provideClusterInfo, installHint } = exec as Mapping;
  return {
    apiVersion: text(apiVersion) || undefined,
    interactiveMode: text(interactiveMode) || undefined,
    provideClusterInfo: provideClusterInfo === true,
    installHint: text(installHint) || undefined,
  };
}

function listOf<T>(list: unknown, owner: ExecOwner, field: string, convert: (item: unknown) => T | undefined): T[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(owner, `exec.${field} is not a list`);
  return list.map((item, index) => {
    const converted = convert(item);
    if (converted !== undefined) return converted;
    const wrong = isMapping(item) ? [item.name, item.value].find((value) => text(value) === undefined) : item;
    if (wrong !== undefined) throw unquoted(owner, `exec.${field}[${index}]`, wrong);
    throw invalid(owner, `exec.${field}[${index}] is not what kubectl expects there`);
  });
}

/** The text of a value. kubectl reads a missing value as the empty text. Undefined for a value that is not a text. */
function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : undefined;
}

function unquoted(owner: ExecOwner, field: string, value: unknown): EKSAuthError {
  return new EKSAuthError(
    'INVALID_KUBECONFIG',
    sentence`${owner.described()}: ${own(field)} is ${own(kindOfValue(value))}, where kubectl takes text only.`,
    { remedy: 'Put the value in quotes: without them, YAML reads `1_000`, `0b11` and `yes` as something else.' },
  );
}

function invalid(owner: ExecOwner, what: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', sentence`${owner.described()}: ${own(what)}.`, {
    remedy: remedyAt(
      owner.place,
      `Write the user again, for EKS with \`${updateKubeconfig(owner.place)}\`.`,
      'Have the author of the text write the user again, for EKS with `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
    ),
  });
}
