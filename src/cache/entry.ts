import { isoSeconds } from '../text/iso-seconds.ts';
import { FORMAT_VERSION } from './rules.ts';
import { encodeText } from './safe-text.ts';

/** A file whose content decided the token. */
export interface Source {
  readonly path: string;
  /** Its mtime in nanoseconds when it was read; undefined if there was no such file. */
  readonly mtimeNs: bigint | undefined;
  /** Where `path` led then, through all links; undefined if it is no link and behind none. */
  readonly target?: string | undefined;
}

/**
 * Which comparison of mtimes can be trusted: one in `whole` seconds; only a `fine` one; or only that of Node, which
 * compares with the recorded nanoseconds instead of stamp files.
 */
export type Precision = 'whole' | 'fine' | 'node';

/** What is written down of a token, or of a failure to get one: whose it is, when it was, what it depends on. */
export interface Circumstances {
  readonly identity: string;
  /** The command word that printed the token; undefined if it was minted in-process, whatever the command is called. */
  readonly command: string | undefined;
  /** Minting it again needs no person and runs no foreign program. */
  readonly unattended: boolean;
  readonly precision: Precision;
  /** Set where only this host may use the entry (and only in this boot, where it has a name). */
  readonly hostName: string | undefined;
  readonly bootId: string | undefined;
  /** Uptime at the mint; undefined where the writer had none to trust. */
  readonly uptimeMinted: number | undefined;
  /** Unix time of X-Amz-Date. */
  readonly minted: number;
  /** Seconds from there until which clients are told. */
  readonly life: number;
  readonly sources: readonly Source[];
}

/** A client certificate and its key, in PEM. */
export interface ClientCertificate {
  readonly clientCertificateData: string;
  readonly clientKeyData: string;
}

/** One entry of the shared cache. Times are in whole seconds. */
export interface Entry extends Circumstances {
  /** Empty where another plugin printed a client certificate alone. */
  readonly token: string;
  /** Only of what another plugin printed. */
  readonly certificate?: ClientCertificate | undefined;
}

/** What every entry of ours begins with, whatever its version. */
export const ENTRY_HEAD = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","ekspress":"';

/** Unix time until which clients are told. */
export function toldUntil({ minted, life }: Circumstances): number {
  return minted + life;
}

/** That moment in the second resolution of an ExecCredential. */
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
  return `${ENTRY_HEAD}${formatCircumstances(entry)}","spec":{},"status":${status}}\n`;
}

/** Of what JSON escapes, PEM has line breaks only. */
function escaped(pem: string): string {
  return pem.replaceAll('\n', '\\n');
}

/** The field of ours, in the order of docs/cache-format.md. */
export function formatCircumstances(entry: Circumstances): string {
  const { uptimeMinted, life } = entry;
  const words = [entry.command, entry.hostName, entry.bootId].map((word) =>
    word === undefined ? '-' : encodeText(word),
  );
  const sources = entry.sources.flatMap(formatSource);
  const encoded = [entry.identity, ...words, ...sources].some((field) => field.includes('%'));
  const [command, host, boot] = words;
  return [
    FORMAT_VERSION,
    entry.identity,
    command,
    formatFlags(encoded ? 'node' : entry.precision, entry.unattended),
    host,
    boot,
    uptimeMinted ?? '-',
    uptimeMinted === undefined ? '-' : uptimeMinted + life,
    entry.minted,
    toldUntil(entry),
    life,
    timestamp(toldUntil(entry)),
    ...sources,
  ].join(';');
}

function formatFlags(precision: Precision, unattended: boolean): string {
  const letter = { node: 'n', fine: 'r', whole: '' }[precision];
  return `${letter}${unattended ? 'u' : ''}` || '-';
}

function formatSource({ path, mtimeNs, target }: Source): string[] {
  const stamp = `${mtimeNs ?? '-'}=${encodeText(path)}`;
  // A path may hold a `=`, so the target stands in a field of its own, before the one it belongs to.
  return target === undefined ? [stamp] : [`@=${encodeText(target)}`, stamp];
}
