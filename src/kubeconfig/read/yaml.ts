import type * as YAML from 'yaml';
import { EKSAuthError } from '../../errors.ts';
import { own, sentence } from '../../text/sentence.ts';
import loadYAML from './load-yaml.cjs';
import { plainValue } from './plain-scalar.ts';
import { inFile, remedyAt } from './text-remedy.ts';
import {
  COLLECTION_TAG,
  documentsOf,
  MAX_DEPTH,
  MAX_DOCUMENTS,
  TOO_DEEP,
  TOO_MANY_DOCUMENTS,
} from './yaml-documents.ts';

/** How many aliases a text may have. In kubeconfigs written by hand a few users share an exec stanza. */
const MAX_ALIASES = 1_000;

/** Descriptions of syntax errors that do not quote the text, which may hold a token. */
const WORDS: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a malformed alias (*name) or anchor (&name)',
  BAD_DQ_ESCAPE: 'an escape that YAML does not know in a double-quoted string',
  BAD_INDENT: 'wrong indentation',
  BAD_SCALAR_START: 'a value that starts with a character that YAML reserves: quote it',
  BLOCK_AS_IMPLICIT_KEY: 'a second "key: value" on the same line: quote the value, or begin a new line',
  BLOCK_IN_FLOW: 'block style inside brackets',
  DUPLICATE_KEY: 'a key that is defined twice',
  MISSING_CHAR: 'a missing character: a bracket or quote that is not closed, or no space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a key over several lines, or no colon after a key',
  TAB_AS_INDENT: 'a tab as indentation: use spaces',
  UNEXPECTED_TOKEN: 'something that does not belong there',
};

/**
 * The value of a YAML (or JSON) document, without anchors and tags, as kubectl reads it.
 * @throws EKSAuthError INVALID_KUBECONFIG with line and column. It never quotes the text
 */
export function parseYAML(text: string, place: string): unknown {
  const document = parseDocument(text, place, readAsKubectl);
  return document && toValue(document, place);
}

/**
 * A YAML (or JSON) document with the positions of its parts, within the limits of a kubeconfig; undefined for a text without one.
 * @param visit called with each scalar that is not a key
 * @throws EKSAuthError INVALID_KUBECONFIG with line and column. It never quotes the text
 */
export function parseDocument(
  text: string,
  place: string,
  visit?: (scalar: YAML.Scalar) => void,
): YAML.Document.Parsed | undefined {
  const { LineCounter } = loadYAML();
  refuseOddBreaks(text, place);
  const lineCounter = new LineCounter();
  // YAML 1.2 as client-node's loader reads it, with the merge keys (<<) of 1.1. The parser's own search for duplicate
  // keys takes quadratic time, so checkNodes does it.
  const options = { lineCounter, prettyErrors: false, merge: true, uniqueKeys: false, logLevel: 'silent' } as const;
  const { documents, error } = documentsOf(text, options);
  if (error) throw syntaxError(error, lineCounter, place);
  const [document, second] = documents;
  if (document) checkNodes(document.contents, lineCounter, place, visit);
  if (second) {
    const { line } = lineCounter.linePos(second.range[0]);
    throw new EKSAuthError('INVALID_KUBECONFIG', sentence`${own(place)} holds ${documents.length} YAML documents.`, {
      remedy: sentence`Keep one of them; the second begins near line ${line}.`,
    });
  }
  return document;
}

/**
 * The value of a document of {@link parseDocument}.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function toValue(document: YAML.Document, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    // Merge keys (<<) take mappings only. The parser has already reported a value that is too deep.
    if (!(error instanceof ReferenceError)) throw notMergeable(place);
    throw error.message.startsWith('Excessive') ? tooManyAliases(place) : aliasWithoutAnchor(place);
  }
}

/** The line breaks of kubectl's YAML 1.1 that this parser takes for part of a line. */
const ODD_BREAK = /\r(?!\n)|[\u0085\u2028\u2029]/;

/**
 * Refuses a text in which kubectl sees more lines than this parser: what is a comment to one is a command to the other.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function refuseOddBreaks(text: string, place: string): void {
  const found = ODD_BREAK.exec(text);
  if (!found) return;
  const line = text.slice(0, found.index).split('\n').length;
  const code = `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  const message = sentence`${own(place)}:${line} has a line break that most editors do not show (${own(code)}).`;
  throw new EKSAuthError('INVALID_KUBECONFIG', message, {
    remedy: sentence`Write a new line or a space in its place in line ${line}. In double quotes it can stand as an escape.`,
  });
}

/** More values than any kubeconfig has: 10,000 clusters take 400,000. */
const MAX_NODES = 1_000_000;
/** The most values that aliases may repeat: 1,000 aliases of 20,000 values. */
const MAX_REPEATED = 20_000_000;
/** More fields than any mapping of a kubeconfig has. */
const MAX_KEYS = 10_000;

/**
 * Refuses keys that stand twice in a mapping, and more values, keys or aliases than a kubeconfig has. Looks up the anchors
 * of aliases: the parser would search the whole text for each.
 */
