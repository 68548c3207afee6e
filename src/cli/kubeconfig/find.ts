import { decideIdentity } from '../../aws/mint/decide-identity.ts';
import { SET_DEFAULT_REGION } from '../../aws/plan/region.ts';
import { parseExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import { Undecidable } from '../../aws/undecidable.ts';
import type { EKSAccount } from '../../cluster/discovery/eks-account.ts';
import { type FoundScope, findClusters } from '../../cluster/discovery/find-clusters.ts';
import { requireRegion } from '../../cluster/discovery/require-region.ts';
import { hostFrom } from '../../host.ts';
import { shown } from '../../text/nearest-names.ts';
import { type Terminal, UsageError } from '../command.ts';
import { startProgress } from '../terminal/progress.ts';

/** The clusters that the command line asks for. */
export interface Wanted {
  readonly profiles: readonly string[];
  readonly roles: readonly string[];
  readonly regions: readonly string[];
  readonly endpoints: readonly string[];
  readonly names: readonly string[];
}

/**
 * Finds the clusters, and shows the progress.
 * @throws UsageError, EKSAuthError
 */
export async function find(wanted: Wanted, terminal: Terminal): Promise<readonly FoundScope[]> {
  const { profiles, roles, names, endpoints } = wanted;
  if (roles.length > 0 && profiles.length > 1) {
    throw new UsageError('--role-arn goes with one --profile at most: the one that assumes the roles.');
  }
  const [source] = profiles;
  const assumed = roles.map((roleArn): EKSAccount => ({ roleArn, ...(source !== undefined && { profile: source }) }));
  const own = profiles.length > 0 ? profiles.map((profile): EKSAccount => ({ profile })) : [{}];
  for (const region of wanted.regions) requireRegion(region);
  const accounts: { account: EKSAccount; regions: readonly string[] }[] = [];
  for (const account of roles.length > 0 ? assumed : own) {
    accounts.push({
      account,
      regions: wanted.regions.length > 0 ? wanted.regions : [await regionOf(account, terminal)],
    });
  }
  const { env, logger, signal } = terminal;
  const progress = startProgress(terminal);
  try {
    return await findClusters({
      accounts,
      names: names.length > 0 ? new Set(names) : undefined,
      endpoints,
      host: hostFrom({ env, logger }),
      signal,
      progress: (done, of, part) => progress.update(done, of, part),
    });
  } finally {
    progress.end();
  }
}

/** The region that the AWS CLI would use. @throws UsageError if there is none */
async function regionOf({ profile }: EKSAccount, { env, logger }: Terminal): Promise<string> {
  const config = parseExecConfig(stanzaForCluster({ clusterName: 'none', ...(profile !== undefined && { profile }) }));
  const region = await decideIdentity({ config, host: hostFrom({ env, logger }) }).then(
    (identity) => identity.region,
    (error: unknown) => {
      if (error instanceof Undecidable) return undefined;
      throw error;
    },
  );
  if (region !== undefined) return region;
  const of = profile === undefined ? 'There is no region' : `The profile ${shown(profile)} has no region`;
  const unread = env.AWS_REGION ? ` ${SET_DEFAULT_REGION}` : '';
  throw new UsageError(`${of}: name regions with --region, for example --region us-east-1,eu-west-1.${unread}`);
}
