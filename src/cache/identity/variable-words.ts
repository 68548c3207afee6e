import { createHash } from 'node:crypto';
import { type Environment, homeVariable } from '../../host.ts';
import { MINT_VARIABLES, type MintVariable } from '../../recording/mint-variables.ts';
import { encodeText } from './safe-text.ts';

/** The variables of a list that are set, each as `NAME=value|`, in the order of the list. */
export function variableWords(variables: readonly MintVariable[], env: Environment): string {
  let words = '';
  for (const { name, kind } of variables) {
    const value = variableIn(env, name);
    if (value !== undefined) words += `${name}=${valueWord(kind, value)}|`;
  }
  return words;
}

/** A variable that a `$NAME` brought in: `NAME=value`, or `NAME` if it is unset. */
export function expandedWord(name: string, value: string | undefined): string {
  const word = encodeText(name).replaceAll('=', '%3D');
  if (value === undefined) return word;
  return `${word}=${isSecretName(name) ? digest(value) : encodeText(value)}`;
}

/** A variable by its name. */
export function variableIn(env: Environment, name: string): string | undefined {
  return name === 'HOME' ? homeVariable(env) : env[name];
}

/** Why two different environments may have the same words. Undefined if they cannot. */
export function ambiguousVariable(env: Environment): string | undefined {
  for (const { name, kind } of MINT_VARIABLES) {
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

/**
 * A value as it is written down. The script renders a value with a `|` as an empty one. A really empty value is a lone
 * `%` here, so it never equals that.
 */
function valueWord(kind: MintVariable['kind'], value: string): string {
  switch (kind) {
    case 'presence':
      return value === '' ? '' : '1';
    case 'secret':
      return digest(value);
    case 'url':
      return /[@?#]/.test(value) ? digest(value) : plainWord(value);
    case 'proxy':
      return proxyWord(value);
    default:
      return plainWord(value);
  }
}

function plainWord(value: string): string {
  return value === '' ? '%' : encodeText(value);
}

/** The address of a proxy without its user: `http://kim:secret@proxy:3128` as `http://proxy:3128`. */
function proxyWord(value: string): string {
  const [, scheme = '', rest = ''] = /^(https?:\/\/)?(?:.*@)?([^@]*)$/is.exec(value) ?? [];
  return /[?#]|:\/\//.test(rest) ? digest(value) : plainWord(scheme + rest);
}

const SECRET_NAME = /(secret|password|passwd|passphrase|private-?_?key|api-?_?key|access-?_?key|token)$/i;

/** Whether the value of a variable or flag of this name may be a secret. Such a value is not written down. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Stands for a value that is not written down. The `%` keeps sh, which cannot compute digests, from comparing it. */
export function digest(value: string): string {
  return `%${createHash('sha256').update(`ekspress ${value}`).digest('hex').slice(0, 40)}`;
}

/** The word of an identity for a variable that the user declared as part of it (`--key-env`). */
export function declaredVariable(name: string, env: Environment): string {
  const value = env[name];
  if (value === undefined) return `env=${name}`;
  return `env=${name}=${isSecretName(name) && value !== '' ? digest(value) : value}`;
}
