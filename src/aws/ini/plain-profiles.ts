import { Undecidable } from '../undecidable.ts';

/** A profile from files that the AWS CLI and the AWS SDKs for Go read in the same way. */
export interface PlainProfile {
  readonly values: ReadonlyMap<string, string>;
  /** The file that has the keys. */
  readonly keysIn: 'credentials-file' | 'config-file';
}

/** The texts of the two AWS files; undefined where a file is absent. */
export interface ProfileTexts {
  readonly config: string | undefined;
  readonly credentials: string | undefined;
}

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

const SECTION = /^\[((?:[a-z-]+ )?[\w.@+/:-]+)\] *$/;
const SETTING = /^([a-z0-9_]+) *= *((?:[!$-&(-:<-[\]-~](?:[ !$-&(-:<-[\]-~]*[!$-&(-:<-[\]-~])?)?) *$/;
const NESTED = /^ +[a-z0-9_]+ *= *[ !$-&(-:<-[\]-~]*$/;

/**
 * The settings of a profile. The parsers of the SDKs differ from Python's in quotes, comments behind a value, indented
 * lines and names of sections. A file with one of these is not plain.
 * @returns undefined where neither file has the profile
 * @throws Undecidable
 */
export function plainProfile(name: string, texts: ProfileTexts): PlainProfile | undefined {
  const config = sectionsOf(texts.config ?? '', 'the config file');
  const credentials = sectionsOf(texts.credentials ?? '', 'the credentials file');
  const prefixed = `profile ${name}`;
  const odd = name === 'default' ? config.has(prefixed) : config.has(name);
  if (odd || credentials.has(prefixed)) throw new Undecidable(`the profile "${name}" is spelt in two ways`);
  const inConfig = config.get(name === 'default' ? name : prefixed);
  const inCredentials = credentials.get(name);
  if (inConfig === undefined && inCredentials === undefined) return undefined;
  const values = new Map(inConfig);
  for (const [key, value] of inCredentials ?? []) {
    if (values.has(key)) throw new Undecidable(`both AWS files set "${key}" of the profile "${name}"`);
    values.set(key, value);
  }
  return { values, keysIn: inConfig?.has('aws_access_key_id') ? 'config-file' : 'credentials-file' };
}

function sectionsOf(text: string, file: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || /^[#;]/.test(line) || NESTED.test(line)) {
      // A nested setting belongs to the empty setting before it. A profile that is read here may not have an empty
      // setting.
      continue;
    }
    const [, section] = SECTION.exec(line) ?? [];
    const [, key, value = ''] = SETTING.exec(line) ?? [];
    if (section !== undefined && !sections.has(section)) {
      current = new Map();
      sections.set(section, current);
    } else if (key !== undefined && current !== undefined && !current.has(key)) {
      current.set(key, value);
    } else {
      throw new Undecidable(`only the tool itself knows how it reads ${file}`);
    }
  }
  return sections;
}
