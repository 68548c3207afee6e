import { Sentence } from '../text/sentence.ts';

/** Thrown where it is uncertain what the AWS CLI would do. The mint catches it. */
export class Undecidable extends Error {
  override readonly name = 'Undecidable';
  /** The file of a login that the original command may renew: no other of our processes runs one at the same time. */
  readonly session: string | undefined;

  /** The message, with the names of others kept apart. */
  readonly words: Sentence | undefined;

  /** @param reason as a text, it may hold words of others */
  constructor(reason: string | Sentence, session?: string) {
    super(String(reason));
    this.words = reason instanceof Sentence ? reason : undefined;
    this.session = session;
  }
}
