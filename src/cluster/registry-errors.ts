import { EKSAuthError } from '../errors.ts';
import { shown } from '../text/nearest-names.ts';

/** @throws EKSAuthError INVALID_CONFIG for an id that is no text */
export function requireId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  throw new EKSAuthError('INVALID_CONFIG', 'The id of a cluster is a text that is not empty.', {
    remedy: 'Pass an id, or none: the default is the ARN of the cluster, else the name of the context.',
  });
}

/** That the id is taken. */
export function duplicateId(id: string, server: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `A cluster ${shown(id)} is registered already, for ${shown(server)}.`, {
    remedy: 'Pass another { id }, or { replace: true } to put this one in its place.',
  });
}

/** That nothing can be registered any more. */
export function registryClosed(): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', 'This ClusterRegistry has been closed.', {
    remedy: 'Make a new one: `new ClusterRegistry()`.',
  });
}

/** That a cluster is no longer one of the registry's. */
export function unregistered(id: string): EKSAuthError {
  const message = `Cluster ${shown(id)} has been unregistered; it hands out no tokens and connects to nobody.`;
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Register it again, and get the client from the new cluster.',
  });
}
