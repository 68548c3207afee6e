import { createHash } from 'node:crypto';
import { isMapping } from '../../system/mapping.ts';
import { shellPath } from '../../text/shell-word.ts';
import type { ExecValue, OriginalWords } from './edit-values.ts';

/** How every installHint of ekspress begins, in all versions. */
const BEGINNING = 'ekspress-exec is missing.';

/** The way back on Windows. */
const WITHOUT_US =
  'To undo the change in this kubeconfig, where ekspress is installed: ekspress revert --all. Where it is not: aws eks update-kubeconfig writes the user again, or take the file from its backup beside the missing program';

/** The facts that a revert needs and that the stanza does not show. */
export interface HintNotes {
  /** Whether interactiveMode was added. */
  readonly addedMode?: boolean;
  /** Whether words for the ekspress script stand before the original command. */
  readonly hints?: boolean;
  /** Whether the stanza names the program for Windows, which sh cannot replace. */
  readonly windows?: boolean;
  readonly kept?: KeptStanza | undefined;
}

/** The original stanza, kept if it cannot be derived from the applied one. */
export interface KeptStanza {
  /** The text of the value of `exec` in the file. */
  readonly text: string;
  /** {@link fingerprint} of the original stanza and of the applied one. */
  readonly was: string;
  readonly became: string;
  /** The words of the original command, if the applied stanza does not hold them. */
  readonly words?: OriginalWords | undefined;
  /** The original installHint, which that of ekspress has replaced. */
  readonly hint?: string | undefined;
}

/**
 * The installHint, which kubectl shows if it does not find the command. It says how to run the original command without
 * ekspress, and how to undo the change. It stays in kubeconfigs for years, so it names only programs of the machine: the
 * name of a package could belong to another owner by then.
 */
export function installHint(script: string, notes: HintNotes = {}): string {
  const added = notes.addedMode ? ' (interactiveMode was added)' : '';
  const kept = notes.kept === undefined ? '' : ` (original ${encode(notes.kept)})`;
  if (notes.windows) return `${BEGINNING} ${WITHOUT_US}${added}${kept}`;
  const folder = script.slice(0, script.lastIndexOf('/'));
  const put = notes.hints
    ? `printf '%s\\n' '#!/bin/sh' 'while :; do case $1 in --key-env) shift 2 ;; --) shift ;; *) exec "$@" ;; esac; done' > ${shellPath(script, 'linux')} && chmod 755 ${shellPath(script, 'linux')}`
    : `ln -sf /usr/bin/env ${shellPath(script, 'linux')}`;
  const runAgain = `mkdir -p ${shellPath(folder, 'linux')} && ${put}`;
  const lines = [
    `${BEGINNING} To run the original command in its place: ${runAgain}`,
    'To undo the change in this kubeconfig, where ekspress is installed: ekspress revert --all',
  ];
  return `${lines.join('. ')}${added}${kept}`;
}

/** The notes in an installHint. Undefined if ekspress has not written it. */
export function readHint(hint: unknown): HintNotes | undefined {
  if (typeof hint !== 'string' || !hint.startsWith(BEGINNING)) return undefined;
  const encoded = /\(original ([A-Za-z0-9_-]+)\)/.exec(hint)?.[1];
  const kept = encoded === undefined ? undefined : decode(encoded);
  return { addedMode: hint.includes('(interactiveMode was added)'), kept };
}

/**
 * Identifies the content of a stanza, to see whether it was changed since it was applied. It does not depend on the path
 * of the script, nor on the defaults that kubectl adds when it writes a file.
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
    const env = 'env' in words && { env: Array.isArray(words.env) ? words.env : null };
    return { ...kept, words: { command: words.command, args: words.args, ...env } };
  } catch {
    return undefined;
  }
}

/** The value as JSON with the keys of every mapping sorted. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isMapping(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
