import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import { checkedTags, checkedTransitiveKeys } from './session-tags.ts';

/**
 * How the role of `roleArn` is assumed, for callers whose AWS files have no profile for it. The AWS CLI has no flags for
 * these: its `eks get-token --role-arn` sends none of them.
 */
export interface AssumedRoleOptions {
  /** What the trust policy of the role asks for (`sts:ExternalId`). Default: none is sent. */
  readonly externalId?: string | undefined;
  /** Names the session in CloudTrail and in the groups of access entries. Default: `EKSGetTokenAuth`. */
  readonly sessionName?: string | undefined;
  /** How long the credentials of the role live, in seconds: 900 to 43,200. Default: as the role says, one hour. */
  readonly durationSeconds?: number | undefined;
  /**
   * Session tags of the role, by their keys, for policies with `aws:PrincipalTag` and for CloudTrail. The trust policy of the role
   * has to allow `sts:TagSession`. Default: none are sent.
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The keys of `tags` that stay when the session assumes further roles. Default: none. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
}

const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;

/** The options of a role among others, those that are given. */
export function roleOptionsOf(given: AssumedRoleOptions): AssumedRoleOptions {
  const { externalId, sessionName, durationSeconds, tags, transitiveTagKeys } = given;
  return {
    ...(externalId !== undefined && { externalId }),
    ...(sessionName !== undefined && { sessionName }),
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(tags !== undefined && { tags }),
    ...(transitiveTagKeys !== undefined && { transitiveTagKeys }),
  };
}

/**
 * The options that are given, as STS takes them.
 * @param roleArn - the role that they are for
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkAssumedRole(given: AssumedRoleOptions, roleArn: string | undefined): AssumedRoleOptions {
  const checked = roleOptionsOf(given);
  const { externalId, sessionName, durationSeconds } = checked;
  const [name] = Object.keys(checked);
  if (name === undefined) return checked;
  if (!roleArn)
    throw malformed(
      `There is no role for the ${name} given to ekspress.`,
      'Pass roleArn too, or --role-arn in the args.',
    );
  if (externalId !== undefined && !(typeof externalId === 'string' && EXTERNAL_ID.test(externalId)))
    throw malformed(
      `The externalId ${shown(String(externalId))} is not one that STS takes.`,
      'Use 2 to 1,224 letters, digits and characters of `_+=,.@:/-`.',
    );
  if (sessionName !== undefined && !(typeof sessionName === 'string' && SESSION_NAME.test(sessionName)))
    throw malformed(
      `The sessionName ${shown(String(sessionName))} is not one that STS takes.`,
      'Use 2 to 64 letters, digits and characters of `_+=,.@-`.',
    );
  const inRange = Number.isInteger(durationSeconds) && Number(durationSeconds) >= SHORTEST_SECONDS;
  if (durationSeconds !== undefined && !(inRange && durationSeconds <= LONGEST_SECONDS))
    throw malformed(
      `A role cannot be assumed for ${String(durationSeconds)} seconds.`,
      'Pass 900 to 43200 as durationSeconds.',
    );
  const tags = checkedTags(checked.tags);
  return roleOptionsOf({ ...checked, tags, transitiveTagKeys: checkedTransitiveKeys(checked.transitiveTagKeys, tags) });
}

function malformed(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}
