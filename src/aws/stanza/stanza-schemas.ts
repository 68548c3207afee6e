import {
  type Check,
  checkedLater,
  either,
  fields,
  listOf,
  nullable,
  type Schema,
  TEXT,
  that,
} from '../../options/checks.ts';
import type { AssumedRoleOptions } from './assumed-role.ts';
import type { ExecStanza } from './eks-auth-config.ts';
import { ExecEnvironment } from './exec-environment.ts';
import type { ClusterIdentity } from './stanza.ts';

export const ASSUMED_ROLE_SCHEMA: Schema<AssumedRoleOptions> = {
  externalId: checkedLater('a text'),
  sessionName: checkedLater('a text'),
  durationSeconds: checkedLater('900 to 43,200'),
  tags: checkedLater("session tags, such as { team: 'blue' }"),
  transitiveTagKeys: checkedLater('a list of keys of tags'),
};

export const IDENTITY_SCHEMA: Schema<ClusterIdentity> = {
  clusterName: TEXT,
  clusterId: TEXT,
  region: TEXT,
  profile: TEXT,
  roleArn: TEXT,
  ...ASSUMED_ROLE_SCHEMA,
};

const VARIABLE = fields({ name: TEXT, value: TEXT }, { required: ['name', 'value'] });

/** A stanza as kubeconfigs have it, with the fields of the format that decide no identity. */
export const STANZA: Check = fields<ExecStanza>(
  {
    command: TEXT,
    args: nullable(listOf('a list of texts', TEXT)),
    env: nullable(
      either(
        that('the env of a parsed stanza', (value) => value instanceof ExecEnvironment),
        listOf('a list of { name, value }', VARIABLE),
      ),
    ),
  },
  { required: ['command'], known: ['apiVersion', 'installHint', 'interactiveMode', 'provideClusterInfo'] },
);
