import { profileInForce } from '../../aws/stanza/profile-in-force.ts';
import type { Cluster } from '../../cluster/clients/cluster.ts';
import { clockAheadOf } from '../../cluster/requests/rejection-errors.ts';
import { EKSAuthError } from '../../errors.ts';
import { command, own, type Sentence, sentence } from '../../text/sentence.ts';

const refusals = new WeakMap<Cluster, EKSAuthError>();

/** The last refusal of a token by the API server of a cluster, unless it has answered since. */
export function refusalOf(cluster: Cluster): EKSAuthError | undefined {
  return refusals.get(cluster);
}

/** The API server has answered with success. */
export function forgetRefusal(cluster: Cluster): void {
  refusals.delete(cluster);
}

/** A refused token, in sentences that keep the names of the kubeconfig apart: a model is shown those that it knows. */
export function refusedToken(cluster: Cluster, cause: EKSAuthError): EKSAuthError {
  const { eksAuth } = cluster;
  if (eksAuth === undefined) return cause;
  const { clusterName, clusterId, region, roleArn } = eksAuth;
  const name = clusterName ?? clusterId ?? cluster.id;
  const profile = profileInForce(eksAuth, {});
  const inRegion = region === undefined ? own('') : sentence` in ${region}`;
  const ofProfile = profile === undefined ? own('') : sentence` of the profile ${profile}`;
  const ofRole = roleArn === undefined ? own('') : sentence` with the role ${roleArn}`;
  const error = new EKSAuthError(
    'TOKEN_REJECTED',
    sentence`The API server of cluster ${name}${inRegion} refused a fresh token${ofProfile}${ofRole}.`,
    { remedy: lookForAccess({ name, region, roleArn, profile }, clockAheadOf(cause)), cause },
  );
  refusals.set(cluster, error);
  return error;
}

interface Named {
  readonly name: string;
  readonly region: string | undefined;
  readonly roleArn: string | undefined;
  readonly profile: string | undefined;
}

/** EKS accepts tokens of the last quarter of an hour, and AWS signatures of five minutes ahead. */
const TOLERATED_SKEW_MS = 4 * 60_000;

function lookForAccess({ name, region, roleArn, profile }: Named, clockAhead: number | undefined): Sentence {
  if (clockAhead !== undefined && Math.abs(clockAhead) > TOLERATED_SKEW_MS) {
    return own('Ask the operator to set the clock of this machine: tokens contain its time.');
  }
  const ofProfile = profile === undefined ? own('') : command` --profile ${profile}`;
  const inRegion = region === undefined ? own('') : command` --region ${region}`;
  const who =
    roleArn === undefined
      ? sentence`the identity that \`aws sts get-caller-identity${ofProfile}\` prints`
      : sentence`the role ${roleArn}`;
  const entries = command`aws eks list-access-entries --cluster-name ${name}${inRegion}${ofProfile}`;
  const clock = own(clockAhead === undefined ? ' the clock of this machine, and' : '');
  return sentence`Ask the user to check${clock} whether ${who} is in the output of \`${entries}\`.`;
}
