import { type INIFile, type INISection, parseINI } from './raw-config-parser.ts';
import { shellWords } from './shell-words.ts';

/** The two AWS files, merged as a botocore session sees them. */
export interface AWSProfiles {
  /** From both files; where both have a key, the credentials file wins. */
  readonly profiles: ReadonlyMap<string, INISection>;
  readonly ssoSessions: ReadonlyMap<string, INISection>;
  readonly services: ReadonlyMap<string, INISection>;
  /** Sections of the config file that are none of these, for example `plugins`. */
  readonly others: ReadonlyMap<string, INISection>;
  /** Profiles of the config file alone. */
  readonly configProfiles: ReadonlyMap<string, INISection>;
  /** Sections of the credentials file alone. */
  readonly credentialsProfiles: INIFile;
}

/**
 * Sorts sections into profiles, SSO sessions and services. An absent file is `undefined`.
 * @throws INISyntaxError
 */
export function readProfiles(configText: string | undefined, credentialsText: string | undefined): AWSProfiles {
  const configProfiles = new Map<string, INISection>();
  const ssoSessions = new Map<string, INISection>();
  const services = new Map<string, INISection>();
  const others = new Map<string, INISection>();
  for (const [name, section] of configText === undefined ? [] : parseINI(configText)) {
    // botocore compares only the beginning of a section name. The second word is the name of the profile. A section
    // name with another number of words is dropped.
    const kind = name.startsWith('profile')
      ? configProfiles
      : name.startsWith('sso-session')
        ? ssoSessions
        : name.startsWith('services')
          ? services
          : undefined;
    if (kind) {
      const words = shellWords(name);
      if (words?.length === 2 && words[1] !== undefined) kind.set(words[1], section);
    } else if (name === 'default') configProfiles.set(name, section);
    else others.set(name, section);
  }
  const credentialsProfiles: INIFile = credentialsText === undefined ? new Map() : parseINI(credentialsText);
  const profiles = new Map(configProfiles);
  for (const [name, section] of credentialsProfiles) {
    profiles.set(name, new Map([...(profiles.get(name) ?? []), ...section]));
  }
  return { profiles, ssoSessions, services, others, configProfiles, credentialsProfiles };
}
