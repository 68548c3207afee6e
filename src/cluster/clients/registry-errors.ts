import { EKSAuthError } from '../../errors.ts';
import { checkArgument } from '../../options/check-options.ts';
import { TEXT } from '../../options/checks.ts';
import { shown, suggestNames } from '../../text/nearest-names.ts';
import { sentence } from '../../text/sentence.ts';

/** @throws EKSAuthError INVALID_CONFIG where the id is not a non-empty string */
export function requireId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  throw new EKSAuthError('INVALID_CONFIG', 'The id of a cluster must be a non-empty string.', {
    remedy: 'Pass an id, or leave it out. The default is the ARN of the cluster, else the name of the context.',
  });
}

/** The id is in use. */
export function duplicateId(id: string, server: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `A cluster ${shown(id)} is already registered, for ${shown(server)}.`, {
    remedy: 'Pass another { id }, or { replace: true } to replace it.',
  });
}

/** The registry is closed. */
export function registryClosed(): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', 'This ClusterRegistry has been closed.', {
    remedy: 'Make a new one: `new ClusterRegistry()`.',
  });
}

/** @throws EKSAuthError INVALID_CONFIG where the id is not a text */
export function requireIdOf(owner: string, id: unknown): void {
  checkArgument(owner, 'id', id, TEXT);
}

/** No cluster has the id. */
export function notRegistered(id: unknown, ids: readonly string[]): EKSAuthError {
  if (typeof id !== 'string') checkArgument('registry.require', 'id', id, TEXT);
  const message = sentence`No cluster ${String(id)} is registered.${suggestNames(String(id), ids)}`;
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Register the cluster, or pass the id of one: registry.list() has them.',
  });
}

/** The registry of the cluster is closed. */
export function closedWithRegistry(id: string): EKSAuthError {
  const message = `The registry of cluster ${shown(id)} is closed; the cluster provides no tokens and makes no connections.`;
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Make a new ClusterRegistry, and register the cluster there; close a registry only when the service ends.',
  });
}

/** The cluster is no longer registered. */
export function unregistered(id: string): EKSAuthError {
  const message = `Cluster ${shown(id)} has been unregistered; it provides no tokens and makes no connections.`;
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Register it again, and get the client from the new cluster.',
  });
}
