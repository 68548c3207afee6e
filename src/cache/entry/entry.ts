import { hasGivenDate } from '../../recording/look.ts';
import type { RecordedFile, RecordedLookUp } from '../../recording/recording.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import { encodeText } from '../identity/safe-text.ts';
import { FORMAT_VERSION } from '../rules.ts';

/**
 * Which comparison of mtimes can be trusted. `whole`: a shell that compares whole seconds. `fine`: only a shell that
 * compares fractions of a second. `node`: only Node, which compares the recorded nanoseconds instead of stamp files.
 */
export type Precision = 'whole' | 'fine' | 'node';

/** What an entry records beside its token or failure: the identity, the times, and what they depend on. */
export interface EntryFacts {
  readonly identity: string;
  /** The command word that printed the token. Undefined if the token was minted in-process. */
  readonly command: string | undefined;
  /** Minting it again needs no person and runs no foreign program. */
  readonly unattended: boolean;
  readonly precision: Precision;
  /** Set if only this host may use the entry. Where the boot has an id, only that boot may. */
  readonly hostName: string | undefined;
  readonly bootId: string | undefined;
  /** Uptime at the mint, in seconds. Undefined if the writer had no reliable uptime. */
  readonly uptimeMinted: number | undefined;
  /** Unix time of X-Amz-Date. */
  readonly minted: number;
  /** Seconds from `minted` to the expiry that clients are told. */
  readonly life: number;
  /** The proxies and bundles of certificates of the mint. Undefined if it did not use the network. */
  readonly network: string | undefined;
  /** Variables that a `$NAME` brought in, each as `NAME=value` or, if unset, `NAME`, encoded. */
  readonly expanded: readonly string[];
  readonly lookUps: readonly RecordedLookUp[];
  /** The files that decided the token. */
  readonly files: readonly RecordedFile[];
}

/** A client certificate and its key, in PEM. */
export interface ClientCertificate {
  readonly clientCertificateData: string;
  readonly clientKeyData: string;
}

/** One entry of the shared cache. Times are in whole seconds. */
export interface Entry extends EntryFacts {
  /** Empty where another plugin printed only a client certificate. */
  readonly token: string;
  /** Set only where another plugin printed one. */
  readonly certificate?: ClientCertificate | undefined;
}

/** The first characters of every entry, the same in all versions of the format. */
export const ENTRY_HEAD = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","ekspress":"';

/** The expiry that clients are told, in Unix time. */
export function toldUntil({ minted, life }: EntryFacts): number {
  return minted + life;
}

/** A Unix time as an ExecCredential writes it. */
export function timestamp(unixSeconds: number): string {
  return isoSeconds(new Date(unixSeconds * 1000));
}

/** The one line of an entry, its newline included. */
export function formatEntry(entry: Entry): string {
  const { token, certificate } = entry;
  const fields = [['expirationTimestamp', timestamp(toldUntil(entry))]];
  if (token !== '') fields.push(['token', token]);
  if (certificate) {
    const { clientCertificateData, clientKeyData } = certificate;
    fields.push(['clientCertificateData', escaped(clientCertificateData)], ['clientKeyData', escaped(clientKeyData)]);
  }
  const status = `{${fields.map(([name, value]) => `"${name}":"${value}"`).join(',')}}`;
  return `${ENTRY_HEAD}${formatFacts(entry)}","spec":{},"status":${status}}\n`;
}

/** PEM as a JSON string. Line breaks are the only characters of PEM that JSON escapes. */
function escaped(pem: string): string {
  return pem.replaceAll('\n', '\\n');
}

/** The `ekspress` field of an entry. docs/cache-format.md gives the order of its parts. */
export function formatFacts(entry: EntryFacts): string {
  const { uptimeMinted, life } = entry;
  const words = [entry.command, entry.hostName, entry.bootId].map((word) =>
    word === undefined ? '-' : encodeText(word),
  );
  const records = formatRecords(entry);
  const encoded = [entry.identity, ...words, ...records].some((field) => field.includes('%'));
  const forNode = encoded || entry.expanded.length > 0 || entry.files.some(hasGivenDate);
  const [command, host, boot] = words;
  return [
    FORMAT_VERSION,
    entry.identity,
    command,
    formatFlags(forNode ? 'node' : entry.precision, entry.unattended),
    host,
    boot,
    uptimeMinted ?? '-',
    uptimeMinted === undefined ? '-' : uptimeMinted + life,
    entry.minted,
    toldUntil(entry),
    life,
    timestamp(toldUntil(entry)),
    ...records,
  ].join(';');
}

function formatFlags(precision: Precision, unattended: boolean): string {
  const letter = { node: 'n', fine: 'r', whole: '' }[precision];
  return `${letter}${unattended ? 'u' : ''}` || '-';
}

/** What the mint read, each record with its kind in front of a `=`. */
export function formatRecords({ network, expanded, lookUps, files }: EntryFacts): string[] {
  return [
    ...(network === undefined ? [] : [`~=${network}`]),
    ...expanded.map((word) => `$=${word}`),
    ...lookUps.map(formatLookUp),
    ...files.flatMap(formatFile),
  ];
}

function formatLookUp({ name, found }: RecordedLookUp): string {
  const word = `?=${encodeText(name).replaceAll('=', '%3D')}`;
  return found === undefined ? word : `${word}=${encodeText(found)}`;
}

function formatFile(file: RecordedFile): string[] {
  const field = `${stateField(file)}=${encodeText(file.path)}`;
  // A path may contain `=`, so the target has a field of its own, in front of the file that it belongs to.
  return file.target === undefined ? [field] : [`@=${encodeText(file.target)}`, field];
}

function stateField(file: RecordedFile): string {
  if (file.state === 'absent') return file.program ? '-*' : '-';
  if (file.state === 'unreadable') return file.program ? '!*' : '!';
  const { mtimeNs, ctimeNs, size, inode, program } = file;
  if (program) return `${mtimeNs}*`;
  return hasGivenDate(file) ? [mtimeNs, ctimeNs, size, inode].join(',') : `${mtimeNs}`;
}
