import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { isMapping } from '../../system/mapping.ts';
import { shown } from '../../text/nearest-names.ts';
import { stsEndpoint } from '../endpoint/sts-endpoint.ts';
import { Undecidable } from '../undecidable.ts';
import { credentialSource } from './credential-source.ts';
import { readHTTPSettings } from './http-settings.ts';
import type { CredentialSource, Plan } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { checkRegion, chooseRegion, originOf, readEndpointSettings, SET_DEFAULT_REGION } from './region.ts';
import { readRetrySettings } from './retry-settings.ts';
import { readSettings } from './settings.ts';
import { checkSSOSession } from './sso-source.ts';
import { refuseUnusualArguments, refuseUnusualSettings } from './unusual-settings.ts';

/** The shortest role that AssumeRole takes; the CLI checks that before it asks. */
const SHORTEST_ROLE_ARN = 20;

/**
 * Decides what `aws eks get-token` would do, from its inputs alone: it reads no file, no clock and no network.
 * @throws EKSAuthError where the CLI would certainly fail
 * @throws Undecidable where only the CLI itself can know
 */
export function makePlan(input: PlanInput): Plan {
  const { arguments: given, recorder, version } = input;
  refuseUnusualArguments(given, input.recorded ?? true);
  const settings = readSettings(input);
  refuseUnusualSettings(settings, given);
  const region = chooseRegion(settings, given.region);
  const endpointSettings = readEndpointSettings(settings, 'sts');
  checkSSOSession(settings);
  const source = credentialSource(settings, recorder.home());
  const { roleArn } = given;
  if (roleArn !== undefined && roleArn.length < SHORTEST_ROLE_ARN) {
    throw new EKSAuthError('INVALID_CONFIG', `${shown(roleArn)} is not a role.`, {
      remedy: 'Write the whole ARN of the role, for example arn:aws:iam::123456789012:role/admin, or leave it out.',
    });
  }
  if (region.from === 'nothing' && endpointSettings.customUrl !== undefined) throw noRegion(recorder);
  const name = 'name' in region ? region.name : undefined;
  if (name === '' && endpointSettings.customUrl !== undefined) throw new Undecidable('the region is empty');
  if (name === '') checkRegion(name, originOf(region));
  return {
    version,
    cluster: input.cluster,
    profile: settings.profile,
    source,
    ...(roleArn === undefined ? {} : { roleArn }),
    region,
    endpointSettings,
    http: readHTTPSettings(settings, given),
    retry: readRetrySettings(settings),
    ...(region.from === 'instance-metadata' ? {} : { endpoint: stsEndpoint(name, endpointSettings) }),
    variables: settings.variablesRead(),
  };
}

/** A custom endpoint says nothing about the region of the signature. */
export function noRegion(recorder: Recorder): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', 'There is an endpoint of your own for STS, but no region.', {
    remedy: recorder.variable('AWS_REGION')
      ? SET_DEFAULT_REGION
      : 'Name the region, for example --region us-east-1 or AWS_DEFAULT_REGION.',
  });
}

/**
 * KUBERNETES_EXEC_INFO may be empty or broken, but where it is JSON it has to be an object. The CLI looks at it last.
 * @throws EKSAuthError
 */
export function checkExecInfo(execInfo: string | undefined): void {
  if (!execInfo) return;
  let parsed: unknown;
  try {
    // Python accepts these as numbers.
    parsed = JSON.parse(execInfo.replace(/-?Infinity|(?<!-)NaN/g, '0'));
  } catch {
    return;
  }
  if (isMapping(parsed)) return;
  throw new EKSAuthError('INVALID_CONFIG', 'KUBERNETES_EXEC_INFO holds JSON that is not an object.', {
    remedy: 'This is a fault of the Kubernetes client; unset KUBERNETES_EXEC_INFO to go on without it.',
  });
}

/**
 * Whether two plans lead to the same token: the same principal, and the same session of a role or a login. How often they send
 * a request makes no difference.
 */
export function samePlan(one: Plan, other: Plan): boolean {
  return comparable(one) === comparable(other);
}

/** Whether two plans lead to the same principal: releases that keep other caches may have other sessions of the same role. */
export function samePrincipal(one: Plan, other: Plan): boolean {
  return comparable(one, CACHES) === comparable(other, CACHES);
}

/** Fields that do not decide which token a plan leads to. */
const UNCOMPARED: ReadonlySet<string> = new Set(['variables', 'olderRelease', 'retry']);
const CACHES: ReadonlySet<string> = new Set(['cliCache']);

function comparable(plan: Plan, without: ReadonlySet<string> = new Set()): string {
  // v1 can use a login only with an extension that is not always installed.
  const version = usesLogin(plan.source) ? plan.version : undefined;
  return JSON.stringify({ ...plan, version }, (key, value) =>
    UNCOMPARED.has(key) || without.has(key) ? undefined : value,
  );
}

function usesLogin(source: CredentialSource): boolean {
  return source.kind === 'assume-role' ? usesLogin(source.from) : source.kind === 'login';
}
