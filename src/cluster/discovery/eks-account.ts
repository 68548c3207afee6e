/** An account whose clusters are searched for, with the identity that finds them and makes their tokens. */
export interface EKSAccount {
  /** Role of the account. Default: none, the account of the credentials. */
  readonly roleArn?: string | undefined;
  /** The external id that the role requires. Tokens of its clusters then stay in memory. */
  readonly externalId?: string | undefined;
  /** Profile in the AWS files. Default: as the AWS CLI decides. */
  readonly profile?: string | undefined;
}
