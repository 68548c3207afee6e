import { MintMemory } from '../../aws/context/mint-memory.ts';
import { askCallerIdentity } from '../../aws/mint/caller-identity.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { atMost } from './at-most.ts';
import type { ClusterDescription, SourceContext } from './cluster-source.ts';
import type { EKSAccount } from './eks-account.ts';
import { EKSScope } from './eks-scope.ts';

/** One search for clusters. */
export interface ClusterSearch {
  /** Accounts, each with its regions. */
  readonly accounts: readonly { readonly account: EKSAccount; readonly regions: readonly string[] }[];
  /** Default: all clusters. */
  readonly names?: ReadonlySet<string> | undefined;
  /** Host names, with all names below, that are endpoints of clusters besides those that EKS hands out. */
  readonly endpoints: readonly string[];
  readonly host: Host;
  readonly signal: AbortSignal;
  /** Called when a part is done. */
  readonly progress: (done: number, of: number, part: string) => void;
}

/** The clusters of an account in a region. */
export interface FoundScope {
  readonly account: EKSAccount;
  readonly region: string;
  readonly clusters: readonly ClusterDescription[];
  /** The list, or clusters of it, that could not be read. */
  readonly failures: readonly { readonly part: string; readonly error: EKSAuthError }[];
  /**
   * Returns those of the names whose clusters are gone: the list was read completely and does not have them, and EKS,
   * asked for each of them, says that it does not exist.
   * @param accountId - the account that the clusters were in. The answers of another account say nothing about them
   */
  gone(names: readonly string[], accountId: string): Promise<readonly string[]>;
}

const ACCOUNTS_AT_ONCE = 16;
const REQUESTS_PER_ACCOUNT = 4;

/** Finds the clusters of accounts and regions by ListClusters and DescribeCluster. A part that fails does not end the others. */
export async function findClusters(search: ClusterSearch): Promise<readonly FoundScope[]> {
  const { accounts, endpoints, host, signal, progress } = search;
  const memory = new MintMemory();
  let [done, of] = [0, accounts.reduce((sum, { regions }) => sum + regions.length, 0)];
  const step = (part: string) => progress(++done, of, part);
  const perAccount = await atMost(ACCOUNTS_AT_ONCE, accounts, async ({ account, regions }) => {
    const scopes = regions.map((region) => {
      const failures: { part: string; error: EKSAuthError }[] = [];
      const failed = (part: string, error: EKSAuthError): void => void failures.push({ part, error });
      const context: SourceContext = { signal, host, memory, failed, unread: () => undefined };
      return { scope: new EKSScope(account, region, endpoints), failures, context, names: new Set<string>() };
    });
    const named = await atMost(REQUESTS_PER_ACCOUNT, scopes, async (one) => {
      const wanted = (name: string) => search.names?.has(name) !== false;
      const names = await one.scope.list(one.context, wanted, 1);
      for (const name of names) one.names.add(name);
      of += names.length;
      step(one.scope.name);
      return names.map((name) => ({ ...one, name }));
    });
    await atMost(REQUESTS_PER_ACCOUNT, named.flat(), async ({ scope, name, context }) => {
      await scope.describe(name, context);
      step(`${scope.name} ${name}`);
    });
    signal.throwIfAborted();
    return scopes.map(
      ({ scope, failures, context, names }): FoundScope => ({
        account,
        region: scope.region,
        clusters: scope.present(),
        failures,
        async gone(missing, accountId) {
          const isMissing = (name: string) => !names.has(name) && search.names?.has(name) !== false;
          const absent = scope.listed ? missing.filter(isMissing) : [];
          if (absent.length === 0 || (await accountOf(scope, context)) !== accountId) return [];
          const answers = await atMost(REQUESTS_PER_ACCOUNT, absent, (name) => isGone(scope, name, context));
          return absent.filter((_, index) => answers[index]);
        },
      }),
    );
  });
  return perAccount.flat();
}

/** The account to which the credentials of a scope belong now. Undefined if it is not certain. */
async function accountOf(scope: EKSScope, { host, signal }: SourceContext): Promise<string | undefined> {
  const inARN = (arn: string | undefined) => arn?.split(':')[4];
  const known = inARN(scope.present()[0]?.id) ?? inARN(scope.account.roleArn);
  if (known !== undefined) return known;
  const cluster = 'none';
  try {
    const manager = new TokenManager(scope.config(cluster), { ...host, cache: false });
    const { token } = await manager.getToken({ signal });
    return (await askCallerIdentity({ token, cluster, env: host.env, now: host.now, signal })).identity?.account;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function isGone(scope: EKSScope, name: string, context: SourceContext): Promise<boolean> {
  let code: string | undefined;
  const failed = (_: string, error: EKSAuthError): void => {
    code = error.code;
  };
  await scope.describe(name, { ...context, failed });
  return code === 'CLUSTER_NOT_FOUND';
}
