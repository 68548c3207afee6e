import type { ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import type { ClusterDescription } from '../../cluster/discovery/cluster-source.ts';
import { nameContexts } from '../../cluster/discovery/context-names.ts';
import type { EKSAccount } from '../../cluster/discovery/eks-account.ts';
import type { FoundScope } from '../../cluster/discovery/find-clusters.ts';
import type { EntryChanges } from '../../kubeconfig/edit/edit-entries.ts';
import type { AppliedRecord, WrittenContext } from '../../kubeconfig/edit/edit-records.ts';
import type { ClusterEntry, KubeconfigFile } from '../../kubeconfig/read/kubeconfig-file.ts';
import type { Mapping } from '../../system/mapping.ts';
import type { LoadedContext, LoadedContexts } from '../contexts/load-contexts.ts';

const API_VERSION = 'client.authentication.k8s.io/v1beta1';

/** A cluster that was found, with the identity of its tokens. */
export interface FoundCluster extends EKSAccount {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly description: ClusterDescription;
}

/** A context and its cluster. */
export interface PlannedContext extends Omit<FoundCluster, 'description'> {
  readonly context: string;
}

/** The changes to write. */
export interface ContextPlan {
  readonly added: readonly PlannedContext[];
  /** Contexts whose cluster has a new address or certificate authority. */
  readonly updated: readonly PlannedContext[];
  readonly removed: readonly string[];
  /** Existing contexts of the same clusters and identities. */
  readonly kept: readonly PlannedContext[];
  readonly changes: EntryChanges;
  /** The users that are added, each with the stanza that the AWS CLI would write. */
  readonly users: ReadonlyMap<string, ExecStanza>;
  readonly record: (before: AppliedRecord) => AppliedRecord;
}

/** The input of the plan. */
export interface PlanFacts {
  readonly scopes: readonly FoundScope[];
  readonly loaded: LoadedContexts;
  /** The file that is written. */
  readonly target: string;
  readonly recorded: AppliedRecord;
  readonly prune: boolean;
  /** The context of another origin that has the same cluster and identity. */
  readonly findEqual: (found: FoundCluster, candidates: readonly LoadedContext[]) => Promise<LoadedContext | undefined>;
}

/** Decides which contexts are added, updated and removed. */
export async function planContexts(facts: PlanFacts): Promise<ContextPlan> {
  const { scopes, loaded, target, recorded, prune, findEqual } = facts;
  const written = new Map(Object.entries(recorded.written ?? {}));
  const file = loaded.kubeconfig.find(({ place }) => place === target);
  const clusters = { add: new Map<string, Mapping>(), replace: new Map<string, Mapping>(), remove: new Set<string>() };
  const removed = prune ? await goneContexts(scopes, written, file) : [];
  const [kept, updated, open]: [PlannedContext[], PlannedContext[], FoundCluster[]] = [[], [], []];
  const wanted = new Map<FoundCluster, string>();
  for (const found of foundIn(scopes)) {
    const [name, own] = [...written].find(([, one]) => isFor(one, found)) ?? [];
    const context = name === undefined ? undefined : file?.contexts.get(name);
    if (name !== undefined && own && context?.user === own.user) {
      const planned = plannedOf(found, name);
      const entry = file?.clusters.get(context.cluster);
      const stale = own.cluster === context.cluster && entry && !isAt(entry, found);
      if (stale) clusters.replace.set(entry.name, clusterEntry(entry.name, found));
      (stale ? updated : kept).push(planned);
      continue;
    }
    const candidates = loaded.contexts.filter(({ selected }) => selected && isAt(selected.cluster, found));
    const equal = await findEqual(found, candidates);
    if (equal) kept.push(plannedOf(found, equal.name));
    else {
      open.push(found);
      if (name !== undefined) wanted.set(found, name);
    }
  }
  const taken = new Set(
    loaded.kubeconfig.flatMap((one) => [...one.contexts.keys(), ...one.clusters.keys(), ...one.users.keys()]),
  );
  for (const [found, name] of wanted) if (taken.has(name)) wanted.delete(found);
  const isTaken = (name: string) => taken.has(name) || written.has(name);
  const fresh = nameContexts(
    open.filter((found) => !wanted.has(found)),
    isTaken,
  );
  const added = open.map((found) => ({ found, context: wanted.get(found) ?? fresh.get(found) ?? found.arn }));
  const notes = new Map<string, WrittenContext>();
  const contexts = { add: new Map<string, Mapping>(), replace: new Map<string, Mapping>(), remove: new Set(removed) };
  const users = { add: new Map<string, Mapping>(), replace: new Map<string, Mapping>(), remove: new Set<string>() };
  for (const { found, context } of added) {
    const cluster = clusterFor(found, context, { loaded, file, written, clusters });
    contexts.add.set(context, { context: { cluster: cluster.name, user: context }, name: context });
    users.add.set(context, { name: context, user: { exec: { apiVersion: API_VERSION, ...execOf(found) } } });
    const { arn, profile, roleArn } = found;
    const own = cluster.own ? { cluster: cluster.name } : {};
    notes.set(context, {
      arn,
      user: context,
      ...own,
      ...(profile !== undefined && { profile }),
      ...(roleArn !== undefined && { roleArn }),
    });
  }
  const left = loaded.kubeconfig
    .flatMap((one) => [...one.contexts.values()])
    .filter(({ name }) => !contexts.remove.has(name));
  const used = new Set([
    ...left.flatMap(({ cluster, user }) => [`c ${cluster}`, `u ${user}`]),
    ...[...contexts.add.values()].map(({ context }) => `c ${(context as Mapping).cluster}`),
  ]);
  for (const name of removed) {
    const { user = '', cluster = '' } = written.get(name) ?? {};
    if (file?.users.has(user) && !used.has(`u ${user}`)) users.remove.add(user);
    if (file?.clusters.has(cluster) && !used.has(`c ${cluster}`)) clusters.remove.add(cluster);
  }
  return {
    added: added.map(({ found, context }) => plannedOf(found, context)),
    updated,
    removed,
    kept,
    changes: { clusters, contexts, users },
    users: new Map(added.map(({ found, context }) => [context, execOf(found)])),
    record: (before) => recordOf(before, notes, { removed, users: users.remove }),
  };
}

function foundIn(scopes: readonly FoundScope[]): readonly FoundCluster[] {
  const found = new Map<string, FoundCluster>();
  for (const { account, clusters } of scopes) {
    for (const description of clusters) {
      const { profile, roleArn } = account;
      const [, , , region = '', accountId = '', resource = ''] = description.id.split(':');
      const name = resource.slice('cluster/'.length);
      const own = { ...(profile !== undefined && { profile }), ...(roleArn !== undefined && { roleArn }) };
      const key = JSON.stringify([description.id, profile, roleArn]);
      found.set(key, { arn: description.id, name, region, accountId, description, ...own });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.arn < b.arn ? -1 : 1));
}

/** The names of contexts that ekspress has written, that have not been changed since, and whose clusters are gone. */
async function goneContexts(
  scopes: readonly FoundScope[],
  written: ReadonlyMap<string, WrittenContext>,
  file: KubeconfigFile | undefined,
): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const { account, region, gone: ask } of scopes) {
    const own = [...written].filter(([context, { arn, profile, roleArn, user, gone: was }]) => {
      const here = profile === account.profile && roleArn === account.roleArn && arn.split(':')[3] === region;
      return here && !was && file?.contexts.get(context)?.user === user;
    });
    for (const accountId of new Set(own.map(([, { arn }]) => arn.split(':')[4] ?? ''))) {
      const names = own.filter(([, { arn }]) => arn.split(':')[4] === accountId);
      const absent = new Set(
        await ask(
          names.map(([, { arn }]) => nameIn(arn)),
          accountId,
        ),
      );
      gone.push(...names.flatMap(([context, { arn }]) => (absent.has(nameIn(arn)) ? [context] : [])));
    }
  }
  return gone;
}

