/** A cluster of a kubeconfig, with the field names of client-node's `Cluster`. */
export interface ClusterEntry {
  readonly name: string;
  readonly server: string;
  /** `certificate-authority-data`, base64. */
  readonly caData?: string | undefined;
  /** `certificate-authority`, a path. */
  readonly caFile?: string | undefined;
  readonly skipTLSVerify: boolean;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
  /** `disable-compression`. */
  readonly disableCompression?: boolean | undefined;
  /** What the cluster's extension `client.authentication.k8s.io/exec` has for exec plugins. */
  readonly execConfig?: unknown;
}

/** The impersonated identity of requests, without its name (`as`), which client-node handles itself. */
export interface ImpersonationEntry {
  /** `as-uid`. */
  readonly uid?: string | undefined;
  /** `as-groups`. */
  readonly groups?: readonly string[] | undefined;
  /** `as-user-extra`. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A user of a kubeconfig, with the field names of client-node's `User` and the fields that client-node leaves out. */
export interface UserEntry {
  readonly name: string;
  readonly token?: string | undefined;
  /** `tokenFile`, a path. client-node's loader does not read it. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly certData?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyData?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The value as written. `readExecStanza` reads it. */
  readonly exec?: unknown;
  /** The value as written. */
  readonly authProvider?: unknown;
  readonly impersonateUser?: string | undefined;
  /** The part of the impersonation that client-node's loader leaves out. */
  readonly impersonation?: ImpersonationEntry | undefined;
}

/** A context of a kubeconfig. */
export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  /** Absent: requests are anonymous. */
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The three kinds of entries, with their names in error messages. */
export type EntryKind = 'context' | 'cluster' | 'user';

/**
 * The names of the entries that cannot be used, each with the reason: the end of the sentence `cluster "x" in <place> …`.
 * It is reported only if that entry is needed.
 */
export type UnusableEntries = Readonly<Record<EntryKind, ReadonlyMap<string, string>>>;

export const NONE_UNUSABLE: UnusableEntries = { context: new Map(), cluster: new Map(), user: new Map() };

/** One parsed kubeconfig document. */
export interface KubeconfigFile {
  /** The name in error messages: the path, or `the kubeconfig string`. */
  readonly place: string;
  /** The folder that relative paths start from. Absent for a string, whose paths start from the working directory. */
  readonly directory?: string | undefined;
  readonly currentContext?: string | undefined;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly unusable: UnusableEntries;
}

/**
 * A list of files in order, with kubectl's rule: the first file that has an entry of a name wins. Entries of the same name
 * are not merged.
 */
export type Kubeconfig = readonly KubeconfigFile[];
