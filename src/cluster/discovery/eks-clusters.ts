import { setTimeout as sleep } from 'node:timers/promises';
import { checkAssumedRole } from '../../aws/stanza/assumed-role.ts';
import { ASSUMED_ROLE_SCHEMA } from '../../aws/stanza/stanza-schemas.ts';
import { EKSAuthError } from '../../errors.ts';
import { checkOptions } from '../../options/check-options.ts';
import { CALLABLE, DURATION_MS, fields, listOf, type Schema, TEXT } from '../../options/checks.ts';
import { atMost } from './at-most.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { EKSAccount } from './eks-account.ts';
import { EKSScope } from './eks-scope.ts';
import { requireRegion } from './require-region.ts';

/** Options of {@link eksClusters}. */
export interface EKSClustersOptions {
  /** For example `['us-east-1', 'eu-west-1']`. */
  readonly regions: readonly string[];
  /** Default: the account of the credentials. */
  readonly accounts?: readonly EKSAccount[] | undefined;
  /** Chooses the clusters that are followed. The others are not described. Default: all. */
  readonly filter?:
    | ((cluster: { readonly name: string; readonly region: string; readonly roleArn?: string }) => boolean)
    | undefined;
  /** Milliseconds between two lists. Default: 300,000. */
  readonly everyMs?: number | undefined;
  /** Host names, with all names below, that are endpoints of clusters besides those that EKS hands out. Default: none. */
  readonly endpoints?: readonly string[] | undefined;
}

const ACCOUNT = fields<EKSAccount>({ profile: TEXT, roleArn: TEXT, ...ASSUMED_ROLE_SCHEMA });

const EKS_CLUSTERS_SCHEMA: Schema<EKSClustersOptions> = {
  regions: listOf("a list of regions, such as ['us-east-1']", TEXT),
  accounts: listOf('a list of accounts', ACCOUNT),
  filter: CALLABLE,
  everyMs: DURATION_MS,
  endpoints: listOf('a list of host names', TEXT),
};

const EVERY_MS = 300_000;
/** The longest time of a timer of Node. */
const LONGEST_MS = 2 ** 31 - 1;
/** How many accounts are asked at once, and how many requests each of them has at once. */
const ACCOUNTS_AT_ONCE = 16;
const REQUESTS_PER_ACCOUNT = 4;

/**
 * The clusters of AWS accounts and regions, by ListClusters and DescribeCluster. New names are described at once, known ones
 * every hour and when a request cannot reach them. An account or a region that fails is asked again later; its clusters stay.
 *
 * @throws EKSAuthError INVALID_CONFIG
 * @example
 * ```ts
 * import { ClusterRegistry, eksClusters } from 'ekspress';
 *
 * await using registry = new ClusterRegistry();
 * const followed = registry.follow(eksClusters({ regions: ['us-east-1'], everyMs: 300_000 }));
 * await followed.ready;
 * console.log(registry.list().map(({ id }) => id));
 * ```
 */
export function eksClusters(options: EKSClustersOptions): ClusterSource {
  checkOptions('eksClusters', options, EKS_CLUSTERS_SCHEMA);
  const { regions, accounts = [{}], filter = () => true, everyMs = EVERY_MS, endpoints = [] } = options;
  if (!regions?.length) {
    throw new EKSAuthError('INVALID_CONFIG', 'eksClusters needs a region.', {
      remedy: "Pass { regions: ['us-east-1'] }.",
    });
  }
  for (const region of regions) requireRegion(region);
  for (const account of accounts) checkAssumedRole(account, account.roleArn);
  const scopes = accounts.map((account) => regions.map((region) => new EKSScope(account, region, endpoints)));
  return {
    async *lists(context) {
      for (const { signal } = context; !signal.aborted; ) {
        await atMost(ACCOUNTS_AT_ONCE, scopes, async (ofAccount) => {
          const named = await atMost(REQUESTS_PER_ACCOUNT, ofAccount, async (scope) => {
            const { region, account } = scope;
            const { roleArn } = account;
            const wanted = (name: string) => filter({ name, region, ...(roleArn !== undefined && { roleArn }) });
            const names = await scope.list(context, wanted, everyMs);
            return names.map((name) => ({ scope, name }));
          });
          await atMost(REQUESTS_PER_ACCOUNT, named.flat(), ({ scope, name }) => scope.describe(name, context));
        });
        if (signal.aborted) return;
        yield scopes.flat().flatMap((scope) => scope.present());
        const pause = Math.min(everyMs * (0.9 + Math.random() * 0.2), LONGEST_MS);
        await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
    async describe(id, context) {
      for (const scope of scopes.flat()) {
        const name = scope.nameOf(id);
        if (name !== undefined) return scope.describe(name, context);
      }
      return undefined;
    },
  };
}
