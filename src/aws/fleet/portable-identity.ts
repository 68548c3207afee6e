import type { PlannedMint } from '../context/mint-context.ts';
import type { CredentialSource } from '../plan/plan.ts';
import { type AssumedRoleOptions, roleOptionsOf } from '../stanza/assumed-role.ts';
import { broughtCredentials } from '../stanza/brought-by-stanza.ts';

/** The identity of a token in words that mean the same on every machine, or why the token is not shared. */
export type PortableIdentity =
  | {
      readonly identity: string;
      /** The same without the cluster, where a role is assumed. */
      readonly role: string | undefined;
    }
  | { readonly local: string };

/** The identity of credentials that the caller passes, in the names of the fleet. */
export interface GivenIdentity {
  readonly tenant: string | undefined;
  readonly identityKey: string | undefined;
}

type Chain = readonly unknown[] | { readonly local: string };

const local = (why: string): { readonly local: string } => ({ local: why });

/**
 * The credentials of the machine or of the process itself. By the name of the fleet the operator declares that all
 * members have the same ones.
 */
const OWN_CREDENTIALS = ['ambient'] as const;

/**
 * The identity of a decided plan: cluster, STS and every input of every AssumeRole on the way. Profiles, paths and
 * accounts of this machine are not part of it. Credentials of a login, of a program, of temporary keys in a file or of
 * the kubeconfig are not shared.
 */
export async function portableIdentity(mint: PlannedMint, given?: GivenIdentity): Promise<PortableIdentity> {
  const { plan, sts } = mint;
  const brought = broughtCredentials(mint.config);
  if (brought !== undefined) return local(`the kubeconfig sets ${brought}`);
  const source = given ? givenSource(given) : await chainOf(plan.source, mint);
  if ('local' in source) return source;
  const { roleArn } = plan;
  const top = roleArn && hop({ roleArn, top: true, ...roleOptionsOf(mint.config) });
  const chain = top ? [...top, ...source] : source;
  if (typeof chain[0] === 'string') return local('no role is assumed');
  const whose = [sts.url, sts.scopeRegion, ...chain];
  // Only AssumeRole makes a list of its inputs.
  const role = Array.isArray(chain[0]) ? JSON.stringify(whose) : undefined;
  return { identity: JSON.stringify([plan.cluster, ...whose]), role };
}

function givenSource({ tenant, identityKey }: GivenIdentity): Chain {
  if (tenant === undefined || identityKey === undefined) return local('the caller brings the credentials');
  return [{ tenant, identityKey }];
}

interface Hop extends AssumedRoleOptions {
  readonly roleArn: string;
  /** `--role-arn`, whose session has a name of its own. */
  readonly top?: boolean;
  readonly webIdentity?: boolean;
}

/** The inputs of AssumeRole. A session name that is generated for each session counts as equal on all machines. */
function hop({ roleArn, top, webIdentity, ...options }: Hop): readonly unknown[] {
  const { sessionName, externalId, durationSeconds, tags, transitiveTagKeys } = options;
  const how = top ? 'top' : webIdentity ? 'web-identity' : 'profile';
  const tagged = tags === undefined ? [] : [Object.entries(tags), transitiveTagKeys ?? null];
  return [[how, roleArn, sessionName ?? null, externalId ?? null, durationSeconds ?? null, ...tagged]];
}

async function chainOf(source: CredentialSource, mint: PlannedMint): Promise<Chain> {
  const { recorder, files } = mint;
  switch (source.kind) {
    case 'assume-role': {
      if (source.mfaSerial !== undefined) return local('a person enters an MFA code');
      const from = await chainOf(source.from, mint);
      return 'local' in from ? from : [...hop(source), ...from];
    }
    case 'web-identity':
      return hop({ ...source, webIdentity: true });
    case 'environment': {
      const temporary = recorder.variable('AWS_SESSION_TOKEN') || recorder.variable('AWS_SECURITY_TOKEN');
      return temporary ? OWN_CREDENTIALS : ['key', recorder.variable('AWS_ACCESS_KEY_ID')];
    }
    case 'credentials-file':
      return keyOf(files.credentialsProfiles.get(source.profile));
    case 'config-file':
      return keyOf(files.configProfiles.get(source.profile));
    case 'container':
    case 'instance-metadata':
      return OWN_CREDENTIALS;
    case 'ambient':
      for (const candidate of source.candidates)
        if (candidate.kind === 'old-file' && (candidate.named || (await recorder.look(candidate.path)) !== 'absent'))
          return local('a file of an older tool may hold the keys');
      return OWN_CREDENTIALS;
    case 'sso':
    case 'login':
      return local('a person has logged in');
    case 'process':
    case 'old-file':
      return local('another program gives the credentials');
  }
}

/** The id of a long-lived key in a file. Temporary keys in a file come from a person or a program. */
function keyOf(section: ReadonlyMap<string, unknown> | undefined): Chain {
  if (section?.get('aws_session_token') || section?.get('aws_security_token'))
    return local('a file holds temporary keys');
  return ['key', section?.get('aws_access_key_id')];
}
