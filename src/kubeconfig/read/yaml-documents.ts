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

/** Where the parser found something: a position, a range or a token. */
type Source = number | readonly number[] | { readonly offset: number };

/**
 * Parses a stream of YAML documents up to its first error: a text that is not YAML may have an error in each of its lines,
 * and each takes more memory than the line.
 */
export function documentsOf(
  text: string,
  options: YAML.ParseOptions & YAML.DocumentOptions & YAML.SchemaOptions,
): { readonly documents: readonly YAML.Document.Parsed[]; readonly error: YAML.YAMLError | undefined } {
  const { Composer, Parser, YAMLParseError } = loadYAML();
  const composer = new Composer({ ...options, customTags: refuseCollectionTags });
  let first: YAML.YAMLParseError | undefined;
  Object.assign(composer, {
    onError(source: Source, code: YAML.ErrorCode, message: string, warning?: boolean) {
      if (warning) return;
      // The composer catches what a part of a collection throws, and reports it as an error of the collection.
      first ??= new YAMLParseError([startOf(source), startOf(source)], code, message);
      throw first;
    },
  });
  const tokens = new Parser(options.lineCounter?.addNewLine).parse(text);
  try {
    const documents = Array.from(composer.compose(tokens)) as YAML.Document.Parsed[];
    return { documents, error: documents.flatMap(({ errors }) => errors)[0] };
  } catch (error) {
    if (first === undefined) throw error;
    return { documents: [], error: first };
  }
}

function startOf(source: Source): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : (source[0] ?? 0);
}
