import { EKSAuthError } from '../../errors.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import { sentence } from '../../text/sentence.ts';
import type { Credentials, FoundCredentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { shareCredentials } from '../context/share-credentials.ts';
import type { Fetched } from '../context/shared-credentials.ts';
import type { AssumeRoleSource, CredentialSource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { readCLICache, writeCLICache } from './cli-cache.ts';
import { type AssumedRole, type AssumeRoleInput, assumeRole } from './sts-client.ts';

/** The session name of `--role-arn`. */
const GET_TOKEN_SESSION = 'EKSGetTokenAuth';

/**
 * The role of a profile: from the CLI's cache, else assumed. As botocore does, this asks some sources before it reads
 * the cache. If the credentials of such a source are gone, the cached role is not used either.
 * @param keysOf gets the credentials of another source, which assume the role
 */
export async function profileRole(
  source: AssumeRoleSource,
  mint: PlannedMint,
  keysOf: (source: CredentialSource) => Promise<FoundCredentials>,
): Promise<Credentials> {
  await askFirst(leafOf(source.from), keysOf);
  const cached = await readCLICache(source.cliCache, mint);
  if (cached) return cached;
  const { credentials: keys } = await keysOf(source.from);
  const { roleArn, externalId, durationSeconds, mfaSerial } = source;
  const input: AssumeRoleInput = {
    RoleArn: roleArn,
    RoleSessionName: source.sessionName ?? generatedSessionName(mint.now()),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
  };
  // An MFA code can be used once, so other mints do not share this call.
  if (mfaSerial !== undefined) {
    if (!mint.mfaCode) throw new Undecidable(sentence`the profile ${source.profile} wants an MFA code`);
    const code = await unlessAborted(Promise.resolve(mint.mfaCode(mfaSerial)), mint.signal);
    const withCode = { ...input, SerialNumber: mfaSerial, TokenCode: code };
    const kept = await keepInCLICache(source.cliCache, await assumeRole(mint, source.profile, keys, withCode), mint);
    return kept.credentials;
  }
  const named = source.sessionName ?? 'generated';
  const parts = ['assume-role', mint.sts, keys, { ...input, RoleSessionName: named }];
  return shareCredentials(mint, parts, async () =>
    keepInCLICache(source.cliCache, await assumeRole(mint, source.profile, keys, input), mint),
  );
}

/** The sources that botocore asks when it finds them in a profile; it asks the others when it needs their keys. */
const ASKED_FIRST: ReadonlySet<CredentialSource['kind']> = new Set([
  'process',
  'login',
  'container',
  'instance-metadata',
]);

function leafOf(source: CredentialSource): CredentialSource {
  return source.kind === 'assume-role' ? leafOf(source.from) : source;
}

/** @throws EKSAuthError, Undecidable where the source fails */
async function askFirst(
  source: CredentialSource,
  keysOf: (source: CredentialSource) => Promise<FoundCredentials>,
): Promise<void> {
  if (!ASKED_FIRST.has(source.kind)) return;
  try {
    await keysOf(source);
  } catch (error) {
    // botocore accepts expired keys here. It notices their end only when it uses them.
    if (error instanceof EKSAuthError && error.code === 'SESSION_EXPIRED')
      throw new Undecidable(`the source of a role has ended: ${error.message}`);
    throw error;
  }
}

/**
 * The role of `--role-arn`. The CLI assumes it again for each token and does not cache it. A caller of the library may
 * add an external id, a session name, a duration and session tags.
 */
export async function roleOnTop(roleArn: string, keys: Credentials, mint: PlannedMint): Promise<Credentials> {
  const { externalId, sessionName, durationSeconds, tags, transitiveTagKeys } = mint.config;
  const input: AssumeRoleInput = {
    RoleArn: roleArn,
    RoleSessionName: sessionName ?? GET_TOKEN_SESSION,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
    ...(tags === undefined ? {} : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    ...(transitiveTagKeys === undefined ? {} : { TransitiveTagKeys: [...transitiveTagKeys] }),
  };
  return shareCredentials(mint, ['assume-role', mint.sts, keys, input], async () => {
    const { credentials } = await assumeRole(mint, mint.plan.profile, keys, input);
    return { credentials };
  });
}

/** The session name that botocore generates. */
export function generatedSessionName(now: Date): string {
  return `botocore-session-${Math.floor(now.getTime() / 1000)}`;
}

/** Writes the credentials of a role to the file in which the CLI would keep them. */
export async function keepInCLICache(
  path: string | undefined,
  { credentials, assumedRoleId, arn }: AssumedRole,
  mint: PlannedMint,
): Promise<Fetched> {
  const account = /^arn:[^:]*:[^:]*:[^:]*:([^:]+):/.exec(arn)?.[1];
  const content = {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: isoSeconds(credentials.expiresAt),
      ...(account === undefined ? {} : { AccountId: account }),
    },
    AssumedRoleUser: { AssumedRoleId: assumedRoleId, Arn: arn },
  };
  return { credentials, written: await writeCLICache(path, content, mint) };
}
