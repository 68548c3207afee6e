import type { Environment } from '../host.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { ClientNode } from './client-node.ts';
import type { EKSIdentity } from './eks-identity.ts';

/** What a cluster is made of. */
export interface ClusterParts {
  readonly id: string;
  readonly selected: SelectedContext;
  readonly clientNode: ClientNode;
  /** Where proxies are looked up. */
  readonly env: Environment;
  /** Told of each failure of an informer. */
  readonly onWatchFailed: (error: unknown, retryInMs: number | undefined) => void;
  /** Told of each request whose token was refused. */
  readonly onRefused: (healed: boolean) => void;
  /** Absent for users of other kinds, who keep their standard authentication. */
  readonly eks: EKSIdentity | undefined;
}

/** Where changes of a cluster come from. None of it rejects. */
export interface ChangingSource {
  /** Looks for changes, if nobody has done so for a while. */
  refresh(): Promise<void>;
  /** Looks for changes now, and waits for those that are under way. */
  catchUp(): Promise<void>;
  /** Looks no more. */
  leave(): void;
}
