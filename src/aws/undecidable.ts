/** Thrown inside the planner where what the AWS CLI would do cannot be known for certain; caught by the mint. */
export class Undecidable extends Error {
  override readonly name = 'Undecidable';
  /** The file of a login that the original command may renew: no other of our processes runs one at the same time. */
  readonly session: string | undefined;

  constructor(message: string, session?: string) {
    super(message);
    this.session = session;
  }
}
