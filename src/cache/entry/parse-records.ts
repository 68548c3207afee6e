import type { RecordedFile, RecordedLookUp } from '../../recording/recording.ts';
import { decodeText } from '../identity/safe-text.ts';
import type { EntryFacts } from './entry.ts';

/** What a mint read, as an entry records it. */
export type Records = Pick<EntryFacts, 'network' | 'expanded' | 'lookUps' | 'files'>;

/** The state of a file: absent, unreadable or its dates, and a `*` for a program. */
const FILE = /^(?:([-!])|(0|[1-9]\d{0,19})(?:,(\d{1,20}),(\d{1,20}),(\d{1,20}))?)(\*?)=(.+)$/s;

/** The records in the last fields of an entry. Undefined if one of them is damaged. */
export function parseRecords(fields: readonly string[]): Records | undefined {
  const expanded: string[] = [];
  const lookUps: RecordedLookUp[] = [];
  const files: RecordedFile[] = [];
  let network: string | undefined;
  let target: string | undefined;
  for (const field of fields) {
    const rest = field.slice(2);
    switch (field.slice(0, 2)) {
      case '~=':
        network = rest;
        break;
      case '$=':
        expanded.push(rest);
        break;
      case '@=':
        target = decodeText(rest);
        if (target === undefined) return undefined;
        break;
      case '?=': {
        const lookUp = parseLookUp(rest);
        if (lookUp === undefined) return undefined;
        lookUps.push(lookUp);
        break;
      }
      default: {
        const file = parseFile(field, target);
        if (file === undefined) return undefined;
        files.push(file);
        if (file.state === 'file') target = undefined;
      }
    }
  }
  return { network, expanded, lookUps, files };
}

function parseLookUp(field: string): RecordedLookUp | undefined {
  const end = field.indexOf('=');
  const name = decodeText(end < 0 ? field : field.slice(0, end));
  if (name === undefined || name === '') return undefined;
  if (end < 0) return { name, found: undefined };
  const found = decodeText(field.slice(end + 1));
  return found === undefined ? undefined : { name, found };
}

/**
 * A file without a ctime of its own has that of its last write, so its date does not count as given. A target is that of
 * the next file that is there.
 */
function parseFile(field: string, target: string | undefined): RecordedFile | undefined {
  const [, state, mtime = '0', ctime = mtime, size = '0', inode = '0', program, encoded] = FILE.exec(field) ?? [];
  const path = encoded === undefined ? undefined : decodeText(encoded);
  if (path === undefined) return undefined;
  return {
    path,
    state: state === '-' ? 'absent' : state === '!' ? 'unreadable' : 'file',
    target: state === undefined ? target : undefined,
    mtimeNs: BigInt(mtime),
    ctimeNs: BigInt(ctime),
    size: BigInt(size),
    inode: BigInt(inode),
    program: program === '*',
  };
}
