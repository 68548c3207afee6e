import { ASSUMED_ROLE_SCHEMA } from '../../aws/stanza/stanza-schemas.ts';
import { GIVEN_SCHEMA } from '../../aws/token/token-schemas.ts';
import { checkArgument } from '../../options/check-options.ts';
import { fields, TEXT } from '../../options/checks.ts';
import type { ClusterDescription } from './cluster-source.ts';

const DESCRIPTION = fields<ClusterDescription>(
  {
    id: TEXT,
    cluster: fields({ clusterName: TEXT, clusterId: TEXT }),
    region: TEXT,
    server: TEXT,
    certificateAuthorityData: TEXT,
    profile: TEXT,
    roleArn: TEXT,
    ...ASSUMED_ROLE_SCHEMA,
    credentials: GIVEN_SCHEMA.credentials,
  },
  { required: ['id', 'cluster', 'region', 'server', 'certificateAuthorityData'] },
);

/**
 * Refuses a description that JavaScript callers and casts get past the compiler.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkDescription(description: ClusterDescription): void {
  checkArgument('a ClusterSource', 'description', description, DESCRIPTION);
}
