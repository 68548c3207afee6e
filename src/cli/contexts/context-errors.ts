import { EKSAuthError } from '../../errors.ts';

/** The user of a context has a certificate, a fixed token or a password. */
export function noCommand(name: string): EKSAuthError {
  return new EKSAuthError('NOT_EKS', `Context ${JSON.stringify(name)} has no exec command.`, {
    remedy: 'Choose a context whose user has one: `ekspress status` lists them.',
  });
}
