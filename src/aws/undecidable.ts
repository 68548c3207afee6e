/** Thrown where it is uncertain what the AWS CLI would do. The mint catches it. */
export class Undecidable extends Error {
  override readonly name = 'Undecidable';
  /** The file of a login that the original command may renew: no other of our processes runs one at the same time. */
  readonly session: string | undefined;

  constructor(message: string, session?: string) {
    super(message);
    this.session = session;
  }
}
