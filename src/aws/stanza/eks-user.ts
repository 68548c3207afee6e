import { EKSAuthError, sentencesOf } from '../../errors.ts';
import {
  describeUser,
  hasFixedCredentials,
  type SelectedContext,
  type SelectedUser,
} from '../../kubeconfig/read/select-context.ts';
import { remedyAt } from '../../kubeconfig/read/text-remedy.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { type ExecConfigOptions, isEKSExec, readExecConfig } from './parse-exec-config.ts';

/** Whether the user of a context authenticates by an EKS command. A malformed EKS command counts, too. */
export function isEKSUser({ user }: SelectedContext): boolean {
  return user.exec !== undefined && !hasFixedCredentials(user) && isEKSExec(user.exec);
}

/**
 * How the user of a context authenticates to EKS; undefined for users of any other kind.
 * @throws EKSAuthError INVALID_CONFIG, naming user and file
 */
export function readEKSUser(
  { user, place }: SelectedContext,
  options: ExecConfigOptions = {},
): EKSAuthConfig | undefined {
  if (user.exec === undefined || hasFixedCredentials(user)) return undefined;
  try {
    return readExecConfig(user.exec, options);
  } catch (error) {
    if (!(error instanceof EKSAuthError)) throw error;
    const { code, message } = error;
    const remedy = remedyAt(place, error.remedy, `Have the author of the text do this: ${error.remedy}`);
    throw new EKSAuthError(
      code,
      sentence`${describeUser(user.name, place)}: ${sentencesOf(error).message ?? new ForeignText(message)}`,
      { remedy, cause: error },
    );
  }
}

/**
 * The same for callers who need an EKS user.
 * @throws EKSAuthError also NOT_EKS, saying what the user authenticates with
 */
export function requireEKSUser(selected: SelectedContext, options: ExecConfigOptions = {}): EKSAuthConfig {
  const config = readEKSUser(selected, options);
  if (config !== undefined) return config;
  const message = sentence`${describeUser(selected.user.name, selected.place)} does not authenticate through AWS but with ${credentialsOf(selected.user)}.`;
  throw new EKSAuthError('NOT_EKS', message, {
    remedy: 'Use registerByString or registerByPath, which take any user, or choose another { context }.',
  });
}

function credentialsOf(user: SelectedUser): Sentence {
  if (user.tokenFile !== undefined || user.token !== undefined) return own('a fixed token');
  if (user.username !== undefined) return own('a password');
  if (user.exec !== undefined) return sentence`the command ${user.exec.command}`;
  if (user.authProvider !== undefined && user.authProvider !== null) return own('an auth-provider');
  if (user.certData !== undefined || user.certFile !== undefined) return own('a client certificate');
  return own('nothing');
}
