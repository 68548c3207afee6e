import { EKSAuthError } from '../../errors.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import { readImpersonation } from './impersonation.ts';
import type { ClusterEntry, ContextEntry, EntryKind, KubeconfigFile, UserEntry } from './kubeconfig-file.ts';
import { kindOfValue } from './plain-scalar.ts';
import { remedyAt, updateKubeconfig } from './text-remedy.ts';
import { parseYAML } from './yaml.ts';

const REWRITE_TEXT =
  'Check that the whole text was passed. Else have its author write it again: `aws eks update-kubeconfig --name CLUSTER --region REGION`.';

/** The extension of a cluster that exec plugins are given. */
export const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/** The origin of a kubeconfig's text. */
export interface KubeconfigOrigin {
  readonly place: string;
  readonly directory?: string | undefined;
  /** Whether it is one of a list of files. Then another file may hold the contexts. */
  readonly oneOfSeveral?: boolean | undefined;
}

/**
 * Reads a kubeconfig exactly: every field that ekspress uses, and a reason for each entry that cannot be used. Bulk
 * reading (client-node's loader) is several times faster and uses this reader for unusual files.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function parseKubeconfig(text: string, origin: KubeconfigOrigin): KubeconfigFile {
  return readKubeconfigValue(parseYAML(text, origin.place), origin);
}

/**
 * The same for the value of a document.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function readKubeconfigValue(root: unknown, origin: KubeconfigOrigin): KubeconfigFile {
  const { place, directory, oneOfSeveral } = origin;
  if (!isMapping(root))
    throw invalid(sentence`${own(place)} holds ${own(kindOfValue(root))}, not a kubeconfig.`, place);
  const { kind, apiVersion } = root;
  if (isScalar(kind) && kind !== 'Config' && kind !== '') {
    throw invalid(
      sentence`${own(place)} holds an object of kind ${String(kind)}, not a kubeconfig (kind: Config).`,
      place,
    );
  }
  if (isScalar(apiVersion) && apiVersion !== 'v1' && apiVersion !== '') {
    throw invalid(
      sentence`${own(place)} has apiVersion ${String(apiVersion)}; a kubeconfig has apiVersion: v1.`,
      place,
    );
  }
  const wrong = notText(root, ['current-context']);
  if (wrong !== undefined) throw invalid(sentence`${own(place)} ${own(wrong)}.`, place);
  const unusable = { context: new Map<string, string>(), cluster: new Map(), user: new Map() };
  const contexts = entries(root.contexts, 'context', place, unusable.context, toContext);
  if (contexts.size === 0 && !oneOfSeveral && unusable.context.size === 0) {
    throw invalid(sentence`${own(place)} has no contexts.`, place);
  }
  const clusters = entries(root.clusters, 'cluster', place, unusable.cluster, toCluster);
  const users = entries(root.users, 'user', place, unusable.user, toUser);
  const file = {
    place,
    directory,
    currentContext: textOf(root['current-context']),
    contexts,
    clusters,
    users,
    unusable,
  };
  if (repeatsTooMuch(file)) {
    const what = sentence`${own(place)} has ${contexts.size} contexts that share long clusters or users`;
    throw invalid(sentence`${what}: they repeat more than ${MAX_REPEATED / 2 ** 20} MiB.`, place);
  }
  return file;
}

/** So much may the contexts of a kubeconfig repeat of what they share, because each context is read by itself. */
const MAX_REPEATED = 32 * 2 ** 20;

/** Whether reading every context would cost far more than the length of the text allows. */
export function repeatsTooMuch({
  contexts,
  clusters,
  users,
}: Pick<KubeconfigFile, 'contexts' | 'clusters' | 'users'>): boolean {
  const uses = new Map<ClusterEntry | UserEntry, number>();
  for (const { cluster, user } of contexts.values()) {
    for (const entry of [clusters.get(cluster ?? ''), users.get(user ?? '')]) {
      if (entry !== undefined) uses.set(entry, (uses.get(entry) ?? -1) + 1);
    }
  }
  let repeated = 0;
  for (const [entry, times] of uses) if (times > 0) repeated += times * sizeOf(entry);
  return repeated > MAX_REPEATED;
}

/** The characters of a value, and some for each part of it. */
function sizeOf(value: unknown): number {
  let size = 0;
  const parts: unknown[] = [value];
  for (let part = parts.pop(); parts.length > 0 || part !== undefined; part = parts.pop()) {
    size += typeof part === 'string' ? part.length + 8 : 8;
    if (typeof part === 'object' && part !== null) for (const one of Object.values(part)) parts.push(one);
  }
  return size;
}

