import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import { command } from '../../text/sentence.ts';
import { pythonJSON } from '../ini/python-json.ts';
import type { INISection } from '../ini/raw-config-parser.ts';
import { Undecidable } from '../undecidable.ts';
import { credentialSourceNamed } from './ambient-source.ts';
import type { AssumeRoleSource, CredentialSource } from './plan.ts';
import { type Settings, textOf } from './settings.ts';

/** Finds the source that one profile names; see `credential-source.ts`. */
type ProfileSource = (
  settings: Settings,
  profile: string,
  home: string,
  position: { readonly first: boolean },
) => CredentialSource | undefined;

/**
 * Whether the profile assumes a role with other credentials. A role with a token file is a web identity source instead.
 */
export function isAssumeRoleProfile(section: INISection): boolean {
  return section.has('role_arn') && !section.has('web_identity_token_file');
}

const hasStaticKeys = (section: INISection): boolean =>
  section.has('aws_access_key_id') || section.has('aws_secret_access_key');

/** @throws EKSAuthError, Undecidable */
export function assumeRoleSource(
  settings: Settings,
  profile: string,
  home: string,
  profileSource: ProfileSource,
  visited: readonly string[] = [profile],
): AssumeRoleSource {
  const section = settings.files.profiles.get(profile) ?? new Map();
  const roleArn = textOf(section, 'role_arn') ?? '';
  const optional = {
    ...present('sessionName', textOf(section, 'role_session_name') || undefined),
    ...present('externalId', textOf(section, 'external_id')),
    ...present('mfaSerial', textOf(section, 'mfa_serial')),
    ...present('durationSeconds', wholeNumber(textOf(section, 'duration_seconds'))),
  };
  refuseParametersOutOfRange(profile, { roleArn, ...optional });
  const from = sourceOfRole(settings, profile, section, home, profileSource, visited);
  return {
    kind: 'assume-role',
    profile,
    roleArn,
    ...optional,
    from,
    cliCache: cliCacheFile(home, { roleArn, ...optional }),
  };
}

function sourceOfRole(
  settings: Settings,
  profile: string,
  section: INISection,
  home: string,
  profileSource: ProfileSource,
  visited: readonly string[],
): CredentialSource {
  const sourceProfile = textOf(section, 'source_profile');
  const named = textOf(section, 'credential_source');
  if (named !== undefined && sourceProfile !== undefined) {
    throw invalid(`The profile "${profile}" has both source_profile and credential_source.`, profile);
  }
  if (named !== undefined) return credentialSourceNamed(settings, named, profile);
  if (sourceProfile === undefined) {
    throw new EKSAuthError(
      'NO_CREDENTIALS',
      `The profile "${profile}" has role_arn, but nothing to assume the role with.`,
      {
        remedy: command`Give it a source: \`aws configure set source_profile NAME --profile ${profile}\`.`,
      },
    );
  }
  const source = settings.files.profiles.get(sourceProfile);
  if (!source)
    throw invalid(`The source_profile ${shown(sourceProfile)} of the profile "${profile}" does not exist.`, profile);
  // A profile may name itself, to assume a role with its own keys. Any other way back is a cycle.
  if (visited.includes(sourceProfile) && !(sourceProfile === profile && hasStaticKeys(source))) {
    throw invalid(`The source_profile of "${profile}" leads back to "${sourceProfile}".`, profile);
  }
  if (isAssumeRoleProfile(source) && !hasStaticKeys(source)) {
    return assumeRoleSource(settings, sourceProfile, home, profileSource, [...visited, sourceProfile]);
  }
  const found = profileSource(settings, sourceProfile, home, { first: false });
  if (!found)
    throw invalid(`The source_profile "${sourceProfile}" of the profile "${profile}" has no credentials.`, profile);
  return found;
}

/** The parameters that the CLI sends to AssumeRole. The name of its cache file is made of them. */
export interface AssumeRoleParameters {
  readonly roleArn: string;
  readonly sessionName?: string;
  readonly externalId?: string;
  readonly mfaSerial?: string;
  readonly durationSeconds?: number;
  /** Set only where the name of the cache file contains it. */
  readonly webIdentityToken?: string;
}

/** `~/.aws/cli/cache/<sha1 of the parameters>.json`; a generated session name is left out. */
export function cliCacheFile(home: string, parameters: AssumeRoleParameters): string {
  const text = pythonJSON(
    {
      DurationSeconds: parameters.durationSeconds,
      ExternalId: parameters.externalId,
      RoleArn: parameters.roleArn,
      RoleSessionName: parameters.sessionName,
      SerialNumber: parameters.mfaSerial,
      WebIdentityToken: parameters.webIdentityToken,
    },
    'spaced',
  );
  return join(home, '.aws', 'cli', 'cache', `${createHash('sha1').update(text).digest('hex')}.json`);
}

/** Python's `int()`; anything else counts as not given. */
function wholeNumber(text: string | undefined): number | undefined {
  // Python's `int()` accepts the digits of all scripts.
  if (text !== undefined && /[^\0-\x7f]/.test(text) && /\p{Nd}/u.test(text)) {
    throw new Undecidable('duration_seconds is written in other than ASCII characters');
  }
  return text !== undefined && /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

/**
 * Refuses parameters that the CLI checks before it sends a request: its checks have changed between releases.
 * @throws Undecidable
 */
export function refuseParametersOutOfRange(profile: string, parameters: AssumeRoleParameters): void {
  const { roleArn, sessionName, externalId, mfaSerial, durationSeconds } = parameters;
  const short = (text: string | undefined, length: number) => text !== undefined && text.length < length;
  if (short(roleArn, 20) || short(sessionName, 2) || short(externalId, 2) || short(mfaSerial, 9)) {
    throw new Undecidable(`a setting of the profile "${profile}" is too short for AssumeRole`);
  }
  if (durationSeconds !== undefined && (durationSeconds < 900 || durationSeconds > 43_200)) {
    throw new Undecidable(`duration_seconds of the profile "${profile}" is out of range`);
  }
}

function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function invalid(message: string, profile: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: command`Correct the profile: \`aws configure list --profile ${profile}\` shows what it says.`,
  });
}
