import type { Random } from '../support/random.ts';

/** One kind of attack. `hold` makes a variant, tries it, and says whether it was held. */
export interface Attack {
  readonly kind: string;
  readonly hold: (random: Random, place: Place) => boolean | Promise<boolean>;
}

/** What the attacks of one run share. */
export interface Place {
  /** An empty folder, the HOME of the attacks. */
  readonly home: string;
  /** The code with which a string of a kubeconfig is refused; undefined where it is accepted. */
  readonly codeOf: (text: string) => Promise<string | undefined>;
  /** All that the error of a string says to a person; empty where it is accepted. */
  readonly wordsOf: (text: string) => Promise<string>;
}