interface Surroundings {
  readonly loaded: LoadedContexts;
  readonly file: KubeconfigFile | undefined;
  readonly written: ReadonlyMap<string, WrittenContext>;
  readonly clusters: EntryChanges['clusters'] & {
    readonly add: Map<string, Mapping>;
    readonly replace: Map<string, Mapping>;
  };
}

/**
 * The entry of the cluster: the entry with its ARN, if it has the cluster's address, else a new one.
 * @returns the name of the entry, and whether ekspress has written it
 */
function clusterFor(found: FoundCluster, context: string, { loaded, file, written, clusters }: Surroundings) {
  const { arn } = found;
  const mine = [...written.values()].some(({ cluster }) => cluster === arn);
  const there = loaded.kubeconfig.find((one) => one.clusters.has(arn))?.clusters.get(arn);
  if (there && isAt(there, found)) return { name: arn, own: mine && file?.clusters.has(arn) === true };
  if (there && mine && file?.clusters.has(arn)) {
    clusters.replace.set(arn, clusterEntry(arn, found));
    return { name: arn, own: true };
  }
  const name = there === undefined ? arn : context;
  clusters.add.set(name, clusterEntry(name, found));
  return { name, own: true };
}

function clusterEntry(name: string, { description }: FoundCluster): Mapping {
  const { server, certificateAuthorityData } = description;
  return { cluster: { 'certificate-authority-data': certificateAuthorityData, server }, name };
}

/** The stanza that `aws eks update-kubeconfig` would write. */
export function execOf({ description, region, profile, roleArn }: FoundCluster): ExecStanza {
  const own = { ...(profile !== undefined && { profile }), ...(roleArn !== undefined && { roleArn }) };
  return stanzaForCluster({ ...description.cluster, region, ...own });
}

function recordOf(
  before: AppliedRecord,
  notes: ReadonlyMap<string, WrittenContext>,
  { removed, users }: { readonly removed: readonly string[]; readonly users: ReadonlySet<string> },
): AppliedRecord {
  const at = new Date().toISOString();
  const applied = [...notes.values()].map(({ user }) => [user, { at, command: 'aws' }] as const);
  const left = Object.entries(before.users).filter(([name]) => !users.has(name));
  const ended = removed.flatMap((name) => {
    const known = before.written?.[name];
    return known ? [[name, { ...known, gone: true }] as const] : [];
  });
  return {
    ...before,
    users: { ...Object.fromEntries(left), ...Object.fromEntries(applied) },
    written: { ...before.written, ...Object.fromEntries(ended), ...Object.fromEntries(notes) },
  };
}

function isFor({ arn, profile, roleArn }: WrittenContext, found: FoundCluster): boolean {
  return arn === found.arn && profile === found.profile && roleArn === found.roleArn;
}

function isAt({ server, caData, caFile, skipTLSVerify }: ClusterEntry, { description }: FoundCluster): boolean {
  const { certificateAuthorityData } = description;
  return server === description.server && caData === certificateAuthorityData && caFile === undefined && !skipTLSVerify;
}

function plannedOf({ description: _, ...found }: FoundCluster, context: string): PlannedContext {
  return { ...found, context };
}

function nameIn(arn: string): string {
  return arn.slice(arn.indexOf('/') + 1);
}
