import type { AWSLimit, AWSLimits } from '../../aws/gate/gates.ts';
import { IDENTITY_SCHEMA } from '../../aws/stanza/stanza-schemas.ts';
import { CACHE, EXEC_POLICY, FLEET, GIVEN_SCHEMA, PROVIDER_SCHEMA } from '../../aws/token/token-schemas.ts';
import { checkOptions } from '../../options/check-options.ts';
import {
  type Check,
  checkedLater,
  either,
  FLAG,
  fields,
  listOf,
  oneOf,
  type Schema,
  SIGNAL,
  TEXT,
  whole,
} from '../../options/checks.ts';
import { HOST_SCHEMA } from '../../options/host-schema.ts';
import { LIMITS } from '../transport/limits-schema.ts';
import { SETTINGS_SCHEMA } from '../transport/settings.ts';
import { ALLOWANCES, type TrustOptions } from '../trust/trust-policy.ts';
import type { TrustedServer } from '../trust/trusted-servers.ts';
import type { AWSClusterRequest } from './aws-cluster.ts';
import type { DescribeAs } from './describe-as.ts';
import type {
  ClusterRegistryOptions,
  RegisterAllOptions,
  RegisterAWSOptions,
  RegisterInClusterOptions,
  RegisterOptions,
} from './register-options.ts';

const TRUSTED_FIELDS = fields<TrustedServer>(
  {
    server: TEXT,
    certificateAuthorityData: TEXT,
    clusterName: TEXT,
    clusterId: TEXT,
    region: TEXT,
    profile: TEXT,
    roleArn: TEXT,
  },
  { required: ['server'] },
);

/**
 * A trusted server, with the identity whose tokens it may get. A local cluster of ekspress/testing counts as such a server, and
 * has further fields.
 */
export const TRUSTED_SERVER: Check = {
  ...TRUSTED_FIELDS,
  find(value) {
    const { server, certificateAuthorityData, kubeconfig } = Object(value);
    return TRUSTED_FIELDS.find(typeof kubeconfig === 'function' ? { server, certificateAuthorityData } : value);
  },
};

export const TRUST_SCHEMA: Schema<TrustOptions> = {
  execPolicy: EXEC_POLICY,
  trustedServers: either(
    oneOf('kubeconfig', 'describe-cluster'),
    listOf('a list of servers', either(TEXT, TRUSTED_SERVER)),
  ),
  allow: listOf('a list', oneOf(...ALLOWANCES)),
};

const AWS_LIMIT = fields<AWSLimit>({
  inFlight: whole('a whole number above 0', 1, Number.MAX_SAFE_INTEGER),
  perSecond: whole('a whole number above 0', 1, Number.MAX_SAFE_INTEGER),
});

export const REGISTRY_SCHEMA: Schema<ClusterRegistryOptions> = {
  cache: CACHE,
  fleet: FLEET,
  serviceAccountDirectory: TEXT,
  limits: LIMITS,
  awsLimits: fields<AWSLimits>({ assumeRole: AWS_LIMIT, sso: AWS_LIMIT, eks: AWS_LIMIT }),
  ...SETTINGS_SCHEMA,
  ...TRUST_SCHEMA,
  ...HOST_SCHEMA,
};

const COMMON = { replace: FLAG, limits: LIMITS, ...SETTINGS_SCHEMA };
const ID = checkedLater('a text');

export const REGISTER_SCHEMA: Schema<RegisterOptions> = {
  id: ID,
  context: TEXT,
  ...COMMON,
  signal: SIGNAL,
  ...TRUST_SCHEMA,
  ...GIVEN_SCHEMA,
  ...PROVIDER_SCHEMA,
};

const { clusterId: _, clusterName, ...IDENTITY } = IDENTITY_SCHEMA;
const { region: __, durationSeconds: ___, ...DESCRIBER } = IDENTITY;

const REGISTER_AWS_SCHEMA: Schema<RegisterAWSOptions> = {
  id: ID,
  ...COMMON,
  signal: SIGNAL,
  execPolicy: EXEC_POLICY,
  ...GIVEN_SCHEMA,
  ...PROVIDER_SCHEMA,
  describeAs: fields<DescribeAs>({ ...DESCRIBER, credentials: GIVEN_SCHEMA.credentials }),
};

const AWS_CLUSTER_SCHEMA: Schema<AWSClusterRequest> = { clusterName, ...IDENTITY, name: TEXT };

/** Checks both arguments of `registerAWSCluster`. An option in the wrong one is refused with its place. */
export function checkAWSArguments(request: AWSClusterRequest, options: RegisterAWSOptions): void {
  const owner = 'registerAWSCluster';
  checkOptions(owner, request, AWS_CLUSTER_SCHEMA, { position: 'second', schema: REGISTER_AWS_SCHEMA });
  checkOptions(owner, options, REGISTER_AWS_SCHEMA, { position: 'first', schema: AWS_CLUSTER_SCHEMA });
}

export const REGISTER_IN_CLUSTER_SCHEMA: Schema<RegisterInClusterOptions> = { id: ID, ...COMMON };

export const REGISTER_ALL_SCHEMA: Schema<RegisterAllOptions> = {
  eksOnly: FLAG,
  ...COMMON,
  signal: SIGNAL,
  ...TRUST_SCHEMA,
  ...GIVEN_SCHEMA,
};
