/** The characters of AWS and Kubernetes identifiers. Without white space they cannot hold a sentence. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_.:/@+=,-]*$/;
const MAX_IDENTIFIER_CHARS = 253;
/** A URL with a password between `//` and `@`. */
const HOLDS_PASSWORD = /:\/\/[^/]*@/;

/** The beginning of flags and paths. */
const LEADING = /^(--?|~?\/)/;

const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const TOKEN = /k8s-aws-v1\.[A-Za-z0-9_-]*/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/g;
const MAX_TEXT_CHARS = 1_000;

/** Whether a name from an untrusted kubeconfig may be shown to a model. */
export function isPlainName(name: string): boolean {
  return name.length <= MAX_IDENTIFIER_CHARS && IDENTIFIER.test(name) && !HOLDS_PASSWORD.test(name);
}

/** A plain name, or a placeholder for any other, since it could read like an instruction to a model. */
export function plainName(name: string): string {
  return isPlainName(name) ? name : `(a name of ${name.length} characters, not shown)`;
}

/**
 * Makes a message safe for a model. Quoted texts come from a kubeconfig and are kept only if they are plain names.
 * Tokens are not expected in messages, but are removed.
 */
export function plainMessage(message: string): string {
  const text = message.replace(TOKEN, '(a token)').replace(QUOTED, unlessPlain).replace(CONTROL, ' ');
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}

/** Removes control characters from a name of the API server, which may contain spaces. */
export function withoutControlCharacters(name: string): string {
  return name.replace(CONTROL, '').slice(0, MAX_IDENTIFIER_CHARS);
}

/** The strings inside a value that are not plain names. A message about the value may contain them without quotes. */
export function unusualTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return isPlainName(value.replace(LEADING, '')) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(unusualTexts) : [];
}

function unlessPlain(quoted: string): string {
  const text = quoted.slice(1, -1);
  return isPlainName(text.replace(LEADING, '')) ? quoted : '"…"';
}
