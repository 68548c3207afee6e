import { isDeepStrictEqual } from 'node:util';
import { OUR_PLUGIN, type PluginHints, readHints } from '../../plugin/plugin-hints.ts';
import { isPortable, PORTABLE_WORDS, programName } from '../../plugin/portable-script.ts';
import { isMapping } from '../../system/mapping.ts';
import { fingerprint, installHint, type KeptStanza, readHint } from './edit-hint.ts';
import { applyInPlace } from './edit-in-place.ts';
import { restoreInPlace } from './edit-restore.ts';
import { parseStanza, type StanzaDocument, type StanzaText } from './edit-stanza-text.ts';
import {
  appliedValue,
  type ExecValue,
  missingInteractiveMode,
  type OriginalWords,
  type StanzaChange,
  type StanzaVariable,
  wordsOf,
} from './edit-values.ts';

/** How a stanza calls ekspress. */
export interface PluginCall {
  readonly command: string;
  readonly leading: readonly string[];
  /** The path of the script in an installHint. */
  readonly script: string;
  /** Whether the stanza needs an installHint. With `sh` as its command it does not. */
  readonly hinted: boolean;
  /** Variables that the stanza sets for the plugin. Only the form for Windows has some. */
  readonly variables?: readonly StanzaVariable[] | undefined;
}

/** Variables for a Node that is the plugin itself: nothing may load other code into it. */
const FOR_NODE: readonly StanzaVariable[] = [{ name: 'NODE_OPTIONS', value: '' }];

/** The call of the program that is installed on Windows: a copy of Node, which runs one file. */
export function windowsCall(plugin: string, program: string): PluginCall {
  return { command: plugin, leading: [program], script: plugin, hinted: true, variables: FOR_NODE };
}

/** The call of the installed script, or the portable call, which also works where ekspress is not installed. */
export function pluginCall(script: string, shownAs: string, portable: boolean): PluginCall {
  return portable
    ? { command: 'sh', leading: PORTABLE_WORDS, script: shownAs, hinted: false }
    : { command: script, leading: [], script: shownAs, hinted: true };
}

function portable({ hinted }: PluginCall): boolean {
  return !hinted;
}

/** How many words stand before the original command in an applied stanza. Undefined for every other stanza. */
export function leadingWords(exec: ExecValue): number | undefined {
  const { command, args } = wordsOf(exec);
  if (typeof command !== 'string') return undefined;
  if (isPortable({ command, args })) return PORTABLE_WORDS.length;
  return programName(command) === OUR_PLUGIN ? args.length - hintsOf(args).words.length : undefined;
}

/** Whether a stanza calls ekspress-exec with `<cluster> <region> [profile]` instead of an original command. */
export function isByHand(exec: ExecValue): boolean {
  const { command, args } = wordsOf(exec);
  const { words, dashes } = hintsOf(args);
  const [cluster = '', region = '', ...rest] = words;
  return (
    typeof command === 'string' &&
    programName(command) === OUR_PLUGIN &&
    !dashes &&
    rest.length <= 1 &&
    !cluster.startsWith('-') &&
    /^[^-].*-.*-[0-9]{1,2}$/.test(region)
  );
}

/** The hints for the ekspress plugin among the words of a stanza. */
export function hintsOf(args: readonly unknown[]): PluginHints {
  return readHints(args.map((word) => (typeof word === 'string' ? word : '')));
}

/**
 * The stanza with the change applied: the original command becomes part of `args`, and ekspress becomes the command.
 * The stanza is edited in place if the original can be derived from the result. Otherwise it is rewritten, and the
 * installHint keeps its old text.
 * @param value - the stanza as the whole file has it
 * @returns undefined if neither is certain to be reversible
 */
