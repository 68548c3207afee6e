import type { ClientCertificate } from '../cache/entry.ts';
import { isMapping } from '../system/mapping.ts';
import { isoSeconds } from '../text/iso-seconds.ts';
import { EXEC_API_GROUP } from './exec-credential.ts';

/** What an ExecCredential plugin printed: a bearer token, a client certificate with its key, or both. */
export interface PluginCredential {
  /** Empty where there is a certificate alone. */
  readonly token: string;
  readonly certificate?: ClientCertificate | undefined;
  /** As the plugin says; absent where it says nothing, or what can only mean nothing (`0001-01-01T00:00:00Z`). */
  readonly expiresAt?: Date | undefined;
}

/** Go writes a time that was never set as the first moment of the year 1. */
const NEVER_SET = Date.UTC(1970, 0, 1);

/** Reads the one ExecCredential that a plugin printed; undefined if it is none that a client could use. */
export function parsePluginCredential(stdout: string): PluginCredential | undefined {
  let document: unknown;
  try {
    // Some programs begin with a byte order mark, which clients put up with.
    document = JSON.parse(stdout.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  if (!isMapping(document) || document.kind !== 'ExecCredential' || !isMapping(document.status)) return undefined;
  const { token = '', clientCertificateData = '', clientKeyData = '', expirationTimestamp } = document.status;
  if (![token, clientCertificateData, clientKeyData].every((value) => typeof value === 'string')) return undefined;
  const certificate = { clientCertificateData, clientKeyData } as ClientCertificate;
  const both = certificate.clientCertificateData !== '' && certificate.clientKeyData !== '';
  if (!both && (certificate.clientCertificateData !== '' || certificate.clientKeyData !== '' || token === '')) {
    return undefined;
  }
  const expiresAt = expirationTimestamp == null ? undefined : new Date(String(expirationTimestamp));
  if (expiresAt !== undefined && Number.isNaN(expiresAt.getTime())) return undefined;
  const told = expiresAt !== undefined && expiresAt.getTime() > NEVER_SET ? expiresAt : undefined;
  return { token: token as string, ...(both && { certificate }), ...(told && { expiresAt: told }) };
}

/** The answer of an exec plugin, on one line. Without a timestamp where none is known. */
export function formatPluginCredential(apiVersion: string, credential: PluginCredential): string {
  const { token, certificate, expiresAt } = credential;
  const status = {
    ...(expiresAt && { expirationTimestamp: isoSeconds(expiresAt) }),
    ...(token !== '' && { token }),
    ...certificate,
  };
  return JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status });
}

/**
 * What KUBERNETES_EXEC_INFO says of the cluster, as JSON: only where the kubeconfig has provideClusterInfo. A plugin may
 * print something else for each.
 */
export function clusterInfo(execInfo: string | undefined): string | undefined {
  if (!execInfo?.includes(EXEC_API_GROUP)) return undefined;
  try {
    const info: unknown = JSON.parse(execInfo);
    const spec = isMapping(info) ? info.spec : undefined;
    return isMapping(spec) && spec.cluster != null ? JSON.stringify(spec.cluster) : undefined;
  } catch {
    return undefined;
  }
}
