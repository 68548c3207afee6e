import { isMapping, parseMapping } from '../../system/mapping.ts';

/** The API group of the versions in which an answer can be requested. */
export const EXEC_API_GROUP = 'client.authentication.k8s.io';

/** The apiVersion to answer in, and what the AWS CLI says on stderr about the one that was asked for. */
export interface AskedApiVersion {
  readonly apiVersion: string;
  readonly notice?: string;
}

/**
 * Reads `KUBERNETES_EXEC_INFO` as `aws eks get-token` does. A request for v1, v1beta1 or v1alpha1 gets an answer in
 * that version. Any other request gets an answer in v1beta1, and a notice.
 */
export function askedApiVersion(execInfo: string | undefined): AskedApiVersion {
  const fallback = `${EXEC_API_GROUP}/v1beta1`;
  if (!execInfo) return { apiVersion: fallback };
  let info: unknown;
  try {
    info = JSON.parse(execInfo);
  } catch {
    return { apiVersion: fallback, notice: `KUBERNETES_EXEC_INFO is not JSON; answering in ${fallback}.` };
  }
  const asked = isMapping(info) ? info.apiVersion : undefined;
  if (asked === `${EXEC_API_GROUP}/v1` || asked === fallback) return { apiVersion: asked };
  if (asked === `${EXEC_API_GROUP}/v1alpha1`) {
    return {
      apiVersion: asked,
      notice: `The kubeconfig asks for the deprecated ${asked}; set the user's apiVersion to ${fallback}.`,
    };
  }
  return {
    apiVersion: fallback,
    notice: `KUBERNETES_EXEC_INFO asks for an unknown apiVersion; answering in ${fallback}.`,
  };
}

/** A cluster as KUBERNETES_EXEC_INFO has it. */
export interface ExecCluster {
  readonly server: string;
  readonly tlsServerName?: string | undefined;
  readonly skipTLSVerify: boolean;
  /** base64. */
  readonly caData?: string | undefined;
  readonly proxyUrl?: string | undefined;
  readonly disableCompression?: boolean | undefined;
  readonly execConfig?: unknown;
}

/**
 * KUBERNETES_EXEC_INFO as client-go writes it, its fields in the order of Go: the shared cache compares the text.
 * @param cluster where the kubeconfig has provideClusterInfo
 */
export function formatExecInfo(apiVersion: string, cluster: ExecCluster | undefined): string {
  const described = cluster && {
    server: cluster.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.skipTLSVerify || undefined,
    'certificate-authority-data': cluster.caData,
    'proxy-url': cluster.proxyUrl,
    'disable-compression': cluster.disableCompression,
    config: cluster.execConfig,
  };
  const spec = { ...(described && { cluster: described }), interactive: false };
  return JSON.stringify({ kind: 'ExecCredential', apiVersion, spec });
}

/**
 * What KUBERNETES_EXEC_INFO says of the cluster, as JSON. Absent unless the kubeconfig has provideClusterInfo. A plugin
 * may print a different credential for each cluster.
 */
export function clusterInfo(execInfo: string | undefined): string | undefined {
  if (!execInfo?.includes(EXEC_API_GROUP)) return undefined;
  const spec = parseMapping(execInfo)?.spec;
  return isMapping(spec) && spec.cluster != null ? JSON.stringify(spec.cluster) : undefined;
}
