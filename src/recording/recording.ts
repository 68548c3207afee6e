/** A file or a program as a mint found it. Dates are in nanoseconds, as the file system keeps them. */
export interface RecordedFile {
  /** Absolute, as the mint named it. */
  readonly path: string;
  /** `unreadable`: the path exists, but reading it fails. */
  readonly state: 'file' | 'absent' | 'unreadable';
  /** The path behind all links at that time; undefined if `path` has no link in it. */
  readonly target?: string | undefined;
  /** 0n unless `state` is `file`, as are the three that follow. */
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly size: bigint;
  readonly inode: bigint;
  /**
   * The file was started, or would have been. Of a program the date counts and the content does not, even if the date
   * was set by its installer.
   */
  readonly program: boolean;
}

/** A program that was looked for by its name on PATH. */
export interface RecordedLookUp {
  readonly name: string;
  /** The first file of that name that may be executed, an absolute path; undefined: there is none. */
  readonly found: string | undefined;
}

/** What a mint has read. It decides whose token was made, so it is stored, and every reader compares it. */
export interface Recording {
  /** Variables that a `$NAME` in a path or in a `file://` argument brought in, also outside the closed list; undefined: unset. */
  readonly expanded: ReadonlyMap<string, string | undefined>;
  /** The mint asked a server: proxies and bundles of certificates count. */
  readonly network: boolean;
  readonly files: readonly RecordedFile[];
  /** The look-ups on PATH. The files that they found are in `files`, too. */
  readonly lookUps: readonly RecordedLookUp[];
  /** The token belongs to this host, in this boot. */
  readonly hostBound: boolean;
  /** Why the token stays in this process; undefined: it may be stored. */
  readonly memoryOnly: string | undefined;
  /** The end of a comparison with the clock that chose between sources; undefined: there was none. */
  readonly validUntil: Date | undefined;
}

/** The recording of a mint that read nothing. */
export const NOTHING_READ: Recording = {
  expanded: new Map(),
  network: false,
  files: [],
  lookUps: [],
  hostBound: false,
  memoryOnly: undefined,
  validUntil: undefined,
};