export function applyToStanza(
  stanza: StanzaText,
  value: ExecValue,
  call: PluginCall,
  original?: OriginalWords,
): string | undefined {
  const addedMode = missingInteractiveMode(value) !== undefined;
  const { command, leading, script, hinted, variables } = call;
  const change = { command, leading, original, variables };
  const windows = variables !== undefined;
  const hints = !portable(call) && leading.length > 0;
  const plain = hinted || addedMode ? installHint(script, { addedMode, hints, windows }) : undefined;
  if (original === undefined && !windows) {
    const edited = checked(stanza, applyInPlace(stanza, { ...change, hint: plain }), { ...change, hint: plain });
    if (edited !== undefined) return edited;
  }
  const alone = parseStanza(stanza);
  if (!alone) return undefined;
  const kept: KeptStanza = {
    text: stanza.text.slice(valueStart(alone)),
    was: fingerprintOf(alone.value),
    became: fingerprint(appliedValue(value, change)),
    ...(original && { words: wordsOf(value) }),
    // The variables that this form adds cannot be told from others of the same name.
    ...(windows && { words: { ...wordsOf(value), env: Array.isArray(value.env) ? value.env : null } }),
    ...(typeof value.installHint === 'string' && { hint: value.installHint }),
  };
  const hint = installHint(script, { addedMode, kept, hints, windows });
  const runsArgs = original && isDeepStrictEqual([original.command, ...original.args], wordsOf(value).args);
  if (runsArgs && leading.length === 0 && !windows) {
    const edited = checked(stanza, applyInPlace(stanza, { ...change, hint }), { ...change, hint });
    if (edited !== undefined) return edited;
  }
  const { installHint: _theirs, ...rest } = value;
  const whole = appliedValue(rest, { ...change, hint });
  const edited = stanza.text.slice(0, stanza.text.length - kept.text.length) + JSON.stringify(whole);
  const back = restoreStanza({ ...stanza, text: edited });
  return back === stanza.text ? edited : undefined;
}

/** The edit, if it has the expected value and restoring it gives exactly the original text. */
function checked(stanza: StanzaText, edited: string | undefined, change: StanzaChange): string | undefined {
  if (edited === undefined) return undefined;
  const before = parseStanza(stanza)?.value;
  const after = parseStanza({ ...stanza, text: edited })?.value;
  if (!isMapping(before) || !isDeepStrictEqual(after, appliedValue(before, change))) return undefined;
  return restoreStanza({ ...stanza, text: edited }) === stanza.text ? edited : undefined;
}

/**
 * The original of an applied stanza, as `revert` writes it back: from the text that the installHint keeps, else from
 * the stanza itself.
 * @param kept - whether the text that the installHint keeps may be used
 * @returns undefined if the stanza is not an applied one, or has been changed since
 */
export function restoreStanza(stanza: StanzaText, kept = true): string | undefined {
  const parsed = parseStanza(stanza);
  if (!parsed || !isMapping(parsed.value)) return undefined;
  const { value } = parsed;
  const leading = leadingWords(value);
  if (leading === undefined) return undefined;
  const note = readHint(value.installHint)?.kept;
  if (note === undefined) return restoreInPlace(stanza, leading);
  const drifted = note.became !== fingerprint(value);
  if (kept && !drifted) {
    const text = stanza.text.slice(0, valueStart(parsed)) + note.text;
    const restored = parseStanza({ ...stanza, text });
    if (restored && fingerprintOf(restored.value) === note.was) return text;
  }
  if (note.words === undefined && note.hint === undefined) return restoreInPlace(stanza, leading);
  if (drifted) return undefined;
  // The old text no longer fits into the file, but its value does.
  const [command, ...args] = wordsOf(value).args.slice(leading);
  const { installHint: _ours, interactiveMode, ...rest } = value;
  const said = {
    ...rest,
    ...(readHint(value.installHint)?.addedMode ? {} : { interactiveMode }),
    ...(note.words ?? { command, args }),
    ...(note.hint !== undefined && { installHint: note.hint }),
  };
  return stanza.text.slice(0, valueStart(parsed)) + JSON.stringify(said);
}

/** The start of the value in the stanza's text. */
function valueStart({ node, offset }: StanzaDocument): number {
  return (node.range?.[0] ?? offset) - offset;
}

function fingerprintOf(value: unknown): string {
  return fingerprint({ value });
}
