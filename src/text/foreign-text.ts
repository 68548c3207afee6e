/** `inspect.custom` of node:util. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

let wordsOf: (text: ForeignText) => string;

/**
 * Text from outside: a kubeconfig, an API server, AWS, a program. Its words are private, so that they reach a
 * reader only through the function of that reader. Everything else (`toString`, JSON, `inspect`) shows its length.
 */
export class ForeignText {
  readonly #text: string;

  static {
    wordsOf = (text) => text.#text;
    const value = function (this: ForeignText): string {
      return `ForeignText ${this.toString()}`;
    };
    Object.defineProperty(ForeignText.prototype, INSPECT, { value });
  }

  constructor(text: string) {
    this.#text = text;
  }

  /** The number of UTF-16 units. */
  get length(): number {
    return this.#text.length;
  }

  toString(): string {
    return `(${this.#text.length} characters of text)`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Cursor movements, colours, line breaks; and characters that reorder or hide what stands beside them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same without the two line characters that a text of several lines has. */
const UNSEEN_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const TERMINAL_CHARS = 2_000;
const LOG_CHARS = 500;

/** Escape sequences have no effect and cannot be seen; lines stay lines. At most 2,000 characters of a foreign text. */
export function forTerminal(text: string | ForeignText): string {
  const words = typeof text === 'string' ? text : cut(wordsOf(text), TERMINAL_CHARS);
  return words.replaceAll('\r\n', '\n').replace(UNSEEN_IN_LINES, escaped);
}

/** One line. At most 500 characters of a foreign text. */
export function forLog(text: string | ForeignText): string {
  const words = typeof text === 'string' ? text : cutForLog(wordsOf(text));
  return words.replace(UNSEEN, escaped);
}

/** At most the first 500 characters. */
export function cutForLog(text: string): string {
  return cut(text, LOG_CHARS);
}

/** Whether a text holds characters that a terminal does not show as they are. */
export function holdsUnseen(text: string): boolean {
  return text.search(UNSEEN_IN_LINES) !== -1;
}

/**
 * A JSON or YAML document for a terminal: what cannot be seen stands as an escape sequence, which parsers read as the same
 * value. In YAML such characters must stand in double quotes.
 */
export function escapeUnseen(document: string, language: 'json' | 'yaml'): string {
  return document.replace(UNSEEN_IN_LINES, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xffff && language === 'yaml') return `\\U${hex(code, 8)}`;
    return character
      .split('')
      .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
      .join('');
  });
}

/** The text that a model sees in place of anything but a plain name. */
export const NOT_SHOWN = '(not shown)';

/** The characters of AWS and Kubernetes identifiers. Without white space they cannot hold a sentence. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_.:/@+=,-]*$/;
const MAX_IDENTIFIER_CHARS = 253;
/** A URL with a user or a password. */
const HOLDS_USER = /:\/\/[^/]*@/;
const TOKEN = 'k8s-aws-v1.';

/** Whether a name from outside may be shown to a model. */
export function isPlainName(name: string): boolean {
  return (
    name.length <= MAX_IDENTIFIER_CHARS && IDENTIFIER.test(name) && !HOLDS_USER.test(name) && !name.includes(TOKEN)
  );
}

/** A plain name, or a placeholder: a model may take any sentence for an instruction. */
export function forModel(text: string | ForeignText): string {
  const words = typeof text === 'string' ? text : wordsOf(text);
  return isPlainName(words) ? words : NOT_SHOWN;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
