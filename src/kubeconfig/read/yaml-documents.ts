import type * as YAML from 'yaml';
import loadYAML from './load-yaml.cjs';

/** What the error of a refused tag says. */
export const COLLECTION_TAG = 'a tag of a collection';

/**
 * Refuses the tags of YAML 1.1 for sets and ordered mappings: the parser's own `!!omap` takes quadratic time. kubectl reads
 * a collection as if it had none of them.
 */
export const refuseCollectionTags = (tags: YAML.Tags): YAML.Tags => [
  ...tags,
  ...['omap', 'pairs', 'set'].flatMap((name) =>
    (['map', 'seq'] as const).map((collection) => ({
      tag: `tag:yaml.org,2002:${name}`,
      collection,
      resolve(value: YAML.YAMLMap.Parsed | YAML.YAMLSeq.Parsed, onError: (message: string) => void) {
        onError(COLLECTION_TAG);
        return value;
      },
    })),
  ),
];

/** More documents than any file with kubeconfigs has. */
export const MAX_DOCUMENTS = 1_000;

/** What the error of a text with more documents says. */
export const TOO_MANY_DOCUMENTS = 'too many documents';

/** More levels than any kubeconfig has. The parser calls itself at each level: a few thousand end its stack. */
export const MAX_DEPTH = 400;

/** What the error of a text with more levels says. */
export const TOO_DEEP = 'too deep';

/** Where the parser found something: a position, a range or a token. */
type Source = number | readonly number[] | { readonly offset: number };

/**
 * Parses a stream of YAML documents up to its first error or its thousandth document: a text that is not YAML may have an
 * error in each of its lines, and an error or a document takes more memory than a line. Nothing else in ekspress calls the
 * parser.
 */
export function documentsOf(
  text: string,
  options: YAML.ParseOptions & YAML.DocumentOptions & YAML.SchemaOptions,
): { readonly documents: readonly YAML.Document.Parsed[]; readonly error: YAML.YAMLError | undefined } {
  const { Composer, YAMLParseError } = loadYAML();
  const composer = new Composer({ ...options, customTags: refuseCollectionTags });
  let first: YAML.YAMLParseError | undefined;
  const stop: Stop = (source, code, message) => {
    // The composer catches what a part of a collection throws, and reports it as an error of the collection.
    first ??= new YAMLParseError([startOf(source), startOf(source)], code, message);
    throw first;
  };
  Object.assign(composer, {
    onError(source: Source, code: YAML.ErrorCode, message: string, warning?: boolean) {
      if (!warning) stop(source, code, message);
    },
  });
  try {
    const documents = Array.from(composer.compose(tokensOf(text, options.lineCounter, stop))) as YAML.Document.Parsed[];
    return { documents, error: documents.flatMap(({ errors }) => errors)[0] };
  } catch (error) {
    if (first === undefined) throw error;
    return { documents: [], error: first };
  }
}

type Stop = (source: Source, code: YAML.ErrorCode, message: string) => never;

/** The tokens up to the first error. The composer would collect errors, and the ends (`...`) of documents that do not begin. */
function* tokensOf(text: string, lineCounter: YAML.LineCounter | undefined, stop: Stop): Generator<YAML.CST.Token> {
  let [starts, ends] = [0, 0];
  for (const token of parsed(text, lineCounter, stop)) {
    if (token.type === 'error') stop(token, 'UNEXPECTED_TOKEN', token.message);
    if (token.type === 'document') starts += 1;
    if (token.type === 'doc-end') ends += 1;
    if (Math.max(starts, ends) > MAX_DOCUMENTS) stop(token, 'MULTIPLE_DOCS', TOO_MANY_DOCUMENTS);
    yield token;
  }
}

/** What `Parser.parse` yields, with a limit on its stack. */
function* parsed(text: string, lineCounter: YAML.LineCounter | undefined, stop: Stop): Generator<YAML.CST.Token> {
  const { Lexer, Parser } = loadYAML();
  const parser = new Parser(lineCounter?.addNewLine);
  lineCounter?.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) stop(parser.offset, 'RESOURCE_EXHAUSTION', TOO_DEEP);
  }
  yield* parser.end();
}

function startOf(source: Source): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : (source[0] ?? 0);
}
