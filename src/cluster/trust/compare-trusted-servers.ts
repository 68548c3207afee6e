import type { DecidedIdentity } from '../../aws/mint/decide-identity.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { parseExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { PROFILE_VARIABLES, profileInForce } from '../../aws/stanza/profile-in-force.ts';
import { Undecidable } from '../../aws/undecidable.ts';
import { namesServer, type TrustedServer } from './trusted-servers.ts';

/** Decides the identity and the cluster of a stanza's tokens, as `decideIdentity` does. */
export type Decide = (config: EKSAuthConfig) => Promise<DecidedIdentity>;

/** A server of a kubeconfig, and the tokens that would go there. */
export interface TrustRequest {
  /** In the form of `canonicalServer`. */
  readonly server: string;
  readonly caData: string | undefined;
  readonly config: EKSAuthConfig;
}

/** What an entry must contain to be enough. */
export interface Strictness {
  /** An entry without a certificate authority is not enough for a kubeconfig that brings one. */
  readonly authority: boolean;
  /** The identities are decided and compared. */
  readonly identity: boolean;
}

/** Why no entry trusts a server. */
export type Objection = 'server' | 'no-authority' | 'authority' | 'identity';

/** The objections in the order in which an entry comes closer to a match. */
const NEARER: readonly Objection[] = ['server', 'authority', 'no-authority', 'identity'];

/**
 * Compares the server of a kubeconfig with the trusted ones. No other code does this. Equal names are not enough: the
 * cluster, region, endpoint and principal that the AWS CLI would decide for both are compared.
 * @returns undefined where an entry trusts the server, else why none does
 * @throws EKSAuthError INVALID_CONFIG for an entry that is not an https URL; the error with which the stanza's own
 *   command would fail
 */
export async function objectionTo(
  request: TrustRequest,
  entries: readonly (string | TrustedServer)[],
  strictness: Strictness,
  decide: Decide,
): Promise<Objection | undefined> {
  let nearest: Objection = 'server';
  for (const entry of entries) {
    const named = typeof entry === 'string' ? { server: entry } : entry;
    const objection = await objectionOf(named, request, strictness, decide);
    if (objection === undefined) return undefined;
    if (NEARER.indexOf(objection) > NEARER.indexOf(nearest)) nearest = objection;
  }
  return nearest;
}

async function objectionOf(
  named: TrustedServer,
  { server, caData, config }: TrustRequest,
  strictness: Strictness,
  decide: Decide,
): Promise<Objection | undefined> {
  if (!namesServer(named, server)) return 'server';
  const { certificateAuthorityData: authority } = named;
  if (authority === undefined) {
    // Without an authority in the kubeconfig, the certificate has to be one that this machine trusts for that host.
    if (strictness.authority && caData !== undefined) return 'no-authority';
  } else if (caData === undefined || !Buffer.from(caData, 'base64').equals(Buffer.from(authority, 'base64'))) {
    return 'authority';
  }
  if (namesOtherCluster(named, config)) return 'authority';
  if (!strictness.identity || saysTheSame(named, config)) return undefined;
  return (await isIdentity(named, config, decide)) ? undefined : 'identity';
}

function namesOtherCluster({ clusterName, clusterId }: TrustedServer, config: EKSAuthConfig): boolean {
  const other = (wanted: string | undefined, given: string | undefined): boolean =>
    wanted !== undefined && given !== undefined && wanted !== given && !given.startsWith('file://');
  if (clusterName !== undefined && config.clusterName === undefined) return true;
  if (clusterId !== undefined && config.clusterId === undefined) return true;
  return other(clusterName, config.clusterName) || other(clusterId, config.clusterId);
}

/**
 * Whether the stanza names the same identity in the same words. The same words lead to the same plan in the same
 * environment, so no file has to be read.
 */
function saysTheSame(named: TrustedServer, config: EKSAuthConfig): boolean {
  const { tool, through } = config.command;
  if (tool !== 'aws' || through || profileVariables(config).length > 0) return false;
  if (named.region !== undefined && named.region !== config.region) return false;
  if ([config.clusterName, config.clusterId].some((name) => name?.startsWith('file://'))) return false;
  return profileInForce(config, {}) === named.profile && config.roleArn === named.roleArn;
}

async function isIdentity(named: TrustedServer, config: EKSAuthConfig, decide: Decide): Promise<boolean> {
  try {
    const theirs = await decide(config);
    const ours = await decide(trustedStanza(named, config));
    if (named.clusterName !== undefined && (theirs.byId || theirs.cluster !== named.clusterName)) return false;
    if (named.clusterId !== undefined && (!theirs.byId || theirs.cluster !== named.clusterId)) return false;
    return isSameIdentity(theirs, ours);
  } catch (error) {
    // If the identity cannot be decided, only the stanza's own command could make the token, and that command may not
    // run here.
    if (error instanceof Undecidable) return false;
    throw error;
  }
}

/** Whether two stanzas get tokens of one principal for one cluster. */
export function isSameIdentity(one: DecidedIdentity, other: DecidedIdentity): boolean {
  return (
    one.cluster === other.cluster &&
    one.byId === other.byId &&
    one.region === other.region &&
    one.endpoint === other.endpoint &&
    one.principal === other.principal
  );
}

/** The stanza of a trusted entry: the cluster of the kubeconfig, with the identity that the entry names. */
function trustedStanza({ region, profile, roleArn }: TrustedServer, config: EKSAuthConfig): EKSAuthConfig {
  const cluster =
    config.clusterId === undefined ? ['--cluster-name', config.clusterName ?? ''] : ['--cluster-id', config.clusterId];
  const wanted = region ?? config.region;
  const args = [
    ...(wanted === undefined ? [] : ['--region', wanted]),
    ...['eks', 'get-token', ...cluster],
    ...(roleArn === undefined ? [] : ['--role-arn', roleArn]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
  // The stanza has other variables only where the caller allows them.
  const { env } = config.exec;
  const own = env.names().filter((name) => !PROFILES.has(name));
  const variables = own.map((name) => ({ name, value: env.get(name) ?? '' }));
  return parseExecConfig({ command: 'aws', args, env: variables }, { cliVersion: config.cliVersion });
}

const PROFILES: ReadonlySet<string> = new Set([...PROFILE_VARIABLES.v1, ...PROFILE_VARIABLES.v2]);

function profileVariables({ exec }: EKSAuthConfig): readonly string[] {
  return exec.env.names().filter((name) => PROFILES.has(name));
}
