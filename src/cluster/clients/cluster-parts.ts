import type { Environment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import type { Refusal } from '../requests/cluster-auth.ts';
import type { RequestIdentity } from '../requests/request-identity.ts';
import type { Limits } from '../transport/limits.ts';
import type { RequestSettings } from '../transport/settings.ts';
import type { ClientNode } from './client-node.ts';

/** The constructor options of a cluster. */
export interface ClusterParts {
  readonly id: string;
  readonly selected: SelectedContext;
  readonly clientNode: ClientNode;
  /** The environment with the proxy variables. */
  readonly env: Environment;
  readonly limits: Limits;
  readonly settings: RequestSettings;
  /** Called for each failure of an informer. */
  readonly onWatchFailed: (error: unknown, retryInMs: number) => void;
  /** Called for each request whose token was refused. */
  readonly onRefused: (refusal: Refusal) => void;
  /** Undefined where the user has no command and keeps its standard authentication. */
  readonly identity: RequestIdentity | undefined;
}

/** The source of a cluster's changes. Its promises never reject. */
export interface ChangingSource {
  /** Checks for changes, unless there was a check a moment ago. */
  refresh(): Promise<void>;
  /** Checks for changes now, and waits for a change in progress. */
  catchUp(): Promise<void>;
  /** Stops checking. */
  leave(): void;
}
