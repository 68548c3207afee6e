import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import type { INISection } from '../ini/raw-config-parser.ts';
import { refuseParametersOutOfRange } from './assume-role-source.ts';
import type { WebIdentitySource } from './plan.ts';
import { type Settings, textOf } from './settings.ts';

/** @param first - whether the profile is the one in force; only then does the environment count */
export function webIdentitySource(
  settings: Settings,
  profile: string,
  section: INISection,
  home: string,
  first: boolean,
): WebIdentitySource | undefined {
  const value = (variable: VariableName, key: string): string | undefined =>
    (first && !settings.profileFromFlag ? settings.env(variable) : undefined) ?? textOf(section, key);
  const tokenFile = value('AWS_WEB_IDENTITY_TOKEN_FILE', 'web_identity_token_file');
  if (!tokenFile) return undefined;
  const roleArn = value('AWS_ROLE_ARN', 'role_arn');
  if (!roleArn) {
    throw new EKSAuthError(
      'INVALID_CONFIG',
      `There is a web identity token file (${tokenFile}), but no role to assume with it.`,
      {
        remedy: 'Set AWS_ROLE_ARN, or role_arn in the profile.',
      },
    );
  }
  const sessionName = value('AWS_ROLE_SESSION_NAME', 'role_session_name') || undefined;
  const named = sessionName === undefined ? {} : { sessionName };
  refuseParametersOutOfRange(profile, { roleArn, ...named });
  const cached = first ? { cliCache: { home, byToken: settings.cacheByToken } } : {};
  return { kind: 'web-identity', profile, roleArn, tokenFile, ...named, ...cached };
}
