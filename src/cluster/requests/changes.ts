/** The changes of a cluster's kubeconfig while its clients are in use. */
export interface Changes {
  /** The number of changes so far. */
  count(): number;
  /** Checks the kubeconfig for a new change. @returns whether there was a change since that count */
  since(count: number): Promise<boolean>;
}
