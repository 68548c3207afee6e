/**
 * Thrown where another machine of the fleet can make the token without a call to AWS, and the token that is held lives
 * long enough to look for that one later. The token manager catches it.
 */
export class LeftToOthers extends Error {
  override readonly name = 'LeftToOthers';
}
