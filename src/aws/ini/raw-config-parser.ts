import { Undecidable } from '../undecidable.ts';
import { fileLines, indentation, splitLines, strip, stripEnd } from './python-text.ts';

/** A value: text, or the `name = value` lines indented under an otherwise empty `name =`. */
export type INIValue = string | ReadonlyMap<string, string>;
export type INISection = ReadonlyMap<string, INIValue>;
export type INIFile = ReadonlyMap<string, INISection>;

/**
 * A file that the AWS CLI refuses. `line` counts from 1. The message quotes nothing: a line that is out of place may
 * hold a key.
 */
export class INISyntaxError extends Error {
  override readonly name = 'INISyntaxError';
  readonly line: number | undefined;

  constructor(problem: string, line?: number) {
    super(line === undefined ? problem : `${problem} (line ${line})`);
    this.line = line;
  }
}

const DEFAULTS = 'DEFAULT';

/**
 * Reads a file of AWS profiles as botocore does, that is with Python's `RawConfigParser`: keys are lower-cased, `=` and
 * `:` separate, `#` and `;` comment whole lines only, deeper indentation continues a value, a section or key given
 * twice is an error, and `[DEFAULT]` (in capitals) lends its keys to all sections.
 * @throws INISyntaxError where botocore fails with "Unable to parse config file"
 */
export function parseINI(text: string): INIFile {
  const sections = new Map<string, Map<string, string[]>>();
  const defaults = new Map<string, string[]>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  let indent = 0;
  let broken: INISyntaxError | undefined;
  for (const [index, line] of fileLines(text).entries()) {
    const content = strip(line);
    if (content.startsWith('#') || content.startsWith(';')) continue;
    if (content === '') {
      value?.push('');
      continue;
    }
    const depth = indentation(line);
    if (value && depth > indent) {
      value.push(content);
      continue;
    }
    indent = depth;
    const name = /^\[(.+)\]/s.exec(content)?.[1];
    if (name !== undefined) {
      // Newer releases of Python read up to the last bracket, older ones up to the first.
      if (name.includes(']')) throw new Undecidable(`a section name with a bracket in it (line ${index + 1})`);
      if (name !== DEFAULTS && sections.has(name)) throw new INISyntaxError('a section twice', index + 1);
      section = name === DEFAULTS ? defaults : new Map();
      if (section !== defaults) sections.set(name, section);
      value = undefined;
      continue;
    }
    if (!section) throw new INISyntaxError('text before the first section', index + 1);
    const at = content.search(/[=:]/);
    const key = at === -1 ? '' : stripEnd(content.slice(0, at)).toLowerCase();
    if (key === '') {
      // The CLI reads the whole file before it reports this error. An error of another kind in a later line is reported
      // instead.
      broken ??= new INISyntaxError('neither a section nor a key with a value', index + 1);
      continue;
    }
    if (section.has(key)) throw new INISyntaxError('a key twice in its section', index + 1);
    value = [strip(content.slice(at + 1))];
    section.set(key, value);
  }
  if (broken) throw broken;
  return new Map(Array.from(sections, ([name, own]) => [name, finish(new Map([...defaults, ...own]))]));
}

function finish(options: ReadonlyMap<string, readonly string[]>): INISection {
  return new Map(Array.from(options, ([key, lines]) => [key, nested(stripEnd(lines.join('\n')))]));
}

function nested(value: string): INIValue {
  if (!value.startsWith('\n')) return value;
  const inner = new Map<string, string>();
  for (const line of splitLines(value).map(strip)) {
    if (line === '') continue;
    const at = line.indexOf('=');
    if (at === -1) throw new INISyntaxError('a line without "=" in a group of settings');
    inner.set(strip(line.slice(0, at)), strip(line.slice(at + 1)));
  }
  return inner;
}
