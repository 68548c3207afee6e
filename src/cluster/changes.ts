/** How clients keep up with a kubeconfig that changes while they are in use. */
export interface Changes {
  /** How many there have been. */
  count(): number;
  /** Looks whether there is one that has not been noticed yet. @returns whether there was one since that count */
  since(count: number): Promise<boolean>;
}
