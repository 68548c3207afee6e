/** The parts of a context's name. */
export interface NameableCluster {
  /** Name of the cluster. */
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly profile?: string | undefined;
  readonly roleArn?: string | undefined;
}

/**
 * Short names for contexts: the name of the cluster. If clusters share a name, the parts that differ follow it,
 * separated by dots: the region, the profile or account, the role.
 * @param isTaken - whether a name is in use, or has been used for another cluster
 */
export function nameContexts<Cluster extends NameableCluster>(
  clusters: readonly Cluster[],
  isTaken: (name: string) => boolean,
): ReadonlyMap<Cluster, string> {
  const names = new Map<Cluster, string>();
  const used = new Set<string>();
  const isFree = (name: string) => !isTaken(name) && !used.has(name);
  for (const name of new Set(clusters.map((cluster) => cluster.name))) {
    const group = clusters.filter((cluster) => cluster.name === name);
    const first = FORMS.findIndex((form) => new Set(group.map(form)).size === group.length);
    const forms = FORMS.slice(first === -1 ? FORMS.length - 1 : first);
    for (const cluster of group) {
      const candidates = forms.map((form) => form(cluster));
      const longest = candidates.at(-1) ?? name;
      let chosen = candidates.find(isFree);
      for (let number = 2; chosen === undefined; number += 1) {
        if (isFree(`${longest}-${number}`)) chosen = `${longest}-${number}`;
      }
      used.add(chosen);
      names.set(cluster, chosen);
    }
  }
  return names;
}

/** The forms of a name, the shortest first. */
const FORMS: readonly ((cluster: NameableCluster) => string)[] = [
  ({ name }) => name,
  ({ name, region }) => joined(name, region),
  (cluster) => joined(cluster.name, ownerOf(cluster)),
  (cluster) => joined(cluster.name, cluster.region, ownerOf(cluster)),
  ({ name, region, accountId, profile = '', roleArn = '' }) =>
    joined(name, region, accountId, profile, roleOf(roleArn)),
];

function ownerOf({ profile, roleArn, accountId }: NameableCluster): string {
  return roleArn === undefined && profile !== undefined ? profile : accountId;
}

function roleOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The parts joined by dots, with only characters that have no special meaning in shells and tools. */
function joined(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => part.replace(/[^A-Za-z0-9_.-]+/g, '-'))
    .join('.');
}
