import { decodeText } from '../identity/safe-text.ts';
import { FORMAT_VERSION, MAX_PLUGIN_LIFE_SECONDS, PLUGIN_TOOL, TELL_LIFE_SECONDS, TOKEN_CHARACTERS } from '../rules.ts';
import { type ClientCertificate, ENTRY_HEAD, type Entry, type EntryFacts, type Precision, timestamp } from './entry.ts';
import { parseRecords } from './parse-records.ts';

const TOKEN = `[${TOKEN_CHARACTERS}]+`;
const TOKEN_TEXT = new RegExp(`^${TOKEN}$`);
/** PEM inside JSON: printable characters without quotes, and escaped line breaks. */
const PEM = '(?:[ !#-\\[\\]-~]|\\\\n)+';
const CERTIFICATE = `,"clientCertificateData":"(${PEM})","clientKeyData":"(${PEM})"`;
const PEM_TEXT = /^[ !#-[\]-~\n]+$/;
const REST = new RegExp(
  `^([^"]*)","spec":{},"status":{"expirationTimestamp":"([^"]*)"(?:,"token":"(${TOKEN})")?(?:${CERTIFICATE})?}}$`,
);

/** The entry in the text of a file. Undefined for any other text: cut off, damaged, of another version. */
export function parseEntry(text: string): Entry | undefined {
  const end = text.indexOf('\n');
  if (end === -1 || !text.startsWith(ENTRY_HEAD)) return undefined;
  const [, meta = '', told = '', token = '', data, key] = REST.exec(text.slice(ENTRY_HEAD.length, end)) ?? [];
  const facts = parseFacts(meta, told);
  if (!facts || (token === '' && data === undefined)) return undefined;
  if (data === undefined || key === undefined) return { ...facts, token };
  const unescaped = (text: string): string => text.replaceAll('\\n', '\n');
  const certificate = { clientCertificateData: unescaped(data), clientKeyData: unescaped(key) };
  return isOfPlugin(facts.identity) ? { ...facts, token, certificate } : undefined;
}

/** Whether an entry can hold this certificate. */
export function isCertificateText({ clientCertificateData, clientKeyData }: ClientCertificate): boolean {
  return PEM_TEXT.test(clientCertificateData) && PEM_TEXT.test(clientKeyData);
}

function isOfPlugin(identity: string): boolean {
  return identity.startsWith(`${PLUGIN_TOOL}|`);
}

/**
 * The facts in the `ekspress` field of an entry.
 * @param told - the expiry in the entry's status, which must equal that of the field
 */
export function parseFacts(meta: string, told: string): EntryFacts | undefined {
  const [version, identity, ...fields] = meta.split(';');
  if (version !== `${FORMAT_VERSION}` || identity === undefined) return undefined;
  const [command = '', flags = '', host = '', boot = ''] = fields;
  const precision = parsePrecision(flags, meta.includes('%'));
  const longest = isOfPlugin(identity) ? MAX_PLUGIN_LIFE_SECONDS : TELL_LIFE_SECONDS;
  const times = parseTimes(fields.slice(4, 9), told === fields[9] ? told : undefined, longest);
  const records = parseRecords(fields.slice(10));
  if (command === '' || host === '' || boot === '' || !precision || !times || !records) return undefined;
  return {
    identity,
    command: decodeWord(command),
    unattended: flags.endsWith('u'),
    precision,
    hostName: decodeWord(host),
    bootId: decodeWord(boot),
    ...times,
    ...records,
  };
}

/** Whether an entry and a header can hold this token. */
export function isTokenText(text: string): boolean {
  return TOKEN_TEXT.test(text);
}

/** A decoded word, undefined for `-`. A word that cannot be decoded becomes empty, which equals no other word. */
function decodeWord(field: string): string | undefined {
  return field === '-' ? undefined : (decodeText(field) ?? '');
}

/** An entry with encoded characters is for Node only. If it does not say so, it is damaged. */
function parsePrecision(flags: string, encoded: boolean): Precision | undefined {
  if (!/^(-|u|[nr]u?)$/.test(flags) || (encoded && !flags.startsWith('n'))) return undefined;
  if (flags.startsWith('n')) return 'node';
  return flags.startsWith('r') ? 'fine' : 'whole';
}

/** Shells that calculate with 32 bits read an entry too: an uptime has nine digits at most. */
const MAX_UPTIME = 999_999_999;

/** An entry records each time twice, so that one damaged digit never prolongs a token's life. */
function parseTimes(fields: readonly string[], expiration: string | undefined, longest: number) {
  const [uptime, uptimeEnd] = fields;
  const [uptimeMinted, uptimeUntil, minted, until, life] = fields.map(wholeNumber);
  if (minted === undefined || until === undefined || life === undefined) return undefined;
  if (!/^[12]\d{9}$/.test(`${minted}`) || life > longest || until - minted !== life || expiration !== timestamp(until))
    return undefined;
  if (uptime === '-' && uptimeEnd === '-') return { uptimeMinted: undefined, minted, life };
  if (uptimeMinted === undefined || uptimeUntil !== uptimeMinted + life || uptimeUntil > MAX_UPTIME) return undefined;
  return { uptimeMinted, minted, life };
}

function wholeNumber(field: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(field) ? Number(field) : undefined;
}
