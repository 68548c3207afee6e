import type { AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import { EKSAuthError } from '../../errors.ts';
import { linkSignals } from '../../system/link-signals.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { enter, exchangeWithRetry, leaveUnused, networkFailure, type Way } from '../http/exchange.ts';
import { notOfAWS } from '../http/not-aws.ts';
import { type HTTPResponse, TransportError } from '../http/transport.ts';
import type { Plan } from '../plan/plan.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';
import type { SendSTS, STSCallOptions } from '../sts/known-sts-clients.ts';
import { type ServiceRefusal, serviceRefusal } from './service-failure.ts';

/** The parameters of AssumeRole, as the AWS CLI sends them. An absent parameter is not sent. */
export interface AssumeRoleInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly ExternalId?: string;
  readonly DurationSeconds?: number;
  readonly SerialNumber?: string;
  readonly TokenCode?: string;
  readonly Tags?: { Key: string; Value: string }[];
  readonly TransitiveTagKeys?: string[];
}

export interface AssumeRoleWithWebIdentityInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly WebIdentityToken: string;
}

/** The credentials of a role, and how STS names the session. */
export interface AssumedRole {
  readonly credentials: Required<Credentials>;
  readonly assumedRoleId: string;
  readonly arn: string;
}

/** The parts of a mint that a call of STS needs. */
export type STSMint = Pick<PlannedMint, 'transport' | 'memory' | 'urgency' | 'signal' | 'now' | 'sts'> & {
  readonly plan: Pick<Plan, 'http' | 'retry'>;
};

/** @throws EKSAuthError */
export async function assumeRole(
  mint: STSMint,
  profile: string | undefined,
  keys: SigningKeys,
  input: AssumeRoleInput,
): Promise<AssumedRole> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const role = { arn: input.RoleArn, externalId: input.ExternalId !== undefined };
  const call = { operation: 'AssumeRole', profile, keys, role };
  return send(call, mint, (client, options) => client.send(new AssumeRoleCommand(input), options));
}

/** The request is not signed: the token is the proof. @throws EKSAuthError */
export async function assumeRoleWithWebIdentity(
  mint: PlannedMint,
  input: AssumeRoleWithWebIdentityInput,
): Promise<AssumedRole> {
  const { AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts');
  const role = { arn: input.RoleArn, externalId: false };
  const call = { operation: 'AssumeRoleWithWebIdentity', profile: mint.plan.profile, keys: undefined, role };
  return send(call, mint, (client, options) => client.send(new AssumeRoleWithWebIdentityCommand(input), options));
}

/** One operation of STS: who signs it, and which profile an error names. */
interface STSCall {
  readonly operation: string;
  readonly profile: string | undefined;
  /** Absent: the request is not signed. */
  readonly keys: SigningKeys | undefined;
  readonly role?: ServiceRefusal['role'];
}

/** The user id of the principal that the keys belong to: `AIDA…`, or `AROA…:<session name>`. @throws EKSAuthError */
export async function callerUserId(mint: STSMint, keys: SigningKeys): Promise<string> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const call = { operation: 'GetCallerIdentity', profile: undefined, keys };
  return ask(call, mint, async (client, options) => {
    const { UserId } = await client.send(new GetCallerIdentityCommand({}), options);
    if (!UserId) throw notOfSTS(mint, 200);
    return UserId;
  });
}

type STSCommand<T> = (client: STSClient, options: STSCallOptions) => Promise<T>;

function send(call: STSCall, mint: STSMint, command: STSCommand<AssumeRoleCommandOutput>): Promise<AssumedRole> {
  return ask(call, mint, async (client, options) => {
    const { Credentials: given, AssumedRoleUser: user } = await command(client, options);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw notOfSTS(mint, 200);
    return {
      credentials: {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiresAt: Expiration,
      },
      assumedRoleId: user?.AssumedRoleId ?? '',
      arn: user?.Arn ?? '',
    };
  });
}

async function ask<T>(call: STSCall, mint: STSMint, command: STSCommand<T>): Promise<T> {
  const before: string[] = [];
  // The SDK adds a listener to the signal, which many calls may share.
  const { signal, unlink } = linkSignals([mint.signal]);
  const way: Way = { ...mint.memory.gates.to('sts', mint.sts.url), urgency: mint.urgency };
  try {
    await enter(way, { url: mint.sts.url, signal: mint.signal });
    const client = await mint.memory.stsClients.get(mint.sts, call.keys, mint.now);
    const options = { send: sender(mint, way, before), ...(mint.signal && { abortSignal: signal }) };
    return await command(client, options);
  } catch (error) {
    throw asFailure(call, mint, error, before);
  } finally {
    leaveUnused(way);
    unlink();
  }
}

/** Sends the requests of one call, with its settings, through the gate of its endpoint. */
function sender({ transport, plan, signal }: STSMint, way: Way, before: string[]): SendSTS {
  const settings = { proxied: true, ...plan.http, signal };
  const note = ({ body }: HTTPResponse) => before.push(/<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? '');
  return (request) => exchangeWithRetry(transport, { ...request, ...settings }, plan.retry, way, note);
}

/** @param before - what STS said to the attempts before the last one: the cause may stand there */
function asFailure(
  { operation, profile, role }: STSCall,
  { sts, signal }: STSMint,
  error: unknown,
  before: readonly string[],
): Error {
  if (error instanceof EKSAuthError) return error;
  if (error instanceof TransportError) return networkFailure(sts.url, error);
  if (signal?.aborted) return networkFailure(sts.url, new TransportError('aborted', 'aborted', signal.reason));
  const { Code, message, $metadata } = error as SDKError;
  if (Code !== undefined) {
    const earlier = [...new Set(before)].filter((text) => text !== '' && text !== message);
    return serviceRefusal({ operation, code: Code, said: message, before: earlier, profile, role });
  }
  const status = $metadata?.httpStatusCode;
  return status === undefined ? (error as Error) : notOfSTS({ sts }, status);
}

/** An answer that names neither credentials nor an error. */
function notOfSTS({ sts }: Pick<STSMint, 'sts'>, status: number): EKSAuthError {
  return notOfAWS(sts.url, { status, headers: {} });
}

/** An error of the SDK: one that AWS named has a `Code`. */
interface SDKError extends Error {
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}
