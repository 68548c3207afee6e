import { FORMAT_VERSION, TELL_LIFE_SECONDS, TOKEN_CHARACTERS } from './rules.ts';
import { decodeText, encodeText } from './safe-text.ts';

/** A file whose content decided the token. */
export interface Source {
  readonly path: string;
  /** Its mtime in nanoseconds when it was read; undefined if there was no such file. */
  readonly mtimeNs: bigint | undefined;
  /** Where `path` led then; set only where mtimes say nothing (a store that dates every file alike). */
  readonly target?: string;
}

/** One entry of the shared cache, as it is written down. Times are in whole seconds. */
export interface Entry {
  readonly identity: string;
  /** The command word that printed the token; undefined if it was minted in-process, whatever the command is called. */
  readonly command: string | undefined;
  /** Minting it again needs no person and runs no foreign program. */
  readonly unattended: boolean;
  /** How far a reader that compares mtimes only may go: `whole` if whole seconds suffice, `fine` if they do not. */
  readonly precision: 'whole' | 'fine' | 'node';
  /** Only processes of this host may use it. */
  readonly hostName: string | undefined;
  readonly bootId: string | undefined;
  /** Uptime at the mint; undefined where the writer had none to trust. */
  readonly uptimeMinted: number | undefined;
  /** Unix time of X-Amz-Date. */
  readonly minted: number;
  /** Seconds from there until which clients are told. */
  readonly life: number;
  readonly sources: readonly Source[];
  readonly token: string;
}

/** What every entry of ours begins with, whatever its version. */
export const ENTRY_HEAD =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","ekspress":"';
const TOKEN = `[${TOKEN_CHARACTERS.replaceAll('-', '')}-]+`;
const TAIL = new RegExp(`^([^"]*)","spec":{},"status":{"expirationTimestamp":"([^"]*)","token":"(${TOKEN})"}}$`);

/** The moment that clients are told, in the second resolution of an ExecCredential. */
export function toldUntil(entry: Entry): Date {
  return new Date((entry.minted + entry.life) * 1000);
}

/** The one line of an entry, its newline included. */
export function formatEntry(entry: Entry): string {
  const fields = [
    encodeText(entry.command ?? '-'),
    '',
    entry.hostName === undefined ? '-' : encodeText(entry.hostName),
    entry.bootId ?? '-',
    entry.uptimeMinted ?? '-',
    entry.uptimeMinted === undefined ? '-' : entry.uptimeMinted + entry.life,
    entry.minted,
    entry.minted + entry.life,
    entry.life,
    timestamp(entry),
    ...entry.sources.flatMap(formatSource),
  ];
  const encoded = [entry.identity, ...fields].some((field) => `${field}`.includes('%'));
  fields[1] = formatFlags(encoded ? { ...entry, precision: 'node' } : entry);
  const meta = [FORMAT_VERSION, entry.identity, ...fields].join(';');
  return `${ENTRY_HEAD}${meta}","spec":{},"status":{"expirationTimestamp":"${timestamp(entry)}","token":"${entry.token}"}}\n`;
}

/** The entry in the text of a file, or undefined if it is none of this format: cut off, damaged, another version. */
export function parseEntry(text: string): Entry | undefined {
  const end = text.indexOf('\n');
  if (end === -1 || !text.startsWith(ENTRY_HEAD)) return undefined;
  const [, meta, expiration, token] = TAIL.exec(text.slice(ENTRY_HEAD.length, end)) ?? [];
  if (meta === undefined || token === undefined) return undefined;
  const [version, identity, command, flags, host, boot, up, upEnd, mintedAt, endsAt, lasts, told, ...rest] =
    meta.split(';');
  const [minted, until, life] = [wholeNumber(mintedAt), wholeNumber(endsAt), wholeNumber(lasts)];
  const uptimeMinted = wholeNumber(up);
  const sources = rest.reduce(addSource, []);
  const precision = parsePrecision(flags);
  const fieldsAreSound =
    version === `${FORMAT_VERSION}` &&
    identity !== undefined &&
    command !== undefined &&
    host !== undefined &&
    boot !== undefined &&
    told === expiration &&
    sources !== undefined &&
    precision !== undefined;
  if (!fieldsAreSound || minted === undefined || until === undefined || life === undefined) return undefined;
  const timesAgree =
    life <= TELL_LIFE_SECONDS &&
    until - minted === life &&
    (uptimeMinted === undefined ? up === '-' && upEnd === '-' : wholeNumber(upEnd) === uptimeMinted + life);
  if (!timesAgree) return undefined;
  return {
    identity,
    command: command === '-' ? undefined : (decodeText(command) ?? ''),
    unattended: flags?.includes('u') ?? false,
    precision,
    hostName: host === '-' ? undefined : (decodeText(host) ?? ''),
    bootId: boot === '-' ? undefined : boot,
    uptimeMinted,
    minted,
    life,
    sources,
    token,
  };
}

function timestamp(entry: Entry): string {
  return `${toldUntil(entry).toISOString().slice(0, 19)}Z`;
}

/** `n`: no mtime comparison of a shell can be trusted. `r`: only one finer than seconds. `u`: unattended. */
function formatFlags(entry: Entry): string {
  const precision = { node: 'n', fine: 'r', whole: '' }[entry.precision];
  return `${precision}${entry.unattended ? 'u' : ''}` || '-';
}

function parsePrecision(flags: string | undefined): Entry['precision'] | undefined {
  if (flags === undefined || !/^(-|[nr]?u|[nr])$/.test(flags)) return undefined;
  if (flags.startsWith('n')) return 'node';
  return flags.startsWith('r') ? 'fine' : 'whole';
}

function formatSource({ path, mtimeNs, target }: Source): string[] {
  const fields = [`${mtimeNs ?? '-'}=${encodeText(path)}`];
  // `=` may stand in a path, so the target comes in a field of its own, before the path it belongs to.
  if (target !== undefined) fields.unshift(`@=${encodeText(target)}`);
  return fields;
}

function wholeNumber(field: string | undefined): number | undefined {
  return field !== undefined && /^[1-9]\d{0,11}$/.test(field) ? Number(field) : undefined;
}
