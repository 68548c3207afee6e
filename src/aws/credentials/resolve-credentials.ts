import { EKSAuthError } from '../../errors.ts';
import { command, own, sentence } from '../../text/sentence.ts';
import type { Credentials, FoundCredentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import type { AmbientSource, CredentialSource, OldFile } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { profileRole, roleOnTop } from './assume-role.ts';
import { containerCredentials } from './container.ts';
import { environmentCredentials } from './environment.ts';
import { instanceCredentials } from './instance-metadata.ts';
import { loginCredentials } from './login.ts';
import { processCredentials } from './process.ts';
import { profileKeys } from './profile-keys.ts';
import { ssoRole } from './sso.ts';
import { webIdentityRole } from './web-identity.ts';

/**
 * Gets the credentials that a plan names.
 * @throws EKSAuthError where the AWS CLI would fail too
 * @throws Undecidable where only the AWS CLI can get them
 */
export async function resolveCredentials(mint: PlannedMint): Promise<FoundCredentials> {
  const { plan } = mint;
  const found = await fromSource(plan.source, mint, new Map());
  if (plan.roleArn === undefined) return found;
  return { ...found, credentials: await roleOnTop(plan.roleArn, found.credentials, mint) };
}

/** The answers of the sources that this mint has asked: the source of a role is asked once. */
type Asked = Map<CredentialSource, Promise<FoundCredentials>>;

function fromSource(source: CredentialSource, mint: PlannedMint, asked: Asked): Promise<FoundCredentials> {
  const known = asked.get(source) ?? askSource(source, mint, asked);
  asked.set(source, known);
  return known;
}

async function askSource(source: CredentialSource, mint: PlannedMint, asked: Asked): Promise<FoundCredentials> {
  if (source.kind === 'ambient') return fromAmbient(source, mint, asked);
  const credentials = await credentialsOf(source, mint, asked);
  return { credentials: checked(credentials, source, mint), source, unattended: isUnattended(source) };
}

type SingleSource = Exclude<CredentialSource, AmbientSource>;

async function credentialsOf(source: SingleSource, mint: PlannedMint, asked: Asked): Promise<Credentials | undefined> {
  const { recorder, now, files } = mint;
  switch (source.kind) {
    case 'environment':
      return environmentCredentials(recorder, now());
    case 'credentials-file':
      return profileKeys(files.credentialsProfiles.get(source.profile));
    case 'config-file':
      return profileKeys(files.configProfiles.get(source.profile));
    case 'assume-role':
      return profileRole(source, mint, (from) => fromSource(from, mint, asked));
    case 'web-identity':
      return webIdentityRole(source, mint);
    case 'sso':
      return ssoRole(source, mint);
    case 'login':
      return loginCredentials(source, mint);
    case 'process':
      return processCredentials(source.profile, mint);
    case 'old-file':
      return passOver(source, mint);
    case 'container':
      return containerCredentials(source, mint);
    case 'instance-metadata':
      return instanceCredentials(source, mint);
  }
}

/** Passes over a file of an older tool if it does not exist. What such a file says is left to the AWS CLI. */
async function passOver({ path, named }: OldFile, { recorder }: PlannedMint): Promise<undefined> {
  const state = await recorder.look(path);
  if (named || state !== 'absent') throw new Undecidable(`${path} may hold keys in the form of an older tool`);
}

async function fromAmbient({ candidates }: AmbientSource, mint: PlannedMint, asked: Asked): Promise<FoundCredentials> {
  for (const source of candidates) {
    const credentials = await credentialsOf(source, mint, asked);
    if (credentials)
      return { credentials: checked(credentials, source, mint), source, unattended: isUnattended(source) };
  }
  const { profile } = mint.plan;
  const named = profile === undefined ? own('') : command` --profile ${profile}`;
  throw new EKSAuthError(
    'NO_CREDENTIALS',
    `There are no AWS credentials${profile === undefined ? '' : ` for the profile "${profile}"`}.`,
    {
      remedy: sentence`Configure some: \`aws configure sso${named}\`, \`aws configure${named}\`, or AWS_PROFILE.`,
    },
  );
}

/** Checks that a source has credentials, and that they have not expired. */
function checked(found: Credentials | undefined, source: SingleSource, { now }: PlannedMint): Credentials {
  if (!found) {
    throw new EKSAuthError('NO_CREDENTIALS', `The source of credentials "${source.kind}" has none.`, {
      remedy: 'Run it where that source provides credentials, or use source_profile instead.',
    });
  }
  // As in botocore, they are valid up to and including the second of their end.
  if (!found.expiresAt || found.expiresAt >= now()) return found;
  throw new EKSAuthError(
    'SESSION_EXPIRED',
    `The credentials from "${source.kind}" ended at ${found.expiresAt.toISOString()}.`,
    {
      remedy: 'Renew them where they come from, and try again.',
    },
  );
}

/** Whether the same source can be asked again without a person and without a foreign program. */
function isUnattended(source: CredentialSource): boolean {
  if (source.kind === 'assume-role') return source.mfaSerial === undefined && isUnattended(source.from);
  return source.kind !== 'process';
}
