import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { command } from '../../text/sentence.ts';
import { serviceEndpoint } from '../endpoint/service-endpoint.ts';
import { pythonJSON } from '../ini/python-json.ts';
import type { INISection } from '../ini/raw-config-parser.ts';
import { Undecidable } from '../undecidable.ts';
import type { SSOSource } from './plan.ts';
import { REGION, readEndpointSettings } from './region.ts';
import { type Settings, textOf } from './settings.ts';

const REQUIRED = ['sso_role_name', 'sso_account_id', 'sso_start_url', 'sso_region'] as const;

/**
 * The SSO source of a profile. A profile with an account or a role of SSO is an SSO profile: any other missing setting
 * is then an error.
 */
export function ssoSource(
  settings: Settings,
  profile: string,
  section: INISection,
  home: string,
  first: boolean,
): SSOSource | undefined {
  if (!section.has('sso_role_name') && !section.has('sso_account_id')) return undefined;
  if (!first && !settings.modern)
    throw new Undecidable('releases of the AWS CLI before 2025 may not take SSO as the source of a role');
  const session = textOf(section, 'sso_session');
  const config = session === undefined ? section : withSession(settings, profile, section, session);
  const missing = REQUIRED.filter((key) => !config.has(key));
  if (missing.length > 0) {
    throw new EKSAuthError('INVALID_CONFIG', `The SSO profile "${profile}" lacks ${missing.join(', ')}.`, {
      remedy: command`Complete it: \`aws configure sso --profile ${profile}\`.`,
    });
  }
  const [roleName = '', accountId = '', startUrl = '', region = ''] = REQUIRED.map((key) => textOf(config, key));
  if (!REGION.test(region)) throw new Undecidable(`the sso_region of the profile "${profile}" is not a region`);
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
  const identity = session ? { sessionName: session } : { startUrl };
  const cacheKey = sha1(pythonJSON({ accountId, roleName, ...identity }, 'compact'));
  return {
    kind: 'sso',
    profile,
    startUrl,
    region,
    accountId,
    roleName,
    ...(session === undefined ? {} : { session }),
    portalUrl: serviceEndpoint('portal.sso', region, readEndpointSettings(settings, 'sso')),
    oidcUrl: serviceEndpoint('oidc', region, readEndpointSettings(settings, 'sso_oidc')),
    tokenFile: join(home, '.aws', 'sso', 'cache', `${sha1(session ?? startUrl)}.json`),
    ...(first && settings.version === 'v2' ? { cliCache: join(home, '.aws', 'cli', 'cache', `${cacheKey}.json`) } : {}),
  };
}

function withSession(settings: Settings, profile: string, section: INISection, session: string): INISection {
  const shared = completeSession(settings, profile, session);
  for (const [key, value] of shared) {
    const own = section.get(key) ?? value;
    if (typeof own !== 'string' || typeof value !== 'string') throw new Undecidable(`"${key}" is a group of settings`);
    if (own !== value) {
      throw new EKSAuthError(
        'INVALID_CONFIG',
        `"${key}" of the profile "${profile}" contradicts the sso-session "${session}".`,
        {
          remedy: command`Remove one of the two, or write the profile again: \`aws configure sso --profile ${profile}\`.`,
        },
      );
    }
  }
  return new Map([...section, ...shared]);
}

/**
 * Each AWS client also looks for a bearer token, so a profile in force that names an unknown or incomplete
 * `sso-session` fails even where its keys come from elsewhere.
 * @throws EKSAuthError
 */
export function checkSSOSession(settings: Settings): void {
  const session = textOf(settings.section, 'sso_session');
  if (session !== undefined) completeSession(settings, settings.profile ?? 'default', session);
}

function completeSession(settings: Settings, profile: string, session: string): INISection {
  const shared = settings.files.ssoSessions.get(session);
  if (!shared?.size) throw noSuchSession(profile, session);
  const missing = ['sso_start_url', 'sso_region'].filter((key) => !shared.has(key));
  if (missing.length === 0) return shared;
  throw new EKSAuthError('INVALID_CONFIG', `The sso-session "${session}" lacks ${missing.join(', ')}.`, {
    remedy: command`Complete it: \`aws configure sso --profile ${profile}\`.`,
  });
}

function noSuchSession(profile: string, session: string): EKSAuthError {
  return new EKSAuthError(
    'INVALID_CONFIG',
    `The profile "${profile}" names the sso-session "${session}", which does not exist.`,
    {
      remedy: command`Make it: \`aws configure sso --profile ${profile}\`.`,
    },
  );
}
