import { readEKSUser } from '../../aws/stanza/eks-user.ts';
import { EKSAuthError } from '../../errors.ts';
import { suggestNames } from '../../text/nearest-names.ts';
import { shellOption } from '../../text/shell-word.ts';
import { clusterInARN } from './describe-context.ts';
import type { LoadedContext, LoadedContexts } from './load-contexts.ts';

/**
 * The contexts with these names. The name of a cluster also names its context, if no other context is for that cluster.
 * @throws EKSAuthError INVALID_KUBECONFIG for a name that does not exist, with similar names
 */
export function pickContexts({ contexts, files }: LoadedContexts, names: readonly string[]): readonly LoadedContext[] {
  const picked = names.map((name) => {
    const found = contexts.find((context) => context.name === name);
    if (found) return found;
    const [only, ...others] = contexts.filter((context) => clusterNames(context).includes(name));
    if (only && others.length === 0) return only;
    throw only ? ambiguous(name, [only, ...others]) : unknown(name, contexts, files);
  });
  return [...new Set(picked)];
}

/** The contexts with these names, or the current one. @throws EKSAuthError INVALID_KUBECONFIG */
export function pickOrCurrent(loaded: LoadedContexts, names: readonly string[]): readonly LoadedContext[] {
  if (names.length > 0) return pickContexts(loaded, names);
  const current = loaded.contexts.filter((context) => context.current);
  if (current.length > 0) return current;
  throw new EKSAuthError('INVALID_KUBECONFIG', `There is no current context in ${loaded.files.join(', ')}.`, {
    remedy: 'Name a context, or choose one: `kubectl config use-context NAME`. `ekspress status` lists them.',
  });
}

/** The names that a person may give the cluster of a context: in its command, or in the ARN that names the cluster. */
export function clusterNames({ selected }: LoadedContext): readonly string[] {
  if (selected === undefined) return [];
  return [clusterInARN(selected.cluster.name).eksCluster, nameInCommand(selected), selected.cluster.name].filter(
    (name) => name !== undefined,
  );
}

function nameInCommand(selected: NonNullable<LoadedContext['selected']>): string | undefined {
  try {
    return readEKSUser(selected)?.clusterName;
  } catch {
    // A malformed command names no cluster. What uses the context explains it.
    return undefined;
  }
}

function ambiguous(name: string, contexts: readonly LoadedContext[]): EKSAuthError {
  const all = contexts.map((context) => JSON.stringify(context.name)).join(', ');
  const message = `${contexts.length} contexts are for the cluster ${JSON.stringify(name)}: ${all}.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, {
    remedy: `Name one of these contexts, for example \`${shellOption('--context', contexts[0]?.name ?? 'NAME')}\`.`,
  });
}

function unknown(name: string, contexts: readonly LoadedContext[], files: readonly string[]): EKSAuthError {
  const known = contexts.map((context) => context.name);
  const message = `There is no context ${JSON.stringify(name)} in ${files.join(', ')}.${suggestNames(name, known)}`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy: 'Run `ekspress status` to see them all.' });
}
