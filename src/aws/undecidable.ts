/** Thrown inside the planner where what the AWS CLI would do cannot be known for certain; caught by the mint. */
export class Undecidable extends Error {
  override readonly name = 'Undecidable';
}
