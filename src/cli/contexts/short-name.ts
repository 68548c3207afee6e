import { clusterInARN } from './describe-context.ts';
import type { LoadedContext } from './load-contexts.ts';
import { clusterNames } from './pick-contexts.ts';

/** The name of a context for one line of a prompt: that of its cluster where the context is called by an ARN and only it has that cluster. */
export function shortName(context: LoadedContext, all: readonly LoadedContext[]): string {
  const { eksCluster } = clusterInARN(context.name);
  if (eksCluster === undefined) return context.name;
  const others = all.filter((one) => one !== context);
  const isTaken = others.some((one) => one.name === eksCluster || clusterNames(one).includes(eksCluster));
  return isTaken ? context.name : eksCluster;
}
