import { isAbsolute, join } from 'node:path';
import { EKSAuthError } from '../errors.ts';
import type {
  ClusterEntry,
  ContextEntry,
  EntryKind,
  Kubeconfig,
  KubeconfigFile,
  UserEntry,
} from './kubeconfig-file.ts';
import { shown, suggestNames } from './nearest-names.ts';

/** One context with what it names, its relative paths made absolute. */
export interface SelectedContext {
  readonly context: ContextEntry;
  readonly cluster: ClusterEntry;
  /** For a context that names no user: one without any credentials and with an empty name. */
  readonly user: UserEntry;
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
    user: absoluteUser(user.value, user.file.directory),
    place: user.file.place,
  };
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

function absoluteUser(user: UserEntry, directory: string | undefined): UserEntry {
  return {
    ...user,
    certFile: user.certData === undefined ? absolute(user.certFile, directory) : undefined,
    keyFile: user.keyData === undefined ? absolute(user.keyFile, directory) : undefined,
    tokenFile: absolute(user.tokenFile, directory),
    exec: absoluteCommand(user.exec, directory),
  };
}

/** A command without a slash is looked up in PATH; one with a slash starts from the file, as kubectl has it. */
function absoluteCommand(exec: unknown, directory: string | undefined): unknown {
  if (typeof exec !== 'object' || exec === null || !('command' in exec)) return exec;
  const { command } = exec;
  if (typeof command !== 'string' || !command.includes('/')) return exec;
  const resolved = absolute(command, directory);
  return resolved === command ? exec : { ...exec, command: resolved };
}

function absolute(path: string | undefined, directory: string | undefined): string | undefined {
  if (path === undefined || directory === undefined || isAbsolute(path)) return path;
  return join(directory, path);
}
