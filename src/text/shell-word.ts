/** The text as one word of sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The text of a word that {@link quoted} wrote. */
export function unquoted(word: string): string {
  return word.replaceAll(`'\\''`, '\0').replaceAll("'", '').replaceAll('\0', "'");
}

// The commands of messages and remedies are pasted into the shell of the platform: sh, or PowerShell and cmd.exe. Names and
// paths get into them through these functions alone. test/faults/remedies.test.ts runs every such command.

/** A name as one word of a command that is pasted: nothing in it is expanded or run. */
export function shellWord(name: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return windowsWord(name);
  return /^[A-Za-z0-9_./@:+-][A-Za-z0-9_./@:+,=-]*$/.test(name) ? name : quoted(name);
}

/** A path likewise. A `~/` at its start stays outside of quotes, as sh expands it. */
export function shellPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return windowsWord(path.startsWith('-') ? `.\\${path}` : path);
  const [, home = '', rest = path] = /^(~\/)(.+)$/s.exec(path) ?? [];
  return `${home}${shellWord(home === '' ? plainStart(rest) : rest, platform)}`;
}

/** An option of a command that is pasted: `--profile acme`. A value that begins with a hyphen is part of the word. */
export function shellOption(name: string, value: string, platform: NodeJS.Platform = process.platform): string {
  return `${name}${value.startsWith('-') ? '=' : ' '}${shellWord(value, platform)}`;
}

/** A relative path that no program takes for an option. */
function plainStart(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

/**
 * One word in the double quotes that both shells know. PowerShell reads every text as it is. cmd.exe shows a backquote before
 * `$` and backquotes, and puts the value in the place of a variable between `%`: its quotes have no escape. It runs nothing,
 * because a quote within is doubled and a line break is written as PowerShell writes it.
 */
function windowsWord(text: string): string {
  if (/^[A-Za-z0-9_./\\:+-][A-Za-z0-9_./\\:+=@-]*$/.test(text)) return text;
  const inside = text
    .replace(/[$`]/g, '`$&')
    // The C library, which splits the words of a program, takes a backslash before a quote for an escape.
    .replace(/\\+(?="|$)/g, '$&$&')
    // PowerShell takes the typographic quotes for the plain one.
    .replace(/["\u201c-\u201e]/g, '$&$&')
    .replace(/\p{Cc}/gu, (character) => ESCAPES[character] ?? '?');
  return `"${inside}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '`n', '\r': '`r', '\t': '`t' };
