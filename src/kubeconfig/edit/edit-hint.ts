import { createHash } from 'node:crypto';
import { isMapping } from '../../system/mapping.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { ExecValue, OriginalWords } from './edit-values.ts';

/** How every installHint of ours begins, whatever its version. */
const BEGINNING = 'ekspress-exec is missing.';

/** What reverting has to know beyond the stanza itself. */
export interface HintNotes {
  /** interactiveMode was added. */
  readonly addedMode?: boolean;
  /** Words for our script alone stand before the original command. */
  readonly hints?: boolean;
  readonly kept?: KeptStanza | undefined;
}

/** The stanza as it was, where it cannot be read off from what it has become. */
export interface KeptStanza {
  /** The value of `exec`, as it stood in the file. */
  readonly text: string;
  /** {@link fingerprint} of it, read alone, and of what it has become. */
  readonly was: string;
  readonly became: string;
  /** The words of the original, where the new ones do not say them. */
  readonly words?: OriginalWords | undefined;
  /** Its own installHint, which ours has taken the place of. */
  readonly hint?: string | undefined;
}

/**
 * kubectl shows the installHint where it does not find the command: it says how the original command runs again
 * without ekspress, and how the stanza gets back what it was. It stays in kubeconfigs for years, so it names only what is
 * on the machine: a package that a registry would be asked for could be another person's by then.
 */
export function installHint(script: string, notes: HintNotes = {}): string {
  const folder = script.slice(0, script.lastIndexOf('/'));
  const put = notes.hints
    ? `printf '%s\\n' '#!/bin/sh' 'while :; do case $1 in --key-env) shift 2 ;; --) shift ;; *) exec "$@" ;; esac; done' > ${shellWord(script)} && chmod 755 ${shellWord(script)}`
    : `ln -sf /usr/bin/env ${shellWord(script)}`;
  const runAgain = `mkdir -p ${shellWord(folder)} && ${put}`;
  const lines = [
    `${BEGINNING} To run the original command in its place: ${runAgain}`,
    'To undo the change in this kubeconfig, where ekspress is installed: ekspress revert --all',
  ];
  const added = notes.addedMode ? ' (interactiveMode was added)' : '';
  const kept = notes.kept === undefined ? '' : ` (original ${encode(notes.kept)})`;
  return `${lines.join('. ')}${added}${kept}`;
}

/** What an installHint says, if it is ours. */
export function readHint(hint: unknown): HintNotes | undefined {
  if (typeof hint !== 'string' || !hint.startsWith(BEGINNING)) return undefined;
  const encoded = /\(original ([A-Za-z0-9_-]+)\)/.exec(hint)?.[1];
  const kept = encoded === undefined ? undefined : decode(encoded);
  return { addedMode: hint.includes('(interactiveMode was added)'), kept };
}

/**
 * Tells whether somebody has changed a stanza since it was applied. Where the script lies does not count, nor do the
 * defaults that kubectl writes out whenever it writes a file.
 */
export function fingerprint(exec: ExecValue): string {
  const { installHint: _hint, command: _command, ...rest } = exec;
  const said = Object.entries(rest).filter(([key, value]) => !isDefault(key, value));
  return createHash('sha256')
    .update(canonical(Object.fromEntries(said)))
    .digest('hex')
    .slice(0, 16);
}

function isDefault(key: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  if (key === 'interactiveMode') return value === 'IfAvailable';
  return Array.isArray(value) && value.length === 0;
}

function encode({ text, was, became, words, hint }: KeptStanza): string {
  return Buffer.from(JSON.stringify({ text, was, became, words, hint })).toString('base64url');
}

function decode(encoded: string): KeptStanza | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    if (!isMapping(value)) return undefined;
    const { text, was, became, words, hint } = value;
    if (typeof text !== 'string' || typeof was !== 'string' || typeof became !== 'string') return undefined;
    const kept = { text, was, became, ...(typeof hint === 'string' && { hint }) };
    if (!isMapping(words) || !Array.isArray(words.args)) return kept;
    return { ...kept, words: { command: words.command, args: words.args } };
  } catch {
    return undefined;
  }
}

/** JSON with the keys of every mapping in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isMapping(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
