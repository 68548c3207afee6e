import { percentEncode } from './sigv4.ts';

/** The parts of a presigned URL, not normalised. */
export interface PresignedURL {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  /** Decoded, in the order of the URL. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Decodes base64url. Undefined unless the text is exactly what an encoder without padding writes. */
export function decodeBase64URL(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder tolerates padding, the base64 alphabet, white space and set bits after the last byte.
  if (bytes.length === 0 || bytes.toString('base64url') !== text) return undefined;
  return bytes.toString('latin1');
}

/** Parses a URL with a query. Undefined for anything else, and for characters other than printable ASCII. */
export function parsePresignedURL(text: string): PresignedURL | undefined {
  // Not `new URL()`: it lower-cases, re-encodes, drops default ports and removes dot segments.
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#@\s]*)([^?#\s]*)(?:\?([\x21-\x7e]*))?$/.exec(text);
  if (match === null) return undefined;
  const [, scheme = '', host = '', path = '', rawQuery = ''] = match;
  const query = rawQuery === '' ? [] : rawQuery.split('&').map(parsePair);
  return query.every((pair) => pair !== undefined) ? { scheme, host, path, query } : undefined;
}

/** Parses `name=value`, both percent-encoded exactly as SigV4 prescribes, because only that form was signed. */
function parsePair(pair: string): readonly [string, string] | undefined {
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const name = decodeCanonical(pair.slice(0, equals));
  const value = decodeCanonical(pair.slice(equals + 1));
  return name === undefined || value === undefined ? undefined : [name, value];
}

function decodeCanonical(encoded: string): string | undefined {
  try {
    const decoded = decodeURIComponent(encoded);
    return percentEncode(decoded) === encoded ? decoded : undefined;
  } catch {
    return undefined; // an incomplete escape, or bytes that are not UTF-8
  }
}
