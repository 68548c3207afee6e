import type { Environment } from '../host.ts';
import { findProgram } from './find-program.ts';

/** How Node starts a program on Windows. */
export interface WindowsCall {
  readonly command: string;
  readonly args: readonly string[];
  /** The arguments are a command line as cmd.exe reads it. */
  readonly windowsVerbatimArguments: boolean;
}

/**
 * Characters without a special meaning inside quotes: for cmd.exe, for a batch file, and for the program that it
 * starts.
 */
const PLAIN = /^[A-Za-z0-9_./:@+=,\\ -]*$/;

/**
 * The call of a program: the first of that name on PATH, as kubectl finds it, but never one in the current folder. A
 * batch file (`aws.cmd`, as pip installs it) needs cmd.exe, which reads some characters as commands. A word that it
 * could misread is refused.
 * @throws an error with the code ENOENT if there is no such program, an error without a code if a word is refused
 */
export function windowsCall(command: string, args: readonly string[], env: Environment): WindowsCall {
  const found = findProgram(command, env, { platform: 'win32' });
  if (found === undefined) throw Object.assign(new Error('not found'), { code: 'ENOENT' });
  if (!/\.(?:cmd|bat)$/i.test(found)) return { command: found, args, windowsVerbatimArguments: false };
  const words = [found, ...args];
  // A backslash in front of a closing quote would take the quote into the word.
  const unsafe = words.find((word) => !PLAIN.test(word) || word.endsWith('\\'));
  if (unsafe !== undefined) {
    throw new Error(`it is a batch file, and cmd.exe could misread the word ${JSON.stringify(unsafe)}`);
  }
  const shell = `${env.SYSTEMROOT || 'C:\\Windows'}\\System32\\cmd.exe`;
  const line = words.map((word) => `"${word}"`).join(' ');
  return { command: shell, args: ['/d', '/s', '/c', `"${line}"`], windowsVerbatimArguments: true };
}
