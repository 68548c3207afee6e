import { resolve } from 'node:path';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import { EXEC_EXTENSION } from '../../kubeconfig/read/parse-kubeconfig.ts';
import { hasFixedCredentials, type SelectedContext, type SelectedUser } from '../../kubeconfig/read/select-context.ts';
import type { Mapping } from '../../system/mapping.ts';

/**
 * A kubeconfig with one context only, which is the current one.
 * @param credentials replaces how the user authenticates. Default: as in the kubeconfig that the cluster comes from
 */
export function kubeconfigDocument({ context, cluster, user }: SelectedContext, credentials?: Mapping): Mapping {
  const { name, namespace } = context;
  const named = user.name || name;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: cluster.name, user: named, ...(namespace && { namespace }) } }],
    clusters: [{ name: cluster.name, cluster: clusterFields(cluster) }],
    users: [{ name: named, user: { ...userFields(user), ...(credentials ?? standardCredentials(user)) } }],
  };
}

function clusterFields(cluster: ClusterEntry): Mapping {
  const { server, caData, caFile, skipTLSVerify, tlsServerName, proxyUrl, disableCompression, execConfig } = cluster;
  return given({
    server,
    'certificate-authority-data': caData,
    'certificate-authority': caData === undefined ? absolute(caFile) : undefined,
    'insecure-skip-tls-verify': skipTLSVerify || undefined,
    'tls-server-name': tlsServerName,
    'proxy-url': proxyUrl,
    'disable-compression': disableCompression || undefined,
    extensions: execConfig === undefined ? undefined : [{ name: EXEC_EXTENSION, extension: execConfig }],
  });
}

/** What is valid together with every kind of credentials: a client certificate, and the impersonated user. */
function userFields(user: SelectedUser): Mapping {
  const { certData, certFile, keyData, keyFile, impersonateUser, impersonation } = user;
  return given({
    'client-certificate-data': certData,
    'client-certificate': absolute(certFile),
    'client-key-data': keyData,
    'client-key': absolute(keyFile),
    as: impersonateUser,
    'as-uid': impersonation?.uid,
    'as-groups': impersonation?.groups,
    'as-user-extra': impersonation?.extra,
  });
}

function standardCredentials(user: SelectedUser): Mapping {
  const { token, tokenFile, username, password, exec, plugin, authProvider } = user;
  const { apiVersion, interactiveMode, provideClusterInfo, installHint } = plugin ?? {};
  return given({
    // kubectl reads the file, which is renewed, before the token.
    tokenFile: absolute(tokenFile),
    token: tokenFile === undefined ? token : undefined,
    username,
    password,
    'auth-provider': authProvider ?? undefined,
    exec:
      exec === undefined || hasFixedCredentials(user)
        ? undefined
        : given({
            apiVersion,
            command: exec.command,
            args: exec.args,
            env: exec.env,
            interactiveMode,
            provideClusterInfo: provideClusterInfo || undefined,
            installHint,
          }),
  });
}

/** The folder of the written file is another one than that of the kubeconfig. */
function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function given(fields: Mapping): Mapping {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
