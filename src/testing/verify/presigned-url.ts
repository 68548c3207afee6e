import { percentEncode } from './sigv4.ts';

/** A presigned URL taken apart, nothing normalised. */
export interface PresignedURL {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  /** Decoded, in the order of the URL. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Bytes of a base64url text, undefined unless it is exactly what an encoder without padding writes. */
export function decodeBase64URL(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder forgives padding, the other alphabet, blanks and set bits after the last whole byte.
  if (bytes.length === 0 || bytes.toString('base64url') !== text) return undefined;
  return bytes.toString('latin1');
}

/** Takes a URL apart; undefined where it holds anything but printable ASCII or is no URL with a query. */
export function parsePresignedURL(text: string): PresignedURL | undefined {
  // Not `new URL()`: it lower-cases, re-encodes, drops default ports and removes dot segments.
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#@\s]*)([^?#\s]*)(?:\?([\x21-\x7e]*))?$/.exec(text);
  if (match === null) return undefined;
  const [, scheme = '', host = '', path = '', rawQuery = ''] = match;
  const query = rawQuery === '' ? [] : rawQuery.split('&').map(parsePair);
  return query.every((pair) => pair !== undefined) ? { scheme, host, path, query } : undefined;
}

/** `name=value`, both percent-encoded in the one way that SigV4 prescribes: nothing else was signed. */
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
    return undefined; // half an escape, or bytes that are no UTF-8
  }
}
