import { Seal } from '../../store/seal.ts';
import type { CacheKey } from '../identity/key.ts';
import { SEALED_HEAD } from '../rules.ts';

/** What the cache keeps of one identity, by the ending of its file. `asked` and `renewal` are Node's, where the
 * entry is sealed. */
const ENDINGS = { entry: '', failure: '.error', lock: '.lock', asked: '.asked', renewal: '.renew' } as const;

export type FileKind = keyof typeof ENDINGS;

/** How the files of a cache directory are called, and how a line lies in them. */
export interface EntryFiles {
  /** Whether they are sealed. Then sh cannot read them, and no stamps are needed. */
  readonly sealed: boolean;
  /** The name of a file of this identity. */
  nameOf(key: CacheKey, kind: FileKind): string;
  /** The text of a file, one character per byte. */
  close(key: CacheKey, kind: FileKind, line: string): string;
  /** The line in the text of a file. Undefined where it does not open. */
  open(key: CacheKey, kind: FileKind, text: string): string | undefined;
}

/** Entries as sh and other tools read them. */
export const plainFiles: EntryFiles = {
  sealed: false,
  nameOf: ({ fileName }, kind) => `${fileName}${ENDINGS[kind]}`,
  close: (_, __, line) => line,
  open: (_, __, text) => text,
};

/** No fleet has this name: a secret that seals a fleet's tokens and a directory's entries makes two keys. */
export const SCOPE_OF_ENTRIES = 'entries on disk';

/** Entries that only who has the key can read, under names that say nothing. A file opens for its own identity only. */
export function sealedFiles(seal: Seal): EntryFiles {
  const nameOf = ({ identity }: CacheKey) => `${seal.nameOf({ kind: 'entry', identity })}.sealed`;
  return {
    sealed: true,
    nameOf: (key, kind) => `${nameOf(key)}${ENDINGS[kind]}`,
    close: ({ identity }, kind, line) => {
      return SEALED_HEAD + Buffer.from(seal.seal({ kind, identity }, line)).toString('latin1');
    },
    open: ({ identity }, kind, text) => {
      if (!text.startsWith(SEALED_HEAD)) return undefined;
      return seal.open({ kind, identity }, Buffer.from(text.slice(SEALED_HEAD.length), 'latin1'));
    },
  };
}

/** The seal of entries with this key. */
export function sealOfEntries(key: Uint8Array): Seal {
  return new Seal(key, SCOPE_OF_ENTRIES);
}
