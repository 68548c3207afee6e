import { SAFE_CHARACTERS } from '../rules.ts';

const safe = new Set(Buffer.from(SAFE_CHARACTERS));

/** `text` in UTF-8, with `%XX` for every byte that is not a safe character. */
export function encodeText(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    encoded += safe.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The inverse of {@link encodeText}; undefined if `encoded` cannot be decoded. */
export function decodeText(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
