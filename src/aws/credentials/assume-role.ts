import { unlessAborted } from '../../system/unless-aborted.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import type { AssumeRoleSource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { readCLICache, writeCLICache } from './cli-cache.ts';
import type { CredentialContext } from './context.ts';
import type { Credentials } from './credentials.ts';
import { type AssumedRole, type AssumeRoleInput, assumeRole, type STSAccess } from './sts-client.ts';

/** The session name of `--role-arn`. */
const GET_TOKEN_SESSION = 'EKSGetTokenAuth';

/** A role of a profile: from the CLI's cache, else assumed. */
export async function profileRole(source: AssumeRoleSource, context: CredentialContext): Promise<Credentials> {
  const cached = await readCLICache(source.cliCache, context);
  if (cached) return cached;
  const { credentials: keys } = await context.resolve(source.from);
  const { roleArn, externalId, durationSeconds, mfaSerial } = source;
  const input: AssumeRoleInput = {
    RoleArn: roleArn,
    RoleSessionName: source.sessionName ?? generatedSessionName(context.now()),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
  };
  // A code can be used once, so what it bought is not asked for by anybody else at the same time.
  if (mfaSerial !== undefined) {
    if (!context.mfaCode) throw new Undecidable(`the profile "${source.profile}" wants an MFA code`);
    const code = await unlessAborted(Promise.resolve(context.mfaCode(mfaSerial)), context.signal);
    const withCode = { ...input, SerialNumber: mfaSerial, TokenCode: code };
    return keep(source.cliCache, await assumeRole(stsAccess(context, source.profile), keys, withCode), context);
  }
  const named = source.sessionName ?? 'generated';
  const parts = ['assume-role', context.sts, keys, { ...input, RoleSessionName: named }];
  return context.memory.credentials.get(parts, context.now, async () =>
    keep(source.cliCache, await assumeRole(stsAccess(context, source.profile), keys, input), context),
  );
}

/** `--role-arn`, which the CLI assumes anew for each token and keeps nowhere. */
export async function roleOnTop(roleArn: string, keys: Credentials, context: CredentialContext): Promise<Credentials> {
  const input = { RoleArn: roleArn, RoleSessionName: GET_TOKEN_SESSION };
  const { memory, now, plan, sts } = context;
  return memory.credentials.get(['assume-role', sts, keys, input], now, async () => {
    const { credentials } = await assumeRole(stsAccess(context, plan.profile), keys, input);
    return credentials;
  });
}

export function stsAccess(context: CredentialContext, profile: string | undefined): STSAccess {
  const { sts: endpoint, transport, plan, now, signal } = context;
  return { endpoint, transport, http: plan.http, now, profile, signal };
}

/** As botocore makes one up. */
export function generatedSessionName(now: Date): string {
  return `botocore-session-${Math.floor(now.getTime() / 1000)}`;
}

/** Writes what was assumed where the CLI would have written it. */
export async function keep(
  path: string | undefined,
  { credentials, assumedRoleId, arn }: AssumedRole,
  { logger }: CredentialContext,
): Promise<Credentials> {
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
  await writeCLICache(path, content, logger);
  return credentials;
}
