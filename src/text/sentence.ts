import { ForeignText, forModel, forTerminal, isPlainName, NOT_SHOWN } from './foreign-text.ts';
import { shellWord } from './shell-word.ts';

/** What a {@link sentence} may hold: text is always a name from outside. */
export type SentencePart = string | number | Sentence | ForeignText;

let partsOf: (given: Sentence) => {
  readonly ours: readonly string[];
  readonly parts: readonly SentencePart[];
  readonly quoted: boolean;
};

/**
 * A sentence of ekspress that holds names and texts of others. The two are kept apart, so that each reader gets its own
 * form.
 */
export class Sentence {
  readonly #ours: readonly string[];
  readonly #parts: readonly SentencePart[];
  readonly #quoted: boolean;

  static {
    partsOf = (given) => ({ ours: given.#ours, parts: given.#parts, quoted: given.#quoted });
  }

  constructor(ours: readonly string[], parts: readonly SentencePart[], quoted = true) {
    this.#ours = ours;
    this.#parts = parts;
    this.#quoted = quoted;
  }

  /** For a terminal or a log: the names in quotes and escaped. */
  toString(): string {
    return written(this, (part, quoted) => {
      if (part instanceof ForeignText) return forTerminal(part);
      if (quoted) return shown(part);
      return shellWord(forTerminal(part));
    });
  }

  toJSON(): string {
    return this.toString();
  }
}

const SHOWN_CHARS = 120;

/** The beginning of flags and paths: `--profile`, `/etc`, `~/.kube`. */
const LEADING = /^(--?|~?\/\.?)/;

/** A name from a user's file in quotes, escaped and short enough for one line of a terminal. */
export function shown(name: string): string {
  const short = name.length > SHOWN_CHARS ? `${name.slice(0, SHOWN_CHARS)}…` : name;
  return forTerminal(JSON.stringify(short));
}

/** A sentence of ekspress: `sentence\`There is no context ${name}.\`` shows the name in quotes. */
export function sentence(ours: readonly string[], ...parts: readonly SentencePart[]): Sentence {
  return new Sentence(ours, parts);
}

/** The same for a command that is pasted into a shell: a name that needs quotes has them, so that nothing in it runs. */
export function command(ours: readonly string[], ...parts: readonly SentencePart[]): Sentence {
  return new Sentence(ours, parts, false);
}

/** Words of ekspress that are not written where they are used: the name of a field, the user's own path. */
export function own(text: string): Sentence {
  return new Sentence([text], []);
}

/** Several sentences in one, with a text between them. */
export function joined(parts: readonly Sentence[], between: string): Sentence {
  if (parts.length === 0) return new Sentence([''], []);
  return new Sentence(['', ...parts.slice(1).map(() => between), ''], parts);
}

/**
 * For a model: the words of ekspress, and a word of others only if it is a plain name that is known.
 * @param isKnown whether the model may be shown a name: a plain name can be a sentence, too
 */
export function sentenceForModel(given: Sentence, isKnown: (name: string) => boolean): string {
  const whole = written(given, (part, quoted, before) => {
    if (part instanceof ForeignText) {
      const name = forModel(part);
      return isKnown(name) ? name : NOT_SHOWN;
    }
    const name = part.replace(LEADING, '');
    if (!isPlainName(name) || !isKnown(name)) return quoted ? NOT_SHOWN : wordToReplace(before);
    return quoted ? `"${part}"` : part;
  });
  return whole.replace(SEVERAL_NOT_SHOWN, 'names that are not shown');
}

/** What stands in a command for a name that is not shown: `--profile PROFILE`. */
function wordToReplace(before: string): string {
  const option = /--([a-z-]+)[ =]$/.exec(before)?.[1] ?? 'name';
  return option.replaceAll('-', '_').toUpperCase();
}

/** A list of names of which none is shown. */
const SEVERAL_NOT_SHOWN = /\(not shown\)(?:(?:, | or | and )\(not shown\))+/g;

function written(
  given: Sentence,
  show: (part: string | ForeignText, quoted: boolean, before: string) => string,
): string {
  const { ours, parts, quoted } = partsOf(given);
  return ours
    .map((text, index) => {
      const part = parts[index];
      if (part === undefined) return text;
      if (typeof part === 'number') return `${text}${part}`;
      if (part instanceof Sentence) return `${text}${written(part, show)}`;
      // The value of an option: programs take a separate word with a hyphen for another option.
      const joins = !quoted && typeof part === 'string' && part.startsWith('-');
      return `${joins ? text.replace(/(--[a-z-]+) $/, '$1=') : text}${show(part, quoted, text)}`;
    })
    .join('');
}
