import { isAbsolute, join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { shown, suggestNames } from '../../text/nearest-names.ts';
import { type PlainExecStanza, readExecStanza } from './exec-stanza.ts';
import type {
  ClusterEntry,
  ContextEntry,
  EntryKind,
  Kubeconfig,
  KubeconfigFile,
  UserEntry,
} from './kubeconfig-file.ts';

/** A user whose `exec` has been read. */
export interface SelectedUser extends Omit<UserEntry, 'exec'> {
  readonly exec?: PlainExecStanza | undefined;
}

/** Whether kubectl takes a fixed token or a password: then it never runs the command of the same user. */
export function hasFixedCredentials({ token, tokenFile, username }: SelectedUser): boolean {
  return token !== undefined || tokenFile !== undefined || username !== undefined;
}

/** One context with what it names, its relative paths made absolute. */
export interface SelectedContext {
  readonly context: ContextEntry;
  readonly cluster: ClusterEntry;
  /** For a context that names no user: one without any credentials and with an empty name. */
  readonly user: SelectedUser;
  /** Where the user stands: what an error about its fields names. */
  readonly place: string;
}

/**
 * The context asked for, else the current one, and the cluster and user that it names.
 * @throws EKSAuthError INVALID_KUBECONFIG naming what is missing and the nearest names there are
 */
export function selectContext(kubeconfig: Kubeconfig, wanted?: string): SelectedContext {
  const name = wanted ?? kubeconfig.find((file) => file.currentContext !== undefined)?.currentContext;
  if (name === undefined) {
    const names = kubeconfig.flatMap((file) => [...file.contexts.keys()]);
    throw new EKSAuthError(
      'INVALID_KUBECONFIG',
      `${placesOf(kubeconfig)} has no current-context, and no context was asked for.${suggestNames('', names)}`,
      { remedy: 'Pass { context: <name> }, or run `kubectl config use-context <name>`.' },
    );
  }
  const context = find(
    kubeconfig,
    'context',
    (file) => file.contexts,
    name,
    wanted === undefined ? ', the current-context' : '',
  );
  const named = `, which the context ${shown(name)} names`;
  const cluster = find(kubeconfig, 'cluster', (file) => file.clusters, context.value.cluster, named);
  const userName = context.value.user;
  const user =
    userName === undefined
      ? { value: { name: '' }, file: context.file }
      : find(kubeconfig, 'user', (file) => file.users, userName, named);
  return {
    context: context.value,
    cluster: absoluteCluster(cluster.value, cluster.file.directory),
    user: readUser(user.value, user.file),
    place: user.file.place,
  };
}

/**
 * The same without the text that it was read from: strings that a parser cut out of a text keep all of it in memory,
 * which would be a whole kubeconfig for each cluster that is registered by itself.
 */
export function withoutSource({ context, cluster, user, place }: SelectedContext): SelectedContext {
  // What an auth-provider holds is as large as its author likes; it is rare, and stays as it is.
  const { authProvider, ...texts } = user;
  const copy = JSON.parse(JSON.stringify({ context, cluster, user: texts, place })) as SelectedContext;
  return { ...copy, user: { ...copy.user, authProvider } };
}

/** How error messages name a user. */
export function describeUser(name: string, place: string): string {
  return `user ${shown(name)} in ${place}`;
}

/** Every context once, those that cannot be used included, in the order of the files. */
export function contextNames(kubeconfig: Kubeconfig): readonly string[] {
  const names = kubeconfig.flatMap((file) => [
    ...file.contexts.keys(),
    ...file.unusable.filter((entry) => entry.kind === 'context').map((entry) => entry.name),
  ]);
  return [...new Set(names)];
}

interface Found<T> {
  readonly value: T;
  readonly file: KubeconfigFile;
}

function find<T>(
  kubeconfig: Kubeconfig,
  kind: EntryKind,
  entriesOf: (file: KubeconfigFile) => ReadonlyMap<string, T>,
  name: string,
  role: string,
): Found<T> {
  for (const file of kubeconfig) {
    const value = entriesOf(file).get(name);
    if (value !== undefined) return { value, file };
    const unusable = file.unusable.find((entry) => entry.kind === kind && entry.name === name);
    if (unusable) {
      throw new EKSAuthError('INVALID_KUBECONFIG', `${kind} ${shown(name)} in ${file.place} ${unusable.reason}.`, {
        remedy: `Correct that ${kind}; \`kubectl config view --raw\` shows it.`,
      });
    }
  }
  const names = kubeconfig.flatMap((file) => [...entriesOf(file).keys()]);
  throw new EKSAuthError(
    'INVALID_KUBECONFIG',
    `There is no ${kind} ${shown(name)}${role} in ${placesOf(kubeconfig)}.${suggestNames(name, names)}`,
    { remedy: `Run \`kubectl config get-${kind}s\` to see the names.` },
  );
}

function placesOf(kubeconfig: Kubeconfig): string {
  return kubeconfig.map((file) => file.place).join(', ');
}

function absoluteCluster(cluster: ClusterEntry, directory: string | undefined): ClusterEntry {
  // As kubectl: the data stands before the file.
  const caFile = cluster.caData === undefined ? absolute(cluster.caFile, directory) : undefined;
  return caFile === cluster.caFile ? cluster : { ...cluster, caFile };
}

function readUser(user: UserEntry, { place, directory }: KubeconfigFile): SelectedUser {
  const { certData, keyData, exec } = user;
  const stanza =
    exec === undefined || exec === null ? undefined : readExecStanza(exec, () => describeUser(user.name, place));
  return {
    name: user.name,
    token: user.token,
    tokenFile: absolute(user.tokenFile, directory),
    username: user.username,
    password: user.password,
    certData,
    certFile: certData === undefined ? absolute(user.certFile, directory) : undefined,
    keyData,
    keyFile: keyData === undefined ? absolute(user.keyFile, directory) : undefined,
    exec: stanza && { ...stanza, command: absoluteCommand(stanza.command, directory) },
    authProvider: user.authProvider,
    impersonateUser: user.impersonateUser,
    impersonation: user.impersonation,
  };
}

/** A command without a slash is looked up in PATH; one with a slash starts from the file, as kubectl has it. */
function absoluteCommand(command: string, directory: string | undefined): string {
  return command.includes('/') ? (absolute(command, directory) ?? command) : command;
}

function absolute(path: string | undefined, directory: string | undefined): string | undefined {
  if (path === undefined || directory === undefined || isAbsolute(path)) return path;
  return join(directory, path);
}
