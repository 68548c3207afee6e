import { dirname, resolve } from 'node:path';
import type { Cluster, Context, KubeConfig, User } from '@kubernetes/client-node';
import type { Host } from '../../host.ts';
import {
  type ClusterEntry,
  type ContextEntry,
  type Kubeconfig,
  type KubeconfigFile,
  NONE_UNUSABLE,
  type UserEntry,
} from '../../kubeconfig/read/kubeconfig-file.ts';
import { checkKubeconfigPath, checkKubeconfigString } from '../../kubeconfig/read/kubeconfig-input.ts';
import { expandHome, kubeconfigPaths } from '../../kubeconfig/read/kubeconfig-paths.ts';
import {
  EXEC_EXTENSION,
  type KubeconfigOrigin,
  parseKubeconfig,
  repeatsTooMuch,
} from '../../kubeconfig/read/parse-kubeconfig.ts';
import { plainValue } from '../../kubeconfig/read/plain-scalar.ts';
import { noSuchFile, readKubeconfigText } from '../../kubeconfig/read/read-text.ts';
import { STRING_PLACE } from '../../kubeconfig/read/text-remedy.ts';
import { refuseOddBreaks } from '../../kubeconfig/read/yaml.ts';
import { isMapping } from '../../system/mapping.ts';
import type { ClientNode } from '../clients/client-node.ts';

/**
 * A text with any of these goes to the exact reader. client-node's loader is several times faster and agrees with it on
 * what tools usually write, but not on the following.
 * - Anchors, aliases, tags and escapes (`&`, `*`, `!`, `\`) can spell any field.
 * - The loader drops `tokenFile`, and reads the file of `token-file` at once.
 * - The loader drops the impersonation fields `as-uid`, `as-groups` and `as-user-extra`.
 * - The loader takes `insecure-skip-tls-verify: yes` for false; kubectl, for true.
 * - The loader drops what a cluster has for exec plugins.
 */
const UNUSUAL = [
  ...['&', '*', '!', '\\', 'tokenFile', 'token-file', 'as-uid', 'as-groups', 'as-user-extra'],
  ...['insecure-skip-tls-verify', EXEC_EXTENSION, 'disable-compression'],
];
const ORDINARY = /^kind: Config\s*$/m;

/**
 * The file at a path, else those that kubectl would read: the `KUBECONFIG` list, else `~/.kube/config`.
 * @throws EKSAuthError INVALID_CONFIG where the path is not a non-empty string
 */
export function kubeconfigFiles(path: string | undefined, { env }: Pick<Host, 'env'>): readonly string[] {
  const paths = path === undefined ? kubeconfigPaths(env).paths : [expandHome(checkKubeconfigPath(path), env)];
  return paths.map((one) => resolve(one));
}

/**
 * Reads the kubeconfig at a path, else the one that kubectl would read.
 * @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG
 */
export async function loadKubeconfigFiles(
  clientNode: ClientNode,
  path: string | undefined,
  host: Host,
): Promise<Kubeconfig> {
  return readKubeconfigFiles(clientNode, kubeconfigFiles(path, host));
}

/**
 * Reads kubeconfig files in order.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export async function readKubeconfigFiles(clientNode: ClientNode, paths: readonly string[]): Promise<Kubeconfig> {
  const files: KubeconfigFile[] = [];
  const oneOfSeveral = paths.length > 1;
  for (const file of paths) {
    const text = await readKubeconfigText(file, oneOfSeveral);
    // kubectl skips files of the list that do not exist: tools create them later.
    const origin = { place: file, directory: dirname(file), oneOfSeveral };
    if (text !== undefined) files.push(readText(clientNode, text, origin));
  }
  if (files.length === 0) throw noSuchFile(paths);
  return files;
}

/**
 * Parses a kubeconfig. Reads none of the files that it names.
 * @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG
 */
export function loadKubeconfigString(clientNode: ClientNode, kubeconfig: string): Kubeconfig {
  return [readText(clientNode, checkKubeconfigString(kubeconfig), { place: STRING_PLACE })];
}

function readText(clientNode: ClientNode, text: string, origin: KubeconfigOrigin): KubeconfigFile {
  refuseOddBreaks(text, origin.place);
  if (ORDINARY.test(text) && !UNUSUAL.some((part) => text.includes(part))) {
    const file = readOrdinary(clientNode, text, origin);
    if (file !== undefined) return file;
  }
  return parseKubeconfig(text, origin);
}

/** @returns undefined for a text that the exact reader has to read or reject */
function readOrdinary(clientNode: ClientNode, text: string, origin: KubeconfigOrigin): KubeconfigFile | undefined {
  const loaded = new clientNode.KubeConfig();
  try {
    loaded.loadFromString(text);
  } catch {
    return undefined;
  }
  const file = fromKubeConfig(loaded, origin);
  return file !== undefined && meansTheSame(file) && !repeatsTooMuch(file) ? file : undefined;
}

