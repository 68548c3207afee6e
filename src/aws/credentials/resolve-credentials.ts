import type { Environment } from '../../host.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import type { CredentialSource, Plan } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import type { Credentials, Found } from './credentials.ts';
import { environmentCredentials } from './environment.ts';
import { profileKeys } from './profile-keys.ts';

/** What a source may need besides itself. */
export interface CredentialContext {
  readonly env: Environment;
  readonly now: () => Date;
  readonly files: AWSProfiles;
  readonly reading: (path: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets the credentials that a plan names.
 * @throws EKSAuthError where the AWS CLI would fail too
 * @throws Undecidable where only the AWS CLI can get them
 */
export async function resolveCredentials(plan: Plan, context: CredentialContext): Promise<Found> {
  if (plan.roleArn !== undefined) throw new Undecidable('--role-arn asks for another role');
  return fromSource(plan.source, context);
}

function fromSource(source: CredentialSource, context: CredentialContext): Found {
  const { env, now, files } = context;
  switch (source.kind) {
    case 'environment':
      return ownKeys(environmentCredentials(env, now()), source);
    case 'credentials-file':
      return ownKeys(profileKeys(files.credentialsProfiles.get(source.profile)), source);
    case 'config-file':
      return ownKeys(profileKeys(files.configProfiles.get(source.profile)), source);
    default:
      throw new Undecidable(`the credentials come from ${source.kind}`);
  }
}

function ownKeys(credentials: Credentials, source: CredentialSource): Found {
  return { credentials, source, unattended: true, hostBound: false };
}
