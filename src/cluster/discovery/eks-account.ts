/** An account whose clusters are looked for, by the identity that finds them and that their tokens are made with. */
export interface EKSAccount {
  /** Role of the account. Default: none, the account of the credentials. */
  readonly roleArn?: string;
  /** The external id that the role wants. Tokens of its clusters then stay in memory. */
  readonly externalId?: string;
  /** Profile in the AWS files. Default: as the AWS CLI decides. */
  readonly profile?: string;
}
