/** A cluster as a kubeconfig names it, in the field names of client-node's `Cluster`. */
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
}

/** Whom requests are made as, beside the user's name (`as`), which client-node knows by itself. */
export interface ImpersonationEntry {
  /** `as-uid`. */
  readonly uid?: string | undefined;
  /** `as-groups`. */
  readonly groups?: readonly string[] | undefined;
  /** `as-user-extra`. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A user as a kubeconfig names it, in the field names of client-node's `User`, plus what client-node leaves out. */
export interface UserEntry {
  readonly name: string;
  readonly token?: string | undefined;
  /** `tokenFile`, a path: client-node's loader does not know it. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly certData?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyData?: string | undefined;
  readonly keyFile?: string | undefined;
  /** As written; read it with `readExecStanza`. */
  readonly exec?: unknown;
  /** As written. */
  readonly authProvider?: unknown;
  readonly impersonateUser?: string | undefined;
  /** What client-node's loader leaves out of the impersonation. */
  readonly impersonation?: ImpersonationEntry | undefined;
}

/** A context as a kubeconfig names it. */
export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  /** Absent: anonymous. */
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The three kinds of entries, as error messages name them. */
export type EntryKind = 'context' | 'cluster' | 'user';

/** An entry that cannot be used, and why: said only to those who ask for it. */
export interface UnusableEntry {
  readonly kind: EntryKind;
  readonly name: string;
  /** Completes `cluster "x" in <place> …`. */
  readonly reason: string;
}

/** One kubeconfig document, read. */
export interface KubeconfigFile {
  /** As error messages name it: the path, or `the kubeconfig string`. */
  readonly place: string;
  /** What relative paths in it start from; absent for a string: the working directory. */
  readonly directory?: string | undefined;
  readonly currentContext?: string | undefined;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly unusable: readonly UnusableEntry[];
}

/**
 * What kubectl makes of a list of files, in their order: the first file that has a name wins, and entries of the same
 * name are not mixed.
 */
export type Kubeconfig = readonly KubeconfigFile[];
