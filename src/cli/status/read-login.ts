import { type Login, readSignIn, type SignIn } from '../../aws/mint/sign-in.ts';
import { EKSAuthError } from '../../errors.ts';
import { hostFrom } from '../../host.ts';
import type { Terminal } from '../command.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';

/** The login that a context needs. */
export interface LoginView {
  readonly kind: 'sso' | 'login';
  readonly profile: string;
  readonly state: 'valid' | 'renews' | 'ended' | 'none';
  readonly expiresAt?: string | undefined;
  readonly secondsLeft?: number | undefined;
}

/** In seconds. A login that ends sooner is worth a warning. */
export const ENDS_SOON: number = 30 * 60;

/** The login of a context, and a profile that keys in the environment take the place of. */
export interface SignInView {
  readonly login?: LoginView;
  /** Where the AWS CLI keeps the login. */
  readonly loginFile?: string | undefined;
  readonly overridden?: string | undefined;
  /** Why the AWS files give no credentials, whatever is done: a profile that is missing, or a file that cannot be read. */
  readonly problem?: EKSAuthError | undefined;
}

/** Reads the logins of contexts from files. Contexts with the same profile and variables share one reading. */
export function signInReader(terminal: Terminal): (context: DescribedContext, now: Date) => Promise<SignInView> {
  const { env, logger } = terminal;
  const readings = new Map<string, Promise<SignIn | EKSAuthError | undefined>>();
  return async ({ config }, now) => {
    if (!config) return {};
    const { profile, command } = config;
    const key = JSON.stringify([profile, command.tool, command.through, config.exec.env.toEnvironment()]);
    const reading = readings.get(key) ?? readSignIn(config, hostFrom({ env, logger })).catch(problemOf);
    readings.set(key, reading);
    const found = await reading;
    if (found instanceof EKSAuthError) return { problem: found };
    const { login, overridden } = found ?? {};
    return login ? { login: viewOf(login, now), loginFile: login.file } : { overridden };
  };
}

function viewOf({ kind, profile, expiresAt, renews }: Login, now: Date): LoginView {
  const known = { kind, profile };
  if (!expiresAt) return { ...known, state: 'none' };
  const secondsLeft = Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
  const state = renews ? 'renews' : secondsLeft > 0 ? 'valid' : 'ended';
  return { ...known, state, expiresAt: expiresAt.toISOString(), secondsLeft: Math.max(0, secondsLeft) };
}

function problemOf(error: unknown): EKSAuthError | undefined {
  return error instanceof EKSAuthError ? error : undefined;
}
