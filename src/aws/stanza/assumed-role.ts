import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';

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
}

const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;

/**
 * The options that are given, as STS takes them.
 * @param roleArn - the role that they are for
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkAssumedRole(given: AssumedRoleOptions, roleArn: string | undefined): AssumedRoleOptions {
  const { externalId, sessionName, durationSeconds } = given;
  const checked = {
    ...(externalId !== undefined && { externalId }),
    ...(sessionName !== undefined && { sessionName }),
    ...(durationSeconds !== undefined && { durationSeconds }),
  };
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
  return checked;
}

function malformed(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}
