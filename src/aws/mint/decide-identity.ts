import type { Host } from '../../host.ts';
import { mintContext } from '../context/mint-context.ts';
import type { MintMemory } from '../context/mint-memory.ts';
import { awsFiles } from '../plan/paths.ts';
import type { CredentialSource } from '../plan/plan.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { Undecidable } from '../undecidable.ts';
import { decidePlan } from './decide-plan.ts';
import { planAuthenticator } from './plan-authenticator.ts';

/** The identity of a stanza's tokens, as far as it is decided before any credentials are read. */
export interface DecidedIdentity {
  /** The name of the cluster that the token is signed for, or its id. */
  readonly cluster: string;
  readonly byId: boolean;
  /** Undefined where only the instance metadata service knows it. */
  readonly region: string | undefined;
  /** The URL that is signed: it names the partition. */
  readonly endpoint: string;
  /** Where the credentials come from, and the role that they assume. Equal texts mean equal principals. */
  readonly principal: string;
}

/** A stanza, with the environment of the process that would run it. */
export interface IdentityRequest {
  readonly config: EKSAuthConfig;
  /** The environment of the host is already overridden by that of the stanza. */
  readonly host: Host;
  readonly memory?: MintMemory;
}

/**
 * Decides whose token a stanza gets, and for which cluster, from its arguments, the environment and the AWS files. Starts
 * no program, and looks at no path that the stanza names.
 * @throws EKSAuthError for what the stanza's command would certainly fail with
 * @throws Undecidable where only that command can know
 */
export async function decideIdentity(request: IdentityRequest): Promise<DecidedIdentity> {
  const { config, host } = request;
  const { tool, through } = config.command;
  if (through) throw new Undecidable('another program gives the credentials');
  const mint = mintContext({ config, host, memory: request.memory, programs: false });
  const files = awsFiles(mint.recorder);
  const principal = (source: CredentialSource, accessKeyId: string | undefined, roleArn?: string): string =>
    JSON.stringify([withoutCaches(source), accessKeyId ?? null, roleArn ?? null, files.config, files.credentials]);
  if (tool === 'aws') {
    const { plan } = await decidePlan(mint);
    const { source, roleArn, region } = plan;
    return {
      cluster: plan.cluster,
      byId: config.clusterId !== undefined,
      region: 'name' in region ? region.name : undefined,
      endpoint: plan.endpoint?.url ?? '',
      principal: principal(
        source,
        usesEnvironment(source) ? mint.recorder.variable('AWS_ACCESS_KEY_ID') : undefined,
        roleArn,
      ),
    };
  }
  const { cluster, sts, keys, source, role } = await planAuthenticator(mint);
  const identity = { cluster, byId: false, region: sts.scopeRegion, endpoint: sts.url };
  return { ...identity, principal: principal(source, keys.accessKeyId, role && JSON.stringify(role)) };
}

/** The source without the cache files of the AWS CLI, which do not decide whose credentials they are. */
function withoutCaches(source: CredentialSource): unknown {
  return JSON.parse(JSON.stringify(source, (key, value) => (key === 'cliCache' ? undefined : value)));
}

function usesEnvironment(source: CredentialSource): boolean {
  return source.kind === 'assume-role' ? usesEnvironment(source.from) : source.kind === 'environment';
}
