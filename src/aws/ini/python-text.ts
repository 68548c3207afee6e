/**
 * Text as Python sees it. The AWS CLI is Python: its notion of white space, of line ends and of environment variables
 * in paths decides which profile is found.
 */

/** The characters of `str.isspace()`; unlike JavaScript's `\s` it has U+001C-1F and U+0085, and no U+FEFF. */
const SPACE = '\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACE}]+`);
const TRAILING = new RegExp(`(?<![${SPACE}])[${SPACE}]+$`);
const RUN = new RegExp(`[${SPACE}]+`);
const LINE_ENDS = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029';
const LINE_END = new RegExp(`\\r\\n|[${LINE_ENDS}]`);

/** `str.strip()` */
export function strip(text: string): string {
  return stripEnd(text.replace(LEADING, ''));
}

/** `str.rstrip()` */
export function stripEnd(text: string): string {
  return text.replace(TRAILING, '');
}

/** How many white space characters a line starts with. */
export function indentation(line: string): number {
  return LEADING.exec(line)?.[0].length ?? 0;
}

/** `' '.join(text.split())` */
export function collapseSpace(text: string): string {
  return text
    .split(RUN)
    .filter((word) => word !== '')
    .join(' ');
}

/** `str.splitlines()` */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Lines as a file opened in text mode yields them: `\r\n` and `\r` count as `\n`, nothing else ends a line. */
export function fileLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
