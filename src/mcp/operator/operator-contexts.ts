import { type EKSAuthConfig, isSameConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { Cluster } from '../../cluster/clients/cluster.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { suggestNames } from '../../text/nearest-names.ts';
import { joined, own, type Sentence, sentence } from '../../text/sentence.ts';
import { refusal } from '../refusal.ts';
import { type LeftOut, leftOutInWords } from './left-out.ts';

/** An EKS context in a kubeconfig of the operator. */
export interface EKSContext {
  readonly selected: SelectedContext;
  readonly config: EKSAuthConfig;
  /** Relative paths in the file start from this folder. */
  readonly directory: string;
  /** It asks for what this server does not do, so it is not listed. Its server is trusted all the same. */
  readonly isRefused: boolean;
  /** A kubeconfig with this context alone. */
  text(): string;
}

/** A context that a model may name. */
export interface OperatorContext extends EKSContext {
  /** Whether it is the current-context of the first file that has one, as for kubectl. */
  readonly isCurrent: boolean;
}

/** How many contexts of one cluster a message names. */
const MOST_NAMED = 10;

/** Whether a registered cluster is the one of a context. */
export function isOfContext({ context, eksAuth }: Cluster, { selected, config }: EKSContext): boolean {
  return context === selected.context.name && eksAuth !== undefined && isSameConfig(eksAuth, config);
}

/** The part of a context by which a model may name it. */
type NamedContext = Pick<EKSContext, 'selected' | 'config'>;

/** The only context of the cluster with this name. */
export function onlyOfCluster<T extends NamedContext>(
  contexts: readonly T[],
  cluster: string | undefined,
): T | undefined {
  const found = contexts.filter(({ config }) => config.clusterName === cluster);
  return cluster !== undefined && found.length === 1 ? found[0] : undefined;
}

/** The sentence that names the contexts of a cluster, if it has several. */
export function severalOfCluster(contexts: readonly NamedContext[], cluster: string): Sentence | undefined {
  const found = contexts.filter(({ config }) => config.clusterName === cluster);
  if (found.length < 2) return undefined;
  const names = found.slice(0, MOST_NAMED).map(({ selected }) => sentence`${selected.context.name}`);
  return sentence`${found.length} contexts have the cluster ${cluster}: ${joined(names, ', ')}.`;
}

/** What the operator has opened. */
interface Opened {
  readonly contexts: readonly OperatorContext[];
  /** Contexts whose names a model may not see. It may name their clusters. */
  readonly oddlyNamed: readonly OperatorContext[];
  readonly leftOut: LeftOut;
}

/**
 * The context with this name, or the only one of the cluster with this name. Without a name: the current-context.
 * @throws EKSAuthError INVALID_KUBECONFIG that lists what there is
 */
export function chooseContext({ contexts, oddlyNamed, leftOut }: Opened, wanted: string | undefined): OperatorContext {
  const named = contexts.find((one) => (wanted === undefined ? one.isCurrent : one.selected.context.name === wanted));
  const found = named ?? onlyOfCluster(contexts, wanted);
  if (found) return found;
  const isShown = contexts.some(({ config }) => config.clusterName === wanted);
  const odd = isShown ? undefined : onlyOfCluster(oddlyNamed, wanted);
  if (odd) return odd;
  throw contexts.length === 0 ? nothingOpened(leftOut) : unknownContext(contexts, wanted);
}

function nothingOpened(leftOut: LeftOut): EKSAuthError {
  const reasons = leftOutInWords(leftOut);
  const none = 'The operator has opened no kubeconfig with an EKS context that can be used.';
  const message = [own(none), ...reasons.map((one) => own(one.message))];
  const remedy = [
    own('Pass the text of a kubeconfig.'),
    ...(reasons.length === 0
      ? [own('Or ask the operator to start this server with --trust-kubeconfig and their own kubeconfig.')]
      : reasons.map((one) => own(one.remedy))),
  ];
  return refusal('INVALID_KUBECONFIG', joined(message, ' '), joined(remedy, ' '));
}

function unknownContext(contexts: readonly OperatorContext[], wanted: string | undefined): EKSAuthError {
  const remedy = own('Pass a context that list_eks_clusters shows as available, or a kubeconfig.');
  return refusal('INVALID_KUBECONFIG', whyUnknown(contexts, wanted), remedy);
}

function whyUnknown(contexts: readonly OperatorContext[], wanted: string | undefined): Sentence {
  const names = contexts.map(({ selected }) => selected.context.name);
  if (wanted === undefined) {
    const none = own('No context was named, and the current-context of the operator is not for EKS or not set.');
    return sentence`${none}${suggestNames('', names)}`;
  }
  return (
    severalOfCluster(contexts, wanted) ??
    sentence`The operator has opened no context ${wanted}.${suggestNames(wanted, names)}`
  );
}
