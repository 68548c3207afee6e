import { isAbsolute, join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { Effort, suggestNames } from '../../text/nearest-names.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import { type PlainExecStanza, type PluginSettings, readExecStanza, readPluginSettings } from './exec-stanza.ts';
import type {
  ClusterEntry,
  ContextEntry,
  EntryKind,
  Kubeconfig,
  KubeconfigFile,
  UserEntry,
} from './kubeconfig-file.ts';
import { inFile, remedyAt } from './text-remedy.ts';

/** A user whose `exec` has been read. */
export interface SelectedUser extends Omit<UserEntry, 'exec'> {
  readonly exec?: PlainExecStanza | undefined;
  /** How the command is called, where there is one. */
  readonly plugin?: PluginSettings | undefined;
}

/** Whether the user has a fixed token or a password. Then kubectl never runs the command of the user. */
export function hasFixedCredentials({ token, tokenFile, username }: SelectedUser): boolean {
  return token !== undefined || tokenFile !== undefined || username !== undefined;
}

/** One context with its cluster and user. Their relative paths are made absolute. */
export interface SelectedContext {
  readonly context: ContextEntry;
  readonly cluster: ClusterEntry;
  /** If the context names no user: a user without credentials and with an empty name. */
  readonly user: SelectedUser;
  /** The file of the user, for error messages. */
  readonly place: string;
}

/**
 * The wanted context, else the current one, with its cluster and user.
 * @throws EKSAuthError INVALID_KUBECONFIG that names what is missing, and similar names that exist
 */
export function selectContext(kubeconfig: Kubeconfig, wanted?: string): SelectedContext {
  const name = wanted ?? kubeconfig.find((file) => file.currentContext !== undefined)?.currentContext;
  if (name === undefined) {
    const names = kubeconfig.flatMap((file) => [...file.contexts.keys()]);
    throw new EKSAuthError(
      'INVALID_KUBECONFIG',
      sentence`${own(placesOf(kubeconfig))} has no current-context, and no context was asked for.${suggestNames('', names)}`,
      {
        remedy: remedyAt(
          placesOf(kubeconfig),
          own(`Pass { context: <name> }, or run \`kubectl config use-context NAME${inOneFile(kubeconfig)}\`.`),
          own('Pass { context: <name> }: listContexts(kubeconfig) lists the names.'),
        ),
      },
    );
  }
  const context = find(
    kubeconfig,
    'context',
    (file) => file.contexts,
    name,
    own(wanted === undefined ? ', the current-context' : ''),
  );
  const named = sentence`, which the context ${name} names`;
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
 * A copy that does not keep the text of the kubeconfig in memory. Strings that a parser cut out of a text keep the whole
 * text: for each cluster that is registered by itself, that would be a whole kubeconfig.
 */
export function withoutSource(selected: SelectedContext): SelectedContext {
  return copied(selected);
}

/** V8 copies shorter strings when it cuts them out. */
const SHORTEST_CUT = 13;

const throughJSON = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
/** Fields whose value is as the kubeconfig has it, with any names. An auth-provider is rare, may be large, and is not copied. */
const AS_WRITTEN: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ['authProvider', (value) => value],
  ['execConfig', throughJSON],
  ['impersonation', throughJSON],
]);

/** Fields without a value are left out. */
function copied<T>(value: T): T;
function copied(value: unknown): unknown {
  // V8 joins the two parts in new memory before it cuts the longer one out again.
  if (typeof value === 'string') return value.length < SHORTEST_CUT ? value : ` ${value}`.slice(1);
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const copy: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name];
    if (field !== undefined) copy[name] = (AS_WRITTEN.get(name) ?? copied)(field);
  }
  return copy;
}

/** The name of a user in error messages. */
export function describeUser(name: string, place: string): Sentence {
  return sentence`user ${name} in ${own(place)}`;
}

