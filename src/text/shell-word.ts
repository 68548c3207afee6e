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

/** A path likewise. A `~/` at its start stays outside of quotes, as shells expand it. */
export function shellPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return windowsWord(path);
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

/** Double quotes are what both shells know. Where PowerShell would look inside them, the quotes are its single ones. */
function windowsWord(text: string): string {
  if (/^[A-Za-z0-9_./\\:+-][A-Za-z0-9_./\\:+=@-]*$/.test(text)) return text;
  return /["$`%!^]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
}
