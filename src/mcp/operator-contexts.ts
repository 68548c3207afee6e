import type { EKSAuthConfig } from '../aws/stanza/eks-auth-config.ts';
import { readEKSUser } from '../aws/stanza/eks-user.ts';
import { EKSAuthError } from '../errors.ts';
import type { Host } from '../host.ts';
import { parseKubeconfig } from '../kubeconfig/read/parse-kubeconfig.ts';
import { contextNames, type SelectedContext, selectContext } from '../kubeconfig/read/select-context.ts';
import { isPlainName } from '../text/foreign-text.ts';
import { suggestNames } from '../text/nearest-names.ts';
import { own, sentence } from '../text/sentence.ts';
import { readOpenFile } from './operator-files.ts';

/** An EKS context in a kubeconfig of the operator. */
export interface OperatorContext {
  readonly selected: SelectedContext;
  readonly config: EKSAuthConfig;
  /** The text of its file. */
  readonly text: string;
}

/** The EKS contexts in the operator's own files. Of contexts with the same name, the first one counts. */
export async function operatorContexts(files: readonly string[], host: Host): Promise<readonly OperatorContext[]> {
  const found = new Map<string, OperatorContext>();
  for (const path of files) {
    try {
      const text = await readOpenFile(path, { roots: [], files }, host.env);
      const kubeconfig = parseKubeconfig(text, { place: 'the kubeconfig' });
      for (const name of contextNames([kubeconfig])) {
        if (found.has(name) || !isPlainName(name)) continue;
        const context = contextIn(kubeconfig, name);
        if (context) found.set(name, { ...context, text });
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
): Omit<OperatorContext, 'text'> | undefined {
  try {
    const selected = selectContext([kubeconfig], name);
    const config = readEKSUser(selected);
    return config && { selected, config };
  } catch (error) {
    if (error instanceof EKSAuthError) return undefined;
    throw error;
  }
}

/**
 * The context with this name, or the only one of the cluster with this name.
 * @throws EKSAuthError INVALID_KUBECONFIG that lists what there is
 */
export function chooseContext(contexts: readonly OperatorContext[], wanted: string): OperatorContext {
  const named = contexts.find(({ selected }) => selected.context.name === wanted);
  const [only, ...others] = contexts.filter(({ config }) => config.clusterName === wanted);
  const found = named ?? (others.length === 0 ? only : undefined);
  if (found) return found;
  const names = contexts.map(({ selected }) => selected.context.name);
  throw new EKSAuthError(
    'INVALID_KUBECONFIG',
    sentence`The operator has opened no context ${wanted}.${suggestNames(wanted, names)}`,
    { remedy: own('Pass a context that list_eks_clusters shows as available, or a kubeconfig.') },
  );
}
