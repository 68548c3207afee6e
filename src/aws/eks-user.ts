import { EKSAuthError } from '../errors.ts';
import { readExecStanza } from '../kubeconfig/exec-stanza.ts';
import type { UserEntry } from '../kubeconfig/kubeconfig-file.ts';
import { shown } from '../kubeconfig/nearest-names.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { EKSAuthConfig, ExecStanza } from './eks-auth-config.ts';
import { isEKSExec, parseExecConfig } from './parse-exec-config.ts';

/** How error messages name the user of a context. */
export function ownerOf({ user, place }: SelectedContext): string {
  return `user ${shown(user.name)} in ${place}`;
}

/** The stanza of a user who authenticates by an EKS command; undefined for users of any other kind. */
export function eksStanzaOf(selected: SelectedContext): ExecStanza | undefined {
  const { user } = selected;
  if (user.exec === undefined || user.exec === null) return undefined;
  const stanza = readExecStanza(user.exec, ownerOf(selected));
  // With a fixed token or a password kubectl never runs the command.
  return hasFixedCredentials(user) || !isEKSExec(stanza) ? undefined : stanza;
}

/**
 * How the user of a context authenticates to EKS; undefined for users of any other kind.
 * @throws EKSAuthError INVALID_KUBECONFIG or INVALID_CONFIG, naming user and file
 */
export function readEKSUser(selected: SelectedContext): EKSAuthConfig | undefined {
  const stanza = eksStanzaOf(selected);
  if (stanza === undefined) return undefined;
  try {
    return parseExecConfig(stanza);
  } catch (error) {
    if (!(error instanceof EKSAuthError)) throw error;
    const { code, message, remedy } = error;
    throw new EKSAuthError(code, `${ownerOf(selected)}: ${message}`, { remedy, cause: error });
  }
}

/**
 * The same for callers who need an EKS user.
 * @throws EKSAuthError also NOT_EKS, saying what the user authenticates with
 */
export function requireEKSUser(selected: SelectedContext): EKSAuthConfig {
  const config = readEKSUser(selected);
  if (config !== undefined) return config;
  const message = `${ownerOf(selected)} does not authenticate through AWS but with ${credentialsOf(selected)}.`;
  throw new EKSAuthError('NOT_EKS', message, {
    remedy: 'Use registerByString or registerByPath, which take any user, or choose another { context }.',
  });
}

function hasFixedCredentials(user: UserEntry): boolean {
  return user.token !== undefined || user.tokenFile !== undefined || user.username !== undefined;
}

function credentialsOf(selected: SelectedContext): string {
  const { user } = selected;
  if (user.tokenFile !== undefined || user.token !== undefined) return 'a fixed token';
  if (user.username !== undefined) return 'a password';
  if (user.exec !== undefined && user.exec !== null) {
    return `the command ${shown(readExecStanza(user.exec, ownerOf(selected)).command)}`;
  }
  if (user.authProvider !== undefined && user.authProvider !== null) return 'an auth-provider';
  if (user.certData !== undefined || user.certFile !== undefined) return 'a client certificate';
  return 'nothing';
}
