/** The names of secrets, in the spellings of JSON, Python, INI files, shells, flags and sentences. */
const NAMES = [
  'secret(?:[ _-]?access)?[ _-]?key',
  '(?:session|security|access|refresh|id|auth(?:orization)?|web[ _-]?identity)[ _-]?token',
  '(?:client|device)[ _-]?(?:secret|code)',
  'secret',
  'api[ _-]?key',
  'pass(?:word|wd|phrase)',
  'x-amz-(?:security-token|signature|sso_bearer_token)',
].join('|');

const QUOTE = String.raw`\\*["'\x60]`;
/**
 * A value: up to the closing quote, blanks included, or up to the end of a word. Of the backslashes before its quote so
 * many count as six escapes in each other make: each character of the value is compared with all that count.
 */
const QUOTED = String.raw`(\\{0,63}["'\x60])(?:(?!\2).)+`;
const WORD = String.raw`[^\s"',;&<>()\x60\\]+`;
/** Between name and value: `: `, `=`, `=>`, or the `>` of a tag. The name may be quoted. */
const SEPARATOR = String.raw`(?:${QUOTE})?\s*(?:[:=]>?|>)\s*`;

const RULES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, '***'],
  [/k8s-aws-v1\.[A-Za-z0-9_-]+/g, 'k8s-aws-v1.***'],
  // The user alone is a secret, too: `https://ghp_…@host`.
  [/(:\/\/)[^/\s@]+@/g, '$1***@'],
  [/\b(Bearer|Basic)\s+[^\s"',]+/gi, '$1 ***'],
  // A name and a quoted value need no separator, and neither do a flag and its value.
  [new RegExp(`((?:${NAMES}|token)(?:(?:${SEPARATOR})|(?:${QUOTE})?\\s+)\\\\*?)${QUOTED}`, 'gis'), '$1$2***'],
  // "session token: Unable to …" is a sentence.
  [new RegExp(`((?:${NAMES})${SEPARATOR})(?!(?<=token: )[a-z]+(?:[\\s.,]|$))${WORD}`, 'gi'), '$1***'],
  [new RegExp(`(\\btoken\\s*=\\s*)${WORD}`, 'gi'), '$1***'],
  [new RegExp(`((?<![a-z-])--?[a-z-]{0,64}?(?:${NAMES}|token)\\s+)(?!-)${WORD}`, 'gi'), '$1***'],
  // Text with the shape of a secret key, a JWT or a session token, after any other text.
  [
    /(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
    '***',
  ],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***'],
  [/[A-Za-z0-9+/=_%-]{100,}/g, '***'],
];

/** The output of another program with everything blanked that may be a secret. */
export function blankSecrets(text: string): string {
  return RULES.reduce((blanked, [pattern, replacement]) => blanked.replace(pattern, replacement), text);
}
