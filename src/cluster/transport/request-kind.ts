import { pathAndQuery } from '../../aws/http/read-url.ts';

/** The properties of a request that decide its limits. */
export interface RequestKind {
  /** A method without effects. */
  readonly isRead: boolean;
  /** A watch, a log that is followed, or a web socket. It stays open, and has its own connection. */
  readonly isStream: boolean;
  /** The head of the answer has no time limit. */
  readonly isPatient: boolean;
  /** May be sent again before its first byte. */
  readonly isRepeatable: boolean;
  /** client-node drops the body of an error: streams, logs, metrics. */
  readonly dropsErrors: boolean;
}

/**
 * @param target path and query, or a URL
 * @param upgrade whether it asks for a web socket
 */
export function kindOf(method: string, target: string, upgrade: boolean): RequestKind {
  const isRead = method === 'GET' || method === 'HEAD';
  const { path, query } = target.startsWith('/') ? splitTarget(target) : pathAndQuery(target);
  const lasts = /[?&](watch|follow)=(true|1|t)(&|$)/i.test(query);
  const isProxy = /\/proxy(\/|$)/.test(path);
  return {
    isRead,
    isStream: lasts || upgrade,
    isPatient: lasts || isProxy,
    isRepeatable: isRead && !isProxy && !upgrade,
    dropsErrors: lasts || upgrade || /\/pods\/[^/]+\/log$|\/apis\/metrics\.k8s\.io\//.test(path),
  };
}

function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at) };
}