/** Reads one of the three lists. An entry whose name occurs twice cannot be used: kubectl refuses such a file. */
function entries<T>(
  list: unknown,
  kind: EntryKind,
  place: string,
  unusable: Map<string, string>,
  convert: (name: string, fields: Mapping) => T | string,
): Map<string, T> {
  const found = new Map<string, T>();
  if (list === undefined || list === null) return found;
  if (!Array.isArray(list)) throw invalid(own(`${kind}s in ${place} is ${kindOfValue(list)}, not a list.`), place);
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const name = isMapping(item) ? textOf(item.name) : undefined;
    if (!isMapping(item) || name === undefined) {
      const wrong = isMapping(item) ? notText(item, ['name']) : undefined;
      addFirst(unusable, `${kind}s[${index}]`, wrong ?? 'has no name');
      continue;
    }
    const fields = item[kind] ?? {};
    const entry = isMapping(fields) ? convert(name, fields) : `is ${kindOfValue(fields)}, not a mapping`;
    if (seen.has(name)) {
      found.delete(name);
      addFirst(unusable, name, 'is defined twice');
    } else if (typeof entry === 'string') {
      addFirst(unusable, name, entry);
    } else {
      found.set(name, entry);
    }
    seen.add(name);
  }
  return found;
}

function addFirst(unusable: Map<string, string>, name: string, reason: string): void {
  if (!unusable.has(name)) unusable.set(name, reason);
}

function toContext(name: string, fields: Mapping): ContextEntry | string {
  const wrong = notText(fields, ['cluster', 'user', 'namespace']);
  if (wrong !== undefined) return wrong;
  const cluster = textOf(fields.cluster);
  if (cluster === undefined) return 'names no cluster';
  return { name, cluster, user: textOf(fields.user), namespace: textOf(fields.namespace) };
}

function toCluster(name: string, fields: Mapping): ClusterEntry | string {
  const { 'insecure-skip-tls-verify': skipTLSVerify = null } = fields;
  const wrong = notText(fields, TEXTS_OF_CLUSTER);
  if (wrong !== undefined) return wrong;
  if (skipTLSVerify !== null && typeof skipTLSVerify !== 'boolean') {
    return `has ${kindOfValue(skipTLSVerify)} as insecure-skip-tls-verify, where kubectl takes true or false only`;
  }
  const server = textOf(fields.server);
  if (server === undefined) return 'has no server';
  return {
    name,
    server: server.replace(/\/$/, ''),
    caData: textOf(fields['certificate-authority-data']),
    caFile: textOf(fields['certificate-authority']),
    skipTLSVerify: skipTLSVerify === true,
    tlsServerName: textOf(fields['tls-server-name']),
    proxyUrl: textOf(fields['proxy-url']),
    ...(fields['disable-compression'] === true && { disableCompression: true }),
    ...execConfigOf(fields.extensions),
  };
}

function execConfigOf(extensions: unknown): Pick<ClusterEntry, 'execConfig'> {
  const list: readonly unknown[] = Array.isArray(extensions) ? extensions : [];
  const found = list.find((item) => isMapping(item) && item.name === EXEC_EXTENSION);
  return isMapping(found) && found.extension != null ? { execConfig: found.extension } : {};
}

function toUser(name: string, fields: Mapping): UserEntry | string {
  const wrong = notText(fields, TEXTS_OF_USER);
  if (wrong !== undefined) return wrong;
  const impersonation = readImpersonation(fields);
  if (typeof impersonation === 'string') return impersonation;
  return {
    name,
    token: textOf(fields.token),
    // `token-file` is client-node's own spelling.
    tokenFile: textOf(fields.tokenFile) ?? textOf(fields['token-file']),
    username: textOf(fields.username),
    password: textOf(fields.password),
    certData: textOf(fields['client-certificate-data']),
    certFile: textOf(fields['client-certificate']),
    keyData: textOf(fields['client-key-data']),
    keyFile: textOf(fields['client-key']),
    exec: fields.exec ?? undefined,
    authProvider: fields['auth-provider'] ?? undefined,
    impersonateUser: textOf(fields.as),
    impersonation,
  };
}

const TEXTS_OF_CLUSTER = [
  'server',
  'certificate-authority-data',
  'certificate-authority',
  'tls-server-name',
  'proxy-url',
];
const TEXTS_OF_USER = [
  ...['token', 'tokenFile', 'token-file', 'username', 'password', 'as'],
  ...['client-certificate-data', 'client-certificate', 'client-key-data', 'client-key'],
];

/** Why kubectl refuses a field: it holds something that is not a text. */
function notText(fields: Mapping, names: readonly string[]): string | undefined {
  for (const name of names) {
    const { [name]: value = null } = fields;
    if (value === null || typeof value === 'string') continue;
    return `has ${kindOfValue(value)} as ${name}, where kubectl takes text only: put it in quotes`;
  }
  return undefined;
}

/** The text of a field. The empty text counts as absent. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function invalid(message: string | Sentence, place: string): EKSAuthError {
  const remedy = `Write it again with \`${updateKubeconfig(place)}\`, or name another file.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy: remedyAt(place, remedy, REWRITE_TEXT) });
}