/** The names of all contexts, in the order of the files, with those that cannot be used. */
export function contextNames(kubeconfig: Kubeconfig): readonly string[] {
  const names = kubeconfig.flatMap((file) => [...file.contexts.keys(), ...file.unusable.context.keys()]);
  return [...new Set(names)];
}

interface FoundEntry<T> {
  readonly value: T;
  readonly file: KubeconfigFile;
}

function find<T>(
  kubeconfig: Kubeconfig,
  kind: EntryKind,
  entriesOf: (file: KubeconfigFile) => ReadonlyMap<string, T>,
  name: string,
  role: Sentence,
): FoundEntry<T> {
  for (const file of kubeconfig) {
    const value = entriesOf(file).get(name);
    if (value !== undefined) return { value, file };
    const reason = file.unusable[kind].get(name);
    if (reason !== undefined) {
      throw new EKSAuthError(
        'INVALID_KUBECONFIG',
        sentence`${own(kind)} ${name} in ${own(file.place)} ${own(reason)}.`,
        {
          remedy: remedyAt(
            file.place,
            own(`Correct that ${kind}; \`kubectl config view --raw${inOneFile([file])}\` shows it.`),
            own(`Have the author of the text correct that ${kind}, or pass another { context }.`),
          ),
        },
      );
    }
  }
  const similar = suggestNames(
    name,
    () => kubeconfig.flatMap((file) => [...entriesOf(file).keys()]),
    effortFor(kubeconfig),
  );
  throw new EKSAuthError(
    'INVALID_KUBECONFIG',
    sentence`There is no ${own(kind)} ${name}${role} in ${own(placesOf(kubeconfig))}.${similar}`,
    {
      remedy: remedyAt(
        placesOf(kubeconfig),
        own(`Run \`kubectl config get-${kind}s${inOneFile(kubeconfig)}\` to see the names.`),
        own(
          kind === 'context'
            ? 'Pass another { context }: listContexts(kubeconfig) lists the names.'
            : `Have the author of the text add that ${kind}, or pass another { context }.`,
        ),
      ),
    },
  );
}

/** By the first file of each kubeconfig. Thousands of contexts of one text may name clusters that it does not have. */
const EFFORTS = new WeakMap<KubeconfigFile, Effort>();

function effortFor([file]: Kubeconfig): Effort {
  const effort = (file && EFFORTS.get(file)) ?? new Effort();
  if (file) EFFORTS.set(file, effort);
  return effort;
}

/** The option of kubectl for one file, so that it does not read another one. A list is that of KUBECONFIG, which kubectl reads too. */
function inOneFile([file, ...more]: Kubeconfig): string {
  if (file?.directory === undefined || more.length > 0) return '';
  return inFile(file.place);
}

function placesOf(kubeconfig: Kubeconfig): string {
  return kubeconfig.map((file) => file.place).join(', ');
}

function absoluteCluster(cluster: ClusterEntry, directory: string | undefined): ClusterEntry {
  // As kubectl: the data takes precedence over the file.
  const caFile = cluster.caData === undefined ? absolute(cluster.caFile, directory) : undefined;
  return caFile === cluster.caFile ? cluster : { ...cluster, caFile };
}

function readUser(user: UserEntry, { place, directory }: KubeconfigFile): SelectedUser {
  const { certData, keyData, exec } = user;
  const stanza =
    exec === undefined || exec === null
      ? undefined
      : readExecStanza(exec, { place, described: () => describeUser(user.name, place) });
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
    plugin: stanza && readPluginSettings(exec),
    authProvider: user.authProvider,
    impersonateUser: user.impersonateUser,
    impersonation: user.impersonation,
  };
}

/** A command with a slash is relative to the kubeconfig's folder, as in kubectl. A command without one is left for PATH. */
function absoluteCommand(command: string, directory: string | undefined): string {
  return command.includes('/') ? (absolute(command, directory) ?? command) : command;
}

function absolute(path: string | undefined, directory: string | undefined): string | undefined {
  if (path === undefined || directory === undefined || isAbsolute(path)) return path;
  return join(directory, path);
}
