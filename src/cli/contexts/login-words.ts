import type { Login } from '../../aws/mint/sign-in.ts';
import { shellOption, shellWord } from '../../text/shell-word.ts';

/** The words of the program that makes a login. */
export function loginCommand({ kind, profile }: Pick<Login, 'kind' | 'profile'>): readonly string[] {
  const named = profile.startsWith('-') ? [`--profile=${profile}`] : ['--profile', profile];
  return ['aws', ...(kind === 'sso' ? ['sso'] : []), 'login', ...named];
}

/** The same as a line for a shell. */
export function loginLine(login: Pick<Login, 'kind' | 'profile'>): string {
  const [program, ...words] = loginCommand(login);
  return [program, ...words.slice(0, words.indexOf('login') + 1), shellOption('--profile', login.profile)].join(' ');
}

/** A command as a line for a shell. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => shellWord(word)).join(' ');
}

/** The login in a sentence: `the SSO login of acme`. */
export function loginName({ kind, profile }: Pick<Login, 'kind' | 'profile'>): string {
  return `the ${kind === 'sso' ? 'SSO login' : 'login'} of ${profile}`;
}
