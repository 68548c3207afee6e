import { EKSAuthError } from '../../errors.ts';
import type { INISection } from '../ini/raw-config-parser.ts';
import { Undecidable } from '../undecidable.ts';
import { ambientSource } from './ambient-source.ts';
import { assumeRoleSource, isAssumeRoleProfile } from './assume-role-source.ts';
import type { CredentialSource, LoginSource } from './plan.ts';
import { readEndpointSettings } from './region.ts';
import { type Settings, textOf } from './settings.ts';
import { ssoSource } from './sso-source.ts';
import { webIdentitySource } from './web-identity-source.ts';

const NO_KEYS: INISection = new Map();

/**
 * The source that the AWS CLI uses: the first that is configured. If that source is configured but does not work, the
 * search ends with an error, and the next source is not tried.
 * @throws EKSAuthError, Undecidable
 */
export function credentialSource(settings: Settings, home: string): CredentialSource {
  const profile = settings.profile || 'default';
  if (!settings.profileFromFlag && settings.env('AWS_ACCESS_KEY_ID')) return environmentSource(settings);
  const section = settings.files.profiles.get(profile) ?? NO_KEYS;
  if (isAssumeRoleProfile(section)) return assumeRoleSource(settings, profile, home, profileSource);
  return profileSource(settings, profile, home, { first: true }) ?? ambientSource(settings, home);
}

function environmentSource(settings: Settings): CredentialSource {
  if (!settings.env('AWS_SECRET_ACCESS_KEY')) throw partial('the environment', 'AWS_SECRET_ACCESS_KEY');
  for (const name of ['AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION'] as const)
    settings.env(name);
  return { kind: 'environment' };
}

export interface ProfilePosition {
  /** Whether the profile is the one in force, and not the source of a role. */
  readonly first: boolean;
}

/** The sources that one profile can name, in order. `undefined`: it names none. */
function profileSource(
  settings: Settings,
  profile: string,
  home: string,
  position: ProfilePosition,
): CredentialSource | undefined {
  const section = settings.files.profiles.get(profile) ?? NO_KEYS;
  const login = textOf(section, 'login_session');
  return (
    webIdentitySource(settings, profile, section, home, position.first) ??
    ssoSource(settings, profile, section, home, position.first) ??
    staticSource('credentials-file', settings.files.credentialsProfiles.get(profile), profile) ??
    (login === undefined ? undefined : loginSource(settings, profile, login)) ??
    (section.has('credential_process') ? { kind: 'process', profile } : undefined) ??
    staticSource('config-file', settings.files.configProfiles.get(profile), profile)
  );
}

function loginSource(settings: Settings, profile: string, session: string): LoginSource {
  return { kind: 'login', profile, session, signIn: readEndpointSettings(settings, 'signin') };
}

/** The keys of one file. Both keys of a pair must be in the same file. */
function staticSource(
  kind: 'credentials-file' | 'config-file',
  section: INISection | undefined,
  profile: string,
): CredentialSource | undefined {
  if (!section?.has('aws_access_key_id')) return undefined;
  if (!section.has('aws_secret_access_key')) {
    throw partial(
      `the profile "${profile}" of the ${kind === 'config-file' ? 'config' : 'credentials'} file`,
      'aws_secret_access_key',
    );
  }
  for (const key of ['aws_access_key_id', 'aws_secret_access_key', 'aws_security_token', 'aws_session_token']) {
    textOf(section, key);
  }
  if (textOf(section, 'aws_access_key_id') === '') throw new Undecidable(`the profile "${profile}" has an empty key`);
  return { kind, profile };
}

function partial(place: string, missing: string): EKSAuthError {
  return new EKSAuthError('NO_CREDENTIALS', `Half of a key pair in ${place}: ${missing} is missing.`, {
    remedy: `Set ${missing}, or remove the other half.`,
  });
}
