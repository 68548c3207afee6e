import { type Check, CLOCK, fields, listOf, mapOf, PORT, type Schema, TEXT, TIME, that } from '../options/checks.ts';
import type { AWSFilesOptions } from './aws-files.ts';
import type { LocalIdentityFacts } from './identities.ts';
import type { KubeconfigOptions } from './kubeconfig.ts';

export const TEXTS: Check = listOf('a list of texts', TEXT);

const IDENTITY = fields<LocalIdentityFacts>(
  { accessKeyId: TEXT, secretAccessKey: TEXT, sessionToken: TEXT, expiresAt: TIME, arn: TEXT, groups: TEXTS },
  // The servers return identities with their names, so a name is allowed here.
  { required: ['accessKeyId', 'secretAccessKey', 'arn'], known: ['name'] },
);
const ACCOUNT: Check = that('an account id of twelve digits', (value) => /^\d{12}$/.test(String(value)));
/** The options that both servers have. */
export const SERVER_CHECKS: {
  readonly accountId: Check;
  readonly identities: Check;
  readonly now: Check;
  readonly port: Check;
} = {
  accountId: ACCOUNT,
  identities: mapOf('an object of identities by name', IDENTITY),
  now: CLOCK,
  port: PORT,
};

export const KUBECONFIG_SCHEMA: Schema<KubeconfigOptions> = {
  profile: TEXT,
  roleArn: TEXT,
  command: TEXT,
  env: mapOf('an object of variables', TEXT),
  server: TEXT,
};

export const AWS_FILES_SCHEMA: Schema<AWSFilesOptions> = { defaultProfile: TEXT, region: TEXT };
