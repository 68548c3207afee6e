import type { VariableName } from '../../recording/mint-variables.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import type { INISection, INIValue } from '../ini/raw-config-parser.ts';
import type { CLIVersion } from '../stanza/get-token-arguments.ts';
import { PROFILE_VARIABLES } from '../stanza/profile-in-force.ts';
import { Undecidable } from '../undecidable.ts';
import type { PlanInput } from './plan-input.ts';
import { profileNotFound } from './profile-not-found.ts';

/** The inputs of a plan, behind one accessor that notes which environment variables were looked at. */
export interface Settings {
  readonly version: CLIVersion;
  readonly endpointsConfigurable: boolean;
  /** Whether this CLI is at least as new as the one whose answers are recorded. */
  readonly recorded: boolean;
  /** Whether this CLI is of the spring of 2025 or later. */
  readonly modern: boolean;
  /** Whether this CLI makes the cache file's name for a web identity from the token, too. */
  readonly cacheByToken: boolean;
  readonly files: AWSProfiles;
  /** The profile asked for by flag or environment. */
  readonly profile: string | undefined;
  /** Whether `--profile` names the profile. Then the keys and the web identity of the environment are ignored. */
  readonly profileFromFlag: boolean;
  /** The keys of the profile in force. */
  readonly section: INISection;
  /** Of v1 with `--profile`: the profile that it loads its commands with, before it reads the flag. */
  readonly sectionBeforeFlag: INISection | undefined;
  /** For `$NAME` in paths. */
  readonly recorder: Recorder;
  env(name: VariableName): string | undefined;
  /** The first variable that is set, also to an empty value; else the key of the profile in force. */
  variable(names: readonly VariableName[], key: string): string | undefined;
  /** As `variable`, read as a boolean of botocore: `true` in any case of letters is true, any other value is false. */
  truth(name: VariableName, key: string): boolean;
  /** Names of the variables that were looked at and are set, sorted. */
  variablesRead(): readonly string[];
}

const NO_KEYS: INISection = new Map();

/** @throws EKSAuthError `PROFILE_NOT_FOUND` */
export function readSettings(input: PlanInput): Settings {
  const { recorder, files, version } = input;
  const { endpointsConfigurable = true, recorded = true, modern = true, cacheByToken = version === 'v1' } = input;
  const profileFlag = input.arguments.profile;
  const read = new Set<string>();
  const lookUp = (name: VariableName): string | undefined => {
    const value = recorder.variable(name);
    if (value !== undefined) read.add(name);
    return value;
  };
  const firstSet = (names: readonly VariableName[]): string | undefined => {
    for (const name of names) {
      const value = lookUp(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const profile = profileFlag || firstSet(PROFILE_VARIABLES[version]);
  const replaced = version === 'v1' && profileFlag ? (firstSet(PROFILE_VARIABLES.v1) ?? 'default') : undefined;
  const section = profile === undefined ? (files.profiles.get('default') ?? NO_KEYS) : files.profiles.get(profile);
  if (!section) throw profileNotFound(profile ?? '', input);
  const variable = (names: readonly VariableName[], key: string) => firstSet(names) ?? textOf(section, key);
  return {
    version,
    endpointsConfigurable,
    recorded,
    modern,
    cacheByToken,
    files,
    recorder,
    profile,
    profileFromFlag: Boolean(profileFlag),
    section,
    sectionBeforeFlag: replaced === undefined ? undefined : files.profiles.get(replaced),
    env: lookUp,
    variable,
    truth: (name, key) => variable([name], key)?.toLowerCase() === 'true',
    variablesRead: () => [...read].sort(),
  };
}

/** A key of a section, which must be plain text. */
export function textOf(section: INISection, key: string): string | undefined {
  const value: INIValue | undefined = section.get(key);
  if (value !== undefined && typeof value !== 'string') throw new Undecidable(`"${key}" is a group of settings`);
  return value;
}