/**
 * Whether kubectl reads the same texts. The loader follows YAML 1.2, where an unquoted `yes` or `1_000` is a text. A
 * quoted one is a text to both, which only the exact reader can tell.
 */
function meansTheSame({ currentContext, contexts, clusters, users }: KubeconfigFile): boolean {
  const isText = (value: unknown): boolean => typeof value === 'string' && plainValue(value) === value;
  const isAbsentOrText = (value: unknown): boolean => value === undefined || value === null || isText(value);
  const are = (...values: readonly unknown[]): boolean => values.every(isAbsentOrText);
  const isPlainExec = (exec: unknown): boolean => {
    if (!isMapping(exec)) return exec === undefined;
    const { command, args, env } = exec;
    const words = [command, ...(Array.isArray(args) ? args : [])];
    const variables: readonly unknown[] = Array.isArray(env) ? env : [];
    return words.every(isText) && variables.every((one) => isMapping(one) && isText(one.name) && isText(one.value));
  };
  if (!are(currentContext)) return false;
  for (const { name, cluster, user, namespace } of contexts.values()) {
    if (!are(name, cluster, user, namespace)) return false;
  }
  for (const { name, server, caData, caFile, tlsServerName, proxyUrl } of clusters.values()) {
    if (!are(name, server, caData, caFile, tlsServerName, proxyUrl)) return false;
  }
  for (const user of users.values()) {
    const { exec, authProvider: _, impersonation: __, ...texts } = user;
    if (!Object.values(texts).every(isAbsentOrText) || !isPlainExec(exec)) return false;
  }
  return true;
}

/**
 * Converts a KubeConfig of client-node.
 * @returns undefined where it has no contexts, two entries with the same name, or values that are not text
 */
export function fromKubeConfig(loaded: KubeConfig, origin: KubeconfigOrigin): KubeconfigFile | undefined {
  const contexts = byName(loaded.contexts, toContext);
  const clusters = byName(loaded.clusters, toCluster);
  const users = byName(loaded.users, toUser);
  if (contexts === undefined || clusters === undefined || users === undefined || contexts.size === 0) return undefined;
  const currentContext = loaded.currentContext ? String(loaded.currentContext) : undefined;
  const { place, directory } = origin;
  return { place, directory, currentContext, contexts, clusters, users, unusable: NONE_UNUSABLE };
}

/** @returns undefined where two entries have the same name or a value has the wrong type */
function byName<From, To extends { name: string }>(
  list: readonly From[],
  convert: (from: From) => To | undefined,
): Map<string, To> | undefined {
  const found = new Map<string, To>();
  for (const item of list) {
    const entry = convert(item);
    if (entry === undefined || found.has(entry.name)) return undefined;
    found.set(entry.name, entry);
  }
  return found;
}

function toContext({ name, cluster, user, namespace }: Context): ContextEntry | undefined {
  if (!areTexts(name, cluster, user, namespace)) return undefined;
  return { name, cluster, user: textOf(user), namespace: textOf(namespace) };
}

function toCluster(cluster: Cluster): ClusterEntry | undefined {
  const { name, server, skipTLSVerify, caData, caFile, tlsServerName, proxyUrl } = cluster;
  if (!areTexts(name, server, caData, caFile, tlsServerName, proxyUrl)) return undefined;
  return {
    name,
    server,
    caData: textOf(caData),
    caFile: textOf(caFile),
    skipTLSVerify,
    tlsServerName: textOf(tlsServerName),
    proxyUrl: textOf(proxyUrl),
  };
}

function toUser(user: User): UserEntry | undefined {
  const { name, token, username, password, certData, certFile, keyData, keyFile, impersonateUser } = user;
  if (!areTexts(name, token, username, password, certData, certFile, keyData, keyFile, impersonateUser))
    return undefined;
  return {
    name,
    token: textOf(token),
    username: textOf(username),
    password: textOf(password),
    certData: textOf(certData),
    certFile: textOf(certFile),
    keyData: textOf(keyData),
    keyFile: textOf(keyFile),
    exec: user.exec ?? undefined,
    authProvider: user.authProvider ?? undefined,
    impersonateUser: textOf(impersonateUser),
  };
}

/** client-node uses null for absent fields. kubectl treats an empty field as absent. */
function textOf(value: string | null | undefined): string | undefined {
  return value ? value : undefined;
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => value === undefined || value === null || typeof value === 'string');
}

/** Whether a value is the text of a kubeconfig and not a path: it has several lines, or begins with `{`. */
export function isKubeconfigText(textOrPath: string | undefined): textOrPath is string {
  return typeof textOrPath === 'string' && /^\s*\{|\n/.test(textOrPath);
}