function checkNodes(
  contents: unknown,
  lineCounter: YAML.LineCounter,
  place: string,
  visit?: (scalar: YAML.Scalar) => void,
): void {
  const { isAlias, isCollection, isMap, isNode, isPair, isScalar } = loadYAML();
  // In the order of the text: an alias means the last anchor of its name before it.
  const anchors = new Map<string, YAML.Node>();
  const keys = new Set<unknown>();
  let aliases = 0;
  let count = 0;
  const open: unknown[] = [contents];
  for (; open.length > 0; count += 1) {
    if (count > MAX_NODES) throw tooMuch(place, `more than ${MAX_NODES} values`);
    const node = open.pop();
    if (isPair(node)) {
      open.push(node.value, node.key);
      keys.add(node.key);
    }
    if (isAlias(node)) {
      aliases += 1;
      if (aliases > MAX_ALIASES) throw tooManyAliases(place);
      lookUpOnce(node, anchors.get(node.source));
    } else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node) && !keys.delete(node)) visit?.(node);
    if (!isCollection(node)) continue;
    for (const item of node.items.toReversed()) open.push(item);
    if (!isMap(node)) continue;
    if (node.items.length > MAX_KEYS) throw tooMuch(place, `a mapping of more than ${MAX_KEYS} keys`);
    const seen = new Set<unknown>();
    for (const { key } of node.items) {
      if (!isScalar(key) || key.value === '<<') continue;
      if (seen.has(key.value)) {
        const { line, col } = lineCounter.linePos(key.range?.[0] ?? 0);
        throw notYAML(place, line, col, WORDS.DUPLICATE_KEY);
      }
      seen.add(key.value);
    }
  }
  if (aliases * count > MAX_REPEATED) throw tooManyAliases(place);
}

/** Gives a value its meaning in kubectl, which reads unquoted words and some tags by YAML 1.1. */
function readAsKubectl(scalar: YAML.Scalar): void {
  const { tag, type, source } = scalar;
  if (source === undefined) return;
  if (tag === undefined) {
    if (type === 'PLAIN') scalar.value = plainValue(source);
  } else if (tag === 'tag:yaml.org,2002:binary') scalar.value = Buffer.from(source, 'base64').toString('utf8');
}

/** Gives an alias its anchor, so that the parser does not search for it. */
function lookUpOnce(alias: YAML.Alias, anchor: YAML.Node | undefined): void {
  const { resolve } = alias;
  alias.resolve = (document, context) => {
    if (context === undefined) return anchor as ReturnType<typeof resolve>;
    context.aliasResolveCache = anchor === undefined ? [] : [anchor];
    return resolve.call(alias, document, context);
  };
}

function tooMuch(place: string, what: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', sentence`${own(place)} has ${own(what)}, which no kubeconfig has.`, {
    remedy: remedyAt(
      place,
      own(
        `Keep only the contexts that you need: \`kubectl config view --minify --flatten --context NAME${inFile(place)}\`.`,
      ),
      own(
        'Have its author send only the contexts that are needed: `kubectl config view --minify --flatten --context NAME`.',
      ),
    ),
  });
}

function tooManyAliases(place: string): EKSAuthError {
  return new EKSAuthError(
    'INVALID_KUBECONFIG',
    sentence`${own(place)} repeats its aliases (*name) more than a kubeconfig does.`,
    {
      remedy: 'Write the values out, and ask the author of this kubeconfig why it repeats them.',
    },
  );
}

function notMergeable(place: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', sentence`${own(place)} merges (<<) something that is not a mapping.`, {
    remedy: 'Write the fields out in place of the merge key.',
  });
}

function aliasWithoutAnchor(place: string): EKSAuthError {
  const message = sentence`${own(place)} has an alias (*name) whose anchor (&name) does not stand before it.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy: 'Write the value out in place of the alias.' });
}

function syntaxError(error: YAML.YAMLError, lineCounter: YAML.LineCounter, place: string): EKSAuthError {
  const { line, col } = lineCounter.linePos(error.pos[0]);
  if (error.message === TOO_MANY_DOCUMENTS) return tooMuch(place, `more than ${MAX_DOCUMENTS} documents`);
  if (error.message === TOO_DEEP) return tooMuch(place, `values nested deeper than ${MAX_DEPTH} levels`);
  if (error.message === COLLECTION_TAG) return collectionTag(place, line, col);
  return notYAML(place, line, col, WORDS[error.code]);
}

function collectionTag(place: string, line: number, col: number): EKSAuthError {
  const message = sentence`${own(place)}:${line}:${col} has a tag (!!omap, !!pairs or !!set) that kubeconfigs do not use.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, {
    remedy: remedyAt(
      place,
      sentence`Remove the tag in line ${line}: kubectl reads the same value without it.`,
      sentence`Have its author remove the tag in line ${line}: kubectl reads the same value without it.`,
    ),
  });
}

function notYAML(place: string, line: number, col: number, what = 'something that is not YAML'): EKSAuthError {
  const message = sentence`${own(place)}:${line}:${col} is not valid YAML: ${own(what)}.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, {
    remedy: remedyAt(
      place,
      own(`Correct line ${line}; \`kubectl config view${inFile(place)}\` must accept the file.`),
      sentence`Check that the whole text was passed, with its line breaks and blanks. Else have its author correct line ${line}.`,
    ),
  });
}
