import { stat } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import { type Kubeconfig, NONE_UNUSABLE } from '../../kubeconfig/read/kubeconfig-file.ts';
import { kubeconfigPaths } from '../../kubeconfig/read/kubeconfig-paths.ts';
import { readText } from '../../system/read-file.ts';

/** The folder into which Kubernetes mounts the service account of a pod. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The names that client-node's `loadFromCluster` gives. */
const [CLUSTER, USER, CONTEXT] = ['inCluster', 'inClusterUser', 'inClusterContext'];

/** The service account of the pod that the process runs in, or the reason why there is none. */
export type InCluster =
  | { readonly kubeconfig: Kubeconfig; readonly missing?: never }
  | { readonly kubeconfig?: never; readonly missing: string };

/**
 * Makes a kubeconfig of the pod's service account, as kubectl and client-node's `loadFromCluster` do. The token file is
 * named and not read: the kubelet replaces its content about once an hour.
 * @param directory default: the folder into which Kubernetes mounts the service account
 */
export async function readInCluster(env: Environment, directory: string = SERVICE_ACCOUNT): Promise<InCluster> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) {
    return { missing: `${host ? 'KUBERNETES_SERVICE_PORT' : 'KUBERNETES_SERVICE_HOST'} is not set` };
  }
  const tokenFile = join(directory, 'token');
  if (!(await isFile(tokenFile))) return { missing: `there is no service account token at ${tokenFile}` };
  const caFile = join(directory, 'ca.crt');
  const namespace = await readText(join(directory, 'namespace')).catch(() => '');
  const cluster = {
    name: CLUSTER,
    // Always https: the token is sent to this address.
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    caFile: (await isFile(caFile)) ? caFile : undefined,
    skipTLSVerify: false,
  };
  const context = { name: CONTEXT, cluster: CLUSTER, user: USER, namespace: namespace.trim() || undefined };
  const file = {
    place: `the service account in ${directory}`,
    currentContext: CONTEXT,
    contexts: new Map([[CONTEXT, context]]),
    clusters: new Map([[CLUSTER, cluster]]),
    users: new Map([[USER, { name: USER, tokenFile }]]),
    unusable: NONE_UNUSABLE,
  };
  return { kubeconfig: [file] };
}

const REMEDY =
  'In a pod, set `automountServiceAccountToken: true`. Elsewhere, use registerByPath() with a kubeconfig, or registerAWSCluster().';

/**
 * The error for a process that does not run in a pod, or in one without a service account.
 * @param missing what is missing
 */
export function notInCluster(missing: string): EKSAuthError {
  const message = `This process has no service account of a pod: ${missing}.`;
  return new EKSAuthError('INVALID_CONFIG', message, { remedy: REMEDY });
}

/** The error for a pod that has neither a kubeconfig nor a service account. */
export function noKubeconfigInPod(path: string, missing: string): EKSAuthError {
  const message = `There is no kubeconfig at ${path}, and ${missing}.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy: REMEDY });
}

/**
 * @returns the path at which kubectl looks for a kubeconfig, if there is no file. Undefined if there is one, or if
 *   `KUBECONFIG` names files: the service account then does not replace them
 */
export async function missingDefaultKubeconfig(env: Environment): Promise<string | undefined> {
  const { paths, source } = kubeconfigPaths(env);
  const [path] = paths;
  if (source !== 'default' || path === undefined) return undefined;
  return (await exists(path)) ? undefined : path;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

async function isFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true;
}
