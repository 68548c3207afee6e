/** What identifiers of AWS and Kubernetes are made of: no white space, so that none of them can hold a sentence. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_.:/@+=,-]*$/;
const MAX_IDENTIFIER_CHARS = 253;
/** A password between `//` and `@` makes an identifier of another kind. */
const HOLDS_PASSWORD = /:\/\/[^/]*@/;

/** What flags and paths begin with. */
const LEADING = /^(--?|~?\/)/;

const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const TOKEN = /k8s-aws-v1\.[A-Za-z0-9_-]*/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/g;
const MAX_TEXT_CHARS = 1_000;

/** Whether a name out of somebody's kubeconfig may be shown to a model as it is. */
export function isPlainName(name: string): boolean {
  return name.length <= MAX_IDENTIFIER_CHARS && IDENTIFIER.test(name) && !HOLDS_PASSWORD.test(name);
}

/** A name, or that there is one which is not shown: what reads like an instruction never reaches a model. */
export function plainName(name: string): string {
  return isPlainName(name) ? name : `(a name of ${name.length} characters, not shown)`;
}

/**
 * A message fit for a model: whatever stands in quotes comes from a kubeconfig and is shown only where it is a plain
 * name. Tokens are not expected here; should one come by, it is cut out.
 */
export function plainMessage(message: string): string {
  const text = message.replace(TOKEN, '(a token)').replace(QUOTED, unlessPlain).replace(CONTROL, ' ');
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}

/** What the API server says of somebody: a name that may hold spaces, but no control characters. */
export function printable(name: string): string {
  return name.replace(CONTROL, '').slice(0, MAX_IDENTIFIER_CHARS);
}

/**
 * The texts inside of a value that are not plain names: whoever writes a message about the value may have put them into
 * it without quotes.
 */
export function unusualTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return isPlainName(value.replace(LEADING, '')) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(unusualTexts) : [];
}

function unlessPlain(quoted: string): string {
  const text = quoted.slice(1, -1);
  return isPlainName(text.replace(LEADING, '')) ? quoted : '"…"';
}
