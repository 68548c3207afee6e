import type { ImpersonationEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import type { HeaderLines } from '../transport/passage.ts';

/** The headers to send besides `Impersonate-User`, which client-node sends; undefined for none. */
export function impersonationHeaders(entry: ImpersonationEntry | undefined): HeaderLines | undefined {
  if (entry === undefined) return undefined;
  const { uid, groups = [], extra = {} } = entry;
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['Uid', uid === undefined ? [] : [uid]],
    ['Group', groups],
    ...Object.entries(extra).map(([key, values]) => [`Extra-${escaped(key)}`, values] as const),
  ];
  const set = fields.filter(([, values]) => values.length > 0);
  // Go writes header values as UTF-8 bytes.
  const lines = set.map(([name, values]) => [`Impersonate-${name}`, values.map((value) => bytesOf(value))] as const);
  return Object.fromEntries(lines);
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Escapes a key for a header name as client-go does: `%` and invalid characters become `%` and two hex digits. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
