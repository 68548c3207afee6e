import { type EKSAuthConfig, isSameConfig } from '../aws/stanza/eks-auth-config.ts';
import { readEKSUser } from '../aws/stanza/eks-user.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { EKSAuthError } from '../errors.ts';
import type { Host } from '../host.ts';
import { parseKubeconfig } from '../kubeconfig/read/parse-kubeconfig.ts';
import { contextNames, type SelectedContext, selectContext } from '../kubeconfig/read/select-context.ts';
import { isPlainName } from '../text/foreign-text.ts';
import { suggestNames } from '../text/nearest-names.ts';
import { joined, own, type Sentence, sentence } from '../text/sentence.ts';
import { readOpenFile } from './operator-files.ts';

/** An EKS context in a kubeconfig of the operator. */
export interface OperatorContext {
  readonly selected: SelectedContext;
  readonly config: EKSAuthConfig;
  /** The text of its file. */
  readonly text: string;
  /** Whether it is the current-context of the first file that has one, as for kubectl. */
  readonly isCurrent: boolean;
}

/** How many contexts of one cluster a message names. */
const MOST_NAMED = 10;

/** The EKS contexts in the operator's own files. Of contexts with the same name, the first one counts. */
export async function operatorContexts(files: readonly string[], host: Host): Promise<readonly OperatorContext[]> {
  const found = new Map<string, OperatorContext>();
  let current: string | undefined;
  for (const path of files) {
    try {
      const text = await readOpenFile(path, { roots: [], files }, host.env);
      const kubeconfig = parseKubeconfig(text, { place: 'the kubeconfig' });
      current ??= kubeconfig.currentContext;
      for (const name of contextNames([kubeconfig])) {
        if (found.has(name) || !isPlainName(name)) continue;
        const context = contextIn(kubeconfig, name);
        if (context) found.set(name, { ...context, text, isCurrent: name === current });
      }
    } catch (error) {
      // Logged for the operator. A model could not correct it and must not see the path.
      const code = error instanceof EKSAuthError ? error.code : 'INTERNAL';
      host.logger.warn('mcp: a trusted kubeconfig cannot be read', { path, code });
    }
  }
  return [...found.values()];
}

function contextIn(
  kubeconfig: ReturnType<typeof parseKubeconfig>,
  name: string,
): Omit<OperatorContext, 'text' | 'isCurrent'> | undefined {
  try {
    const selected = selectContext([kubeconfig], name);
    const config = readEKSUser(selected);
    return config && { selected, config };
  } catch (error) {
    if (error instanceof EKSAuthError) return undefined;
    throw error;
  }
}

/** Whether a registered cluster is the one of a context. */
export function isOfContext({ context, eksAuth }: Cluster, { selected, config }: OperatorContext): boolean {
  return context === selected.context.name && eksAuth !== undefined && isSameConfig(eksAuth, config);
}

/**
 * The context with this name, or the only one of the cluster with this name. Without a name: the current-context.
 * @throws EKSAuthError INVALID_KUBECONFIG that lists what there is
 */
export function chooseContext(contexts: readonly OperatorContext[], wanted: string | undefined): OperatorContext {
  const ofCluster = contexts.filter(({ config }) => config.clusterName === wanted);
  const named = contexts.find((one) => (wanted === undefined ? one.isCurrent : one.selected.context.name === wanted));
  const found = named ?? (ofCluster.length === 1 ? ofCluster[0] : undefined);
  if (found) return found;
  throw new EKSAuthError('INVALID_KUBECONFIG', whyNone(contexts, wanted), {
    remedy: own(
      contexts.length === 0
        ? 'Pass the text of a kubeconfig.'
        : 'Pass a context that list_eks_clusters shows as available, or a kubeconfig.',
    ),
  });
}

function whyNone(contexts: readonly OperatorContext[], wanted: string | undefined): Sentence {
  const names = contexts.map(({ selected }) => selected.context.name);
  if (names.length === 0) return own('The operator has opened no kubeconfig with an EKS context.');
  if (wanted === undefined) {
    const none = own('No context was named, and the current-context of the operator is not for EKS or not set.');
    return sentence`${none}${suggestNames('', names)}`;
  }
  const ofCluster = contexts.filter(({ config }) => config.clusterName === wanted);
  if (ofCluster.length > 1) {
    const all = ofCluster.slice(0, MOST_NAMED).map(({ selected }) => sentence`${selected.context.name}`);
    return sentence`${ofCluster.length} contexts have the cluster ${wanted}: ${joined(all, ', ')}.`;
  }
  return sentence`The operator has opened no context ${wanted}.${suggestNames(wanted, names)}`;
}
