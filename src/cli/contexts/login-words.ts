import type { Login } from '../../aws/mint/sign-in.ts';
import { shellWord } from '../../text/shell-word.ts';

/** The words of the program that makes a login. */
export function loginCommand({ kind, profile }: Pick<Login, 'kind' | 'profile'>): readonly string[] {
  return ['aws', ...(kind === 'sso' ? ['sso'] : []), 'login', '--profile', profile];
}

/** The same as a line for a shell. */
export function loginLine(login: Pick<Login, 'kind' | 'profile'>): string {
  return loginCommand(login).map(shellWord).join(' ');
}

/** The login in a sentence: `the SSO login of acme`. */
export function loginName({ kind, profile }: Pick<Login, 'kind' | 'profile'>): string {
  return `the ${kind === 'sso' ? 'SSO login' : 'login'} of ${profile}`;
}
