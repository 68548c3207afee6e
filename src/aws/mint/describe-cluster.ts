import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { command, own, sentence } from '../../text/sentence.ts';
import type { MintFacts } from '../context/mint-context.ts';
import { serviceRefusal } from '../credentials/service-failure.ts';
import { notOfAWS } from '../http/not-aws.ts';
import type { HTTPResponse } from '../http/transport.ts';
import { SET_DEFAULT_REGION } from '../plan/region.ts';
import { refusedKeys } from '../refused-keys.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { Undecidable } from '../undecidable.ts';
import { askEKS } from './ask-eks.ts';

/** What DescribeCluster says about a cluster, as far as clients need it. */
export interface EKSClusterFacts {
  readonly arn: string;
  readonly endpoint: string;
  /** Base64. */
  readonly certificateAuthorityData: string;
  /** The API server can be reached from the cluster's VPC only. */
  readonly privateOnly: boolean;
  /** The id by which tokens name a local cluster on an AWS Outpost; absent: tokens name the cluster by its name. */
  readonly tokenClusterId?: string;
}

/** The names that EKS allows for a cluster. */
const CLUSTER_NAME = /^[0-9A-Za-z][\w-]{0,99}$/;

interface ClusterAnswer {
  readonly cluster?: {
    readonly arn?: unknown;
    readonly id?: unknown;
    readonly outpostConfig?: { readonly etcdInstanceType?: unknown } | null;
    readonly status?: unknown;
    readonly endpoint?: unknown;
    readonly certificateAuthority?: { readonly data?: unknown };
    readonly resourcesVpcConfig?: { readonly endpointPublicAccess?: unknown };
  };
}

/**
 * Asks EKS where a cluster is and which certificate authority it has, as the identity that its tokens are made with.
 * @throws EKSAuthError CLUSTER_NOT_FOUND, ACCESS_DENIED, INVALID_CONFIG, NETWORK, or why there are no credentials
 */
export async function describeCluster(
  facts: MintFacts,
  {
    name = facts.config.clusterName ?? '',
    patient = false,
  }: { readonly name?: string; readonly patient?: boolean } = {},
): Promise<EKSClusterFacts> {
  const { config } = facts;
  if (!CLUSTER_NAME.test(name)) throw unnameable(name, config);
  try {
    const asked = { patient, noRegion: (recorder: Recorder) => noRegion(name, recorder) };
    const { response, url, region, profile } = await askEKS(facts, `/clusters/${name}`, asked);
    if (response.status !== 200) throw refusal(response, { name, region, profile });
    return readAnswer(response, { name, region, url });
  } catch (error) {
    if (error instanceof Undecidable) throw undecided(name, error);
    throw error;
  }
}

interface Asked {
  readonly name: string;
  readonly region: string;
}

function refusal(response: HTTPResponse, { name, region, profile }: Asked & { profile: string | undefined }): Error {
  const code = response.headers['x-amzn-errortype']?.split(':')[0] ?? `status ${response.status}`;
  const flag = profile === undefined ? own('') : command` --profile ${profile}`;
  if (code === 'ResourceNotFoundException') {
    const message = sentence`There is no EKS cluster ${name} in ${command`${region}`} in the account of these credentials.`;
    const remedy = command`See which there are: \`aws eks list-clusters --region ${region}${flag}\`.`;
    return new EKSAuthError('CLUSTER_NOT_FOUND', message, { remedy });
  }
  const refused = serviceRefusal({ operation: 'DescribeCluster', code, said: saidBy(response.body), profile });
  if (refused.code !== 'ACCESS_DENIED' || refusedKeys(code, '', flag)) return refused;
  const remedy = sentence`Allow eks:DescribeCluster to \`aws sts get-caller-identity${flag}\`, or register a kubeconfig instead.`;
  return new EKSAuthError('ACCESS_DENIED', refused.message, { remedy });
}

function saidBy(body: string): string {
  const { message } = parse(body) as { message?: unknown };
  return typeof message === 'string' ? message : '';
}

function readAnswer(response: HTTPResponse, { name, region, url }: Asked & { url: string }): EKSClusterFacts {
  const { cluster = {} } = parse(response.body) as ClusterAnswer;
  const { arn, status, endpoint, certificateAuthority, resourcesVpcConfig, outpostConfig, id } = cluster;
  const data = certificateAuthority?.data;
  if (typeof arn === 'string' && typeof endpoint === 'string' && typeof data === 'string') {
    const privateOnly = resourcesVpcConfig?.endpointPublicAccess === false;
    // `aws eks update-kubeconfig` has the same condition.
    const local = outpostConfig && (outpostConfig.etcdInstanceType ?? undefined) === undefined;
    const named = local && typeof id === 'string' ? { tokenClusterId: id } : {};
    return { arn, endpoint, certificateAuthorityData: data, privateOnly, ...named };
  }
  if (typeof status === 'string' && status !== 'ACTIVE') {
    const message = sentence`The EKS cluster ${name} is ${status} and has no endpoint.`;
    const remedy = command`Wait for it: \`aws eks wait cluster-active --name ${name} --region ${region}\`.`;
    return raise(new EKSAuthError('CLUSTER_NOT_FOUND', message, { remedy }));
  }
  return raise(notOfAWS(url, response));
}

function raise(error: EKSAuthError): never {
  throw error;
}

function parse(body: string): object {
  try {
    return Object(JSON.parse(body)) as object;
  } catch {
    return {};
  }
}

function unnameable(name: string, { clusterId }: EKSAuthConfig): EKSAuthError {
  const onlyId = name === '' && clusterId !== undefined;
  const what = onlyId ? sentence`only the id ${clusterId}` : sentence`the name ${name}`;
  return new EKSAuthError('INVALID_CONFIG', sentence`DescribeCluster cannot be asked about a cluster with ${what}.`, {
    remedy: 'Name the cluster as `aws eks list-clusters` does.',
  });
}

function noRegion(name: string, recorder: Recorder): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', sentence`Nothing says in which region the EKS cluster ${name} is.`, {
    remedy: recorder.variable('AWS_REGION')
      ? SET_DEFAULT_REGION
      : 'Pass the region, or add `--region REGION` to the args in the kubeconfig.',
  });
}

function undecided(name: string, cause: Undecidable): EKSAuthError {
  const message = sentence`DescribeCluster cannot be called for ${name}: ${new ForeignText(cause.message)}.`;
  return new EKSAuthError('EXEC_DENIED', message, {
    remedy:
      "Name a profile or a role whose credentials are found in-process, or register a kubeconfig with { trustedServers: [{ server: 'https://…', certificateAuthorityData: '…' }] }; `aws eks describe-cluster` shows both.",
    cause,
  });
}
